"""The flowers of examples/iris.csv: those to train on, and three held-out ones."""

import csv
import io
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).resolve().parents[2] / "examples" / "iris.csv"
HELD_OUT = (0, 50, 100)  # The first flower of each species.


class Flower(NamedTuple):
    measures: dict[str, float]
    species: str


def split() -> tuple[bytes, list[Flower]]:
    """The file without the held-out flowers, and those flowers."""
    with FILE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    training = [row for index, row in enumerate(rows) if index not in HELD_OUT]
    return _as_csv(training), [_as_flower(rows[index]) for index in HELD_OUT]


def _as_csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _as_flower(row: dict[str, str]) -> Flower:
    return Flower({name: float(text) for name, text in row.items() if name != "species"}, row["species"])
