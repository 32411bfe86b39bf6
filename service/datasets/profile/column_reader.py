"""How a training would read a column, found in the block in which the column appears first."""

from __future__ import annotations

from typing import Any

from models.coded_warnings import CodedWarning
from models.data.columns import Column
from models.data.reading.options import ReadingOptions
from models.data.reading.table import find_column, is_notable, read_values
from models.errors import BadColumn
from models.specification import ColumnOverride
from service.datasets.formats.blocks import Block, Reading
from service.datasets.formats.column_builder import ColumnBuilder


class ColumnReader:
    """`reading` is None where values are as plain as they seem, or fit no type; `warnings` are those of a training."""

    def __init__(self, name: str, block: Block, file: Reading) -> None:
        self._name, self._text_cells = name, file.text_cells
        self.reading: ColumnOverride | None = None
        self.warnings: tuple[CodedWarning, ...] = ()
        options = ReadingOptions(comma_is_decimal=file.comma_is_decimal, index_columns=tuple(block.index_columns))
        try:
            column = find_column(name, self._cells(block.columns[name]), options)
        except BadColumn:
            return
        self.warnings = column.warnings
        self.reading = column.reading if is_notable(column) else None

    def read(self, values: Any) -> Column | None:
        """A block's values as the training has them; None where there is no reading, or they do not fit it."""
        if self.reading is None:
            return None
        try:
            return read_values(self._name, self._cells(values), self.reading)
        except BadColumn:
            return None

    def _cells(self, values: Any) -> Any:
        builder = ColumnBuilder(self._text_cells)
        builder.add(values)
        return builder.cells()
