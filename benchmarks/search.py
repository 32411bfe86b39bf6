"""A search of 32 small networks trained together, and the same trainings one after the other: seconds and their ratio.

    python benchmarks/search.py [--rounds 5]

Both are complete: preparation, 200 epochs of 120 rows of iris in batches of 32, metrics of every trial.
"""

import argparse
import os
from collections.abc import Callable
from statistics import median
from time import process_time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from sklearn.datasets import load_iris

from models.data.columns import Table, infer_table
from models.fitting.fit import fit, prepare
from models.specification import Recipe
from models.specification.search_space import trial_settings, with_settings

SPACE = {"training.optimizer.learning_rate": {"range": [1e-4, 0.1], "scale": "log"}}


def iris() -> Table:
    """150 rows of four numbers and a class."""
    x, y = load_iris(return_X_y=True)
    return infer_table({f"x{k}": column for k, column in enumerate(np.asarray(x).T.copy())} | {"label": y})


def recipe_of(optimizer: str, dtype: str, hidden: list[int]) -> Recipe:
    """Thirty-two learning rates for one network."""
    return Recipe.from_json(
        {
            "label": "label",
            "network": {"hidden": hidden, "dtype": dtype},
            "training": {"epochs": 200, "batch_size": 32, "optimizer": optimizer, "seed": 7},
            "search": {"method": "random", "trials": 32, "space": SPACE},
        }
    )


def seconds(work: Callable[[], object]) -> float:
    """Seconds of processor time, which other work on the machine disturbs less than the clock."""
    started = process_time()
    work()
    return process_time() - started


def measure(table: Table, recipe: Recipe, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds together and one by one, in alternating rounds."""
    prepared = prepare(table, recipe)
    singles = [with_settings(prepared.recipe, settings) for settings in trial_settings(prepared.recipe, 7)]
    together, alone = [], []
    for _ in range(rounds):
        together.append(seconds(lambda: fit(prepare(table, recipe))))
        alone.append(seconds(lambda: [fit(prepare(table, trial)) for trial in singles]))
    return together, alone


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds, table = parser.parse_args().rounds, iris()
    print("| network | optimizer | type | together, s | one by one, s | ratio | smallest to largest |")
    print("| --- | --- | --- | --: | --: | --: | --: |")
    for hidden, optimizer, dtype in (
        ([16], "adam", "float32"),
        ([16], "sgd", "float32"),
        ([16], "adam", "float64"),
        ([8, 8], "adam", "float32"),
        ([128], "adam", "float32"),
    ):
        together, alone = measure(table, recipe_of(optimizer, dtype, hidden), rounds)
        ratios = sorted(b / a for a, b in zip(together, alone, strict=True))
        shape = "-".join(str(width) for width in (4, *hidden, 3))
        print(
            f"| {shape} | {optimizer} | {dtype} | {median(together):.2f} | {median(alone):.2f} "
            f"| {median(ratios):.1f} | {ratios[0]:.1f} to {ratios[-1]:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
