"""How the rows of a training were split, so that the split can be made again and checked."""

import hashlib
from dataclasses import asdict
from typing import Any

import numpy as np

from models.data.columns import n_rows
from models.preparation.defaults import seed_of
from models.preparation.prepare import Prepared


def split_record(prepared: Prepared) -> dict[str, Any]:
    """The method of the split, its numbers of rows, and a digest of which rows validate.

    The digest is SHA-256 of one little-endian uint16 for each row that has a label, in the order of the data: 0 where
    it trains, 1 where it validates; with folds the number of the fold that it validates, from 1.
    """
    fold_of_row = np.zeros(n_rows(prepared.table), dtype="<u2")
    for number, split in enumerate(prepared.folds or [prepared.split], start=1):
        fold_of_row[split.validation] = number
    return _method(prepared) | {
        "seed": seed_of(prepared.recipe),
        "training_rows": int(prepared.split.training.size),
        "validation_rows": _validation_rows(prepared),
        "sha256": hashlib.sha256(fold_of_row.tobytes()).hexdigest(),
    }


def _method(prepared: Prepared) -> dict[str, Any]:
    """The method of the split with its settings, or the dataset that validates."""
    validation = prepared.recipe.validation
    if validation.dataset is not None:
        return {"method": "dataset", "dataset": validation.dataset}
    fields = {name: value for name, value in asdict(validation).items() if value is not None}
    if validation.folds is not None:
        del fields["fraction"]
    elif validation.fraction == 0:
        return {"method": "none", "fraction": 0.0}
    return fields


def _validation_rows(prepared: Prepared) -> int:
    if prepared.validation_table is not None:
        return n_rows(prepared.validation_table)
    return sum(split.validation.size for split in prepared.folds) or int(prepared.split.validation.size)
