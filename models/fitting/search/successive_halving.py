"""Successive halving (Jamieson and Talwalkar 2016): many trials for few epochs, the best third for three times more."""

from collections.abc import Sequence

from models.fitting.search.trials import TrialResult

SHARE = 3
FEWEST_EPOCHS = 3


def rungs(n_trials: int, epochs: int) -> list[int | None]:
    """The epochs of each round, the last one None: as many as the recipe says.

    As many rounds as leave one trial for the last, and each of the first at least a few epochs.
    """
    n_rungs = 1
    while n_trials >= SHARE**n_rungs and epochs >= FEWEST_EPOCHS * SHARE**n_rungs:
        n_rungs += 1
    return [-(-epochs // SHARE ** (n_rungs - 1 - i)) for i in range(n_rungs - 1)] + [None]


def n_survivors(n_trials: int) -> int:
    """A third, rounded up."""
    return -(-n_trials // SHARE)


def survivors(results: Sequence[TrialResult]) -> list[int]:
    """The numbers of the best third, in the order of the trials; of equal scores the first stay."""
    scored = [(one.score, one.number) for one in results if one.score is not None]
    return sorted(number for _, number in sorted(scored)[: n_survivors(len(results))])
