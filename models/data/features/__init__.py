"""Columns to the matrix that a network reads, fitted on the training rows only: one kind of column a file.

No network and no label lives here. Start with `preprocessing.py`, which holds one encoder for each feature;
`encoder.py` is what all encoders share.
"""

from models.data.features.preprocessing import Preprocessing

__all__ = ["Preprocessing"]
