"""From a network to a trained one: the loop, its schedules, early stopping and checkpoints. Arrays in, weights out.

No table and no column lives here. Start with `loop.py`, then `stochastic_epoch.py` and `backpropagation.py`.
"""
