"""Successive halving (Jamieson and Talwalkar 2016): many trials for few epochs, the best third for three times more."""

from collections.abc import Sequence

from models.fitting.search.trials import TrialResult

SHARE = 3
FEWEST_EPOCHS = 3


def rungs(n_trials: int, epochs: int) -> list[int | None]:
    """The epochs of each round; None for the last round, which has the epochs of the recipe.

    There are as many rounds as leave at least one trial for the last and at least three epochs for the first.
    """
    n_rungs = 1
    while n_trials >= SHARE**n_rungs and epochs >= FEWEST_EPOCHS * SHARE**n_rungs:
        n_rungs += 1
    return [-(-epochs // SHARE ** (n_rungs - 1 - i)) for i in range(n_rungs - 1)] + [None]


def n_survivors(n_trials: int) -> int:
    """How many trials the next round has: a third, rounded up."""
    return -(-n_trials // SHARE)


def survivors(results: Sequence[TrialResult]) -> list[int]:
    """The numbers of the best third, in the order of the trials; of equal scores, the first trials stay."""
    scored = [(result.score, result.number) for result in results if result.score is not None]
    return sorted(number for _, number in sorted(scored)[: n_survivors(len(results))])
