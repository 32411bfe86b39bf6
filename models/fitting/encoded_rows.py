"""Training or held-out rows, as a network reads them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import Array
from models.data.columns import Column, Table, take_rows
from models.errors import BadColumn
from models.evaluation.evaluate import read_labels
from models.preparation.prepare import Prepared


@dataclass(frozen=True, slots=True, eq=False)
class EncodedRows:
    """Rows as the network reads them: inputs, targets of the loss, label columns, weights."""

    inputs: Array
    targets: Array
    labels: Sequence[Column]
    weight: Array | None


def encode_held_out(prepared: Prepared) -> EncodedRows | None:
    """The rows of the validation table, else the validation rows of the split; None where there are none."""
    if prepared.validation_table is not None:
        return encode_rows(prepared, prepared.validation_table, None)
    rows = prepared.split.validation
    return encode_rows(prepared, take_rows(prepared.table, rows), rows) if rows.size else None


def encode_rows(prepared: Prepared, table: Table, rows: Array | None) -> EncodedRows:
    """Encode rows with the preprocessing and the target that were fitted to the training rows."""
    labels = read_labels(prepared.target, table)
    weight = None if prepared.sample_weight is None or rows is None else prepared.sample_weight[rows]
    inputs, targets = prepared.preprocessing.transform(table), prepared.target.encode(labels)
    require_room(prepared, inputs, targets, rows)
    return EncodedRows(inputs, targets, labels, weight)


def require_room(prepared: Prepared, inputs: Array, targets: Array, rows: Array | None) -> None:
    """Raises BadColumn where an encoded number is so large that its square does not fit the network's dtype."""
    largest = np.sqrt(np.finfo(prepared.recipe.network.dtype).max) / 1e3
    widths = prepared.preprocessing.widths
    names = np.repeat(np.array(prepared.recipe.features, dtype=object), widths).tolist()
    for values, owners in ((inputs, names), (targets, prepared.recipe.labels)):
        for row, column in np.argwhere(~(np.abs(values) < largest))[:1]:
            name, place = owners[min(column, len(owners) - 1)], int(row if rows is None else rows[row])
            message = f"{name!r} is too large for the network in row {place}; let it be scaled, or leave such rows out"
            raise BadColumn(name, [place], message)
