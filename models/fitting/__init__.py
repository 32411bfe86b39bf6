"""A prepared table to a fitted network: one training, cross-validation, or a search over many settings.

The update rules are in `models.training`. Start with `fit.py`, then `single.py`.
"""
