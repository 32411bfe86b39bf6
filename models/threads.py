"""How many threads a training is worth, told by its size alone, so that the same job always gets the same number."""

from itertools import pairwise

from models.specification import NetworkSpecification

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
