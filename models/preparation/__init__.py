"""A table and a recipe, checked against each other and filled in: everything that is decided before training.

No network lives here. Start with `prepare.py`, then `defaults.py`.
"""
