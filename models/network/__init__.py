"""A network and its forward pass: layers, activations and initial weights, from x to y.

Nothing here trains or knows a table. Start with `network.py`, then `layers/dense.py`.
"""
