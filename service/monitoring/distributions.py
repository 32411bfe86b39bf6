"""One feature or output: the distribution of its values in training and live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.columns import Column, as_text
from models.evaluation.drift import (
    count_numbers,
    kolmogorov_smirnov,
    number_edges,
    population_stability_index,
    psi_of_one_distribution,
)
from service.problems import shorten
from service.schemas.monitoring import Drift, DriftState, KolmogorovSmirnov, NewCategory, Share

MODERATE_PSI = 0.1
DRIFTED_PSI = 0.25
MOST_CATEGORIES = 19
MOST_NEW_CATEGORIES = 20
MISSING = "missing"
UNSEEN = "never seen in training"
Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Pair:
    """Counts in the same bins, of shape (n_bins,)."""

    names: list[str]
    training: Counts
    live: Counts

    def shares(self) -> list[Share]:
        training, live = self.training / self.training.sum(), self.live / self.live.sum()
        pairs = zip(self.names, training.tolist(), live.tolist(), strict=True)
        return [Share(name=name, training=e, live=a) for name, e, a in pairs]


def compare(training: Column, live: Column, known: Sequence[str] = ()) -> Drift:
    """The drift between two columns of one name and type. `known` are all categories seen in training."""
    if training.type in ("number", "date"):
        return _compare_numbers(training, live)
    return _compare_categories(training, live, known)


def _compare_numbers(training: Column, live: Column) -> Drift:
    before, now = _numbers(training), _numbers(live)
    names, counts = _bins_of(training.type, before)
    missing = [int(training.missing.sum()), int(live.missing.sum())]
    pair = _with_missing(Pair(names, counts(before), counts(now)), *missing)
    ks = None
    if before.size and now.size:
        test = kolmogorov_smirnov(before, now)
        ks = KolmogorovSmirnov(statistic=test.statistic, p_value=test.p_value)
    means = (_mean(before), _mean(now)) if training.type == "number" else (None, None)
    return _drift(training, live, pair, ks, means, [])


def _numbers(column: Column) -> NDArray[np.float64]:
    """The values without missing ones; dates as seconds since 1970."""
    values = column.values[~column.missing]
    return values.astype("datetime64[us]").astype(np.int64) / 1e6 if column.type == "date" else values


def _bins_of(type_: str, sample: NDArray[np.float64]) -> tuple[list[str], Callable[[Any], Counts]]:
    edges = number_edges(sample) if sample.size else np.empty(0)
    return _bin_names(type_, edges, sample), lambda values: count_numbers(values, edges)


def _bin_names(type_: str, edges: NDArray[np.float64], sample: NDArray[np.float64]) -> list[str]:
    if not edges.size:
        return ["any value"]
    texts = [_number_text(type_, edge) for edge in edges.tolist()]
    first = [f"up to {texts[0]}"]
    if edges[0] < sample.min():  # the smallest value has a bin of its own
        first, texts = [f"below {texts[1]}", texts[1]], texts[1:]
    return [*first, *(f"{low} to {high}" for low, high in pairwise(texts)), f"over {texts[-1]}"]


def _number_text(type_: str, value: float) -> str:
    return str(np.datetime64(int(value), "s"))[:10] if type_ == "date" else f"{value:.4g}"


def _mean(values: NDArray[np.float64]) -> float | None:
    mean = float(np.mean(values)) if values.size else None
    return mean if mean is not None and np.isfinite(mean) else None


def _compare_categories(training: Column, live: Column, known: Sequence[str]) -> Drift:
    before, now = _texts(training), _texts(live)
    common = [name for name, _ in before.most_common(MOST_CATEGORIES)]
    trained = {*before, *known}
    rest = {name for name in trained if name not in common}
    new = Counter({name: count for name, count in now.items() if name not in trained})
    names, e, a = [*common], [before[name] for name in common], [now[name] for name in common]
    if rest:
        names.append("others")
        e.append(sum(before[name] for name in rest))
        a.append(sum(now[name] for name in rest))
    if new:
        names, e, a = [*names, UNSEEN], [*e, 0], [*a, new.total()]
    missing = [int(training.missing.sum()), int(live.missing.sum())]
    pair = _with_missing(Pair([shorten(name, 60) for name in names], np.array(e), np.array(a)), *missing)
    categories = [NewCategory(value=shorten(name, 60), rows=n) for name, n in new.most_common(MOST_NEW_CATEGORIES)]
    return _drift(training, live, pair, None, (None, None), categories)


def _texts(column: Column) -> Counter[str]:
    values = column.values[~column.missing].tolist()
    if column.type == "boolean":
        values = [as_text(bool(value)) for value in values]
    return Counter(values)


def _with_missing(pair: Pair, training: int, live: int) -> Pair:
    if not training and not live:
        return pair
    return Pair([*pair.names, MISSING], np.append(pair.training, training), np.append(pair.live, live))


def _drift(
    training: Column,
    live: Column,
    pair: Pair,
    ks: KolmogorovSmirnov | None,
    means: tuple[float | None, float | None],
    new: list[NewCategory],
) -> Drift:
    psi = population_stability_index(pair.training, pair.live)
    chance = psi_of_one_distribution(pair.training, pair.live)
    shares = pair.shares()
    state = _state(psi, chance)
    return Drift(
        name=training.name,
        type=training.type,
        state=state,
        sentence=_sentence(training.name, state, psi, shares, means),
        psi=psi,
        psi_by_chance=chance,
        ks=ks,
        training_missing=float(training.missing.mean()),
        live_missing=float(live.missing.mean()),
        training_mean=means[0],
        live_mean=means[1],
        new_categories=new,
        bins=shares,
    )


def _state(psi: float, chance: float) -> DriftState:
    """Siddiqi's rule of thumb, except for differences that chance alone explains with so few rows."""
    if psi <= max(MODERATE_PSI, chance):
        return "stable"
    return "drifted" if psi > DRIFTED_PSI else "moderate"


def _sentence(
    name: str, state: DriftState, psi: float, shares: list[Share], means: tuple[float | None, float | None]
) -> str:
    what = f"`{shorten(name, 60)}`"
    if state == "stable":
        return f"{what} is distributed as in training (PSI {psi:.2g})."
    how = "has drifted" if state == "drifted" else "has shifted somewhat"
    most = max(shares, key=lambda share: abs(share.live - share.training))
    if most.name != MISSING and None not in means:
        return f"{what} {how}: its mean is {means[1]:.4g}, in training {means[0]:.4g} (PSI {psi:.2g})."
    return f"{what} {how}: {most.live:.0%} are `{most.name}`, in training {most.training:.0%} (PSI {psi:.2g})."
