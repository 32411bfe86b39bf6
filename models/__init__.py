"""Small neural networks on NumPy alone: no web, no database, nothing that knows of jobs or versions.

Start with `network.py` (layers and the forward pass), then `training.py` (the loop), then `fitting.py` (columns in).
"""
