"""How many threads a training is worth, told by its size alone, so that the same job always gets the same number."""

import os
from dataclasses import replace
from itertools import pairwise

from models.specification import NetworkSpecification, Recipe

MULTIPLICATIONS_WORTH_A_THREAD = 8_000_000
"""Two threads make a product of 4 million multiplications 1.2 times as fast, of 13 million 1.4, of 34 million 1.6 and
of 270 million 1.75 times (benchmarks/README.md)."""


def choose_threads(
    specification: NetworkSpecification, n_inputs: int, n_outputs: int, batch_size: int, available: int
) -> int:
    """One thread for each few million multiplications of the largest matrix product, at most those available.

    The number is part of what determines the trained bits: other threads sum in another order.
    """
    widths = (n_inputs, *specification.hidden, n_outputs)
    largest = max(before * after for before, after in pairwise(widths)) * batch_size
    return max(1, min(available, 1 + largest // MULTIPLICATIONS_WORTH_A_THREAD))


def fill_threads(recipe: Recipe, n_inputs: int, n_outputs: int) -> Recipe:
    """The recipe with a number of threads, where it says none and its batch size is known."""
    training = recipe.training
    if training.threads is not None:
        return recipe
    available = os.cpu_count() or 1
    threads = choose_threads(recipe.network, n_inputs, n_outputs, training.batch_size or 1, available)
    return replace(recipe, training=replace(training, threads=threads))
