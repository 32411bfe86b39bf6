"""Columns to the matrix that a network reads, fitted on the training rows only: one kind of column a file.

No network and no label lives here. Start with `preprocessing.py`, which holds one encoder for each feature;
every encoder has `learn(column)` and `encode(values)`, with the same meaning.
"""

from models.data.features.preprocessing import Preprocessing

__all__ = ["Preprocessing"]
