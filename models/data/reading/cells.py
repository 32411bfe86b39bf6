"""Cells of text, each different text once: a column of a million cells has few texts, or is of plain numbers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Array

# What is missing in every column, unless its own `missing_values` are given.
MISSING_TEXTS = frozenset({"", "NA", "NaN", "nan", "null"})


@dataclass(frozen=True, slots=True, eq=False)
class TextCells:
    """`texts` are the different ones; `places` of shape (n_rows,) say which one each cell is, −1 for none."""

    texts: Sequence[str]
    places: NDArray[np.int64]

    @classmethod
    def of(cls, cells: Iterable[str | None]) -> "TextCells":
        """The cells of any sequence, None for missing ones."""
        place_of: dict[str, int] = {}
        places = [-1 if cell is None else place_of.setdefault(cell, len(place_of)) for cell in cells]
        return cls(list(place_of), np.array(places, dtype=np.int64))

    def without(self, missing: Iterable[str]) -> "TextCells":
        """The cells with those missing whose text is one of these, spaces around it apart."""
        tokens = frozenset(missing)
        kept = np.array([text.strip() not in tokens for text in self.texts] + [False], dtype=bool)
        places_after = np.where(kept, np.cumsum(kept) - 1, -1)
        return TextCells(
            [text for text, keep in zip(self.texts, kept[:-1], strict=True) if keep], places_after[self.places]
        )

    def counts(self) -> NDArray[np.int64]:
        """How many cells have each text, of shape (n_texts,)."""
        return np.bincount(self.places[self.places >= 0], minlength=len(self.texts))

    def spread(self, values: Array, missing: object) -> Array:
        """A value for each cell: that of its text, or the mark for missing ones, of shape (n_rows,)."""
        of_place = np.append(values, np.array([missing], dtype=values.dtype))
        return of_place[self.places]

    def as_texts(self) -> Array:
        """The text of each cell as an object, None for missing ones, of shape (n_rows,)."""
        texts = np.empty(len(self.texts), dtype=object)
        texts[:] = self.texts
        return self.spread(texts, None)

    def rows_where(self, is_wrong: Callable[[str], bool]) -> NDArray[np.int64]:
        """The numbers of the rows whose text is wrong, counted from 0."""
        wrong = np.array([is_wrong(text) for text in self.texts] + [False], dtype=bool)
        return np.flatnonzero(wrong[self.places])

    def text_at(self, row: int) -> str:
        """The text of a row that has one."""
        return self.texts[int(self.places[row])]

    def trimmed(self) -> "TextCells":
        """The cells without the spaces around their texts."""
        return TextCells([text.strip() for text in self.texts], self.places)
