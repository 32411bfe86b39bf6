"""Many networks of one shape trained at once, along a leading axis of every array.

Each network ends with the weights of a training by itself. Start with `training.py`, then `backpropagation.py`.
"""
