"""Many networks of one shape trained at once, along a leading axis of every array.

Each network ends with the weights that it would have alone. Start with `training.py`, then `backpropagation.py`.
"""
