"""Predictions of an alias's version compared with those of its shadow, in the background, so that no caller waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from service.problems import Problem
from service.schemas.prediction import ShadowComparison, VersionPrediction
from service.serving.served_version import ServedVersion

Array = NDArray[np.float64]
Key = tuple[str, int, int]
ROOT = ("body",)
# More requests than this at once are answered, but not compared.
MOST_AT_ONCE = 64


@dataclass(slots=True)
class Tally:
    """Totals of one version and its shadow since this process began."""

    requests: int = 0
    failed: int = 0
    skipped: int = 0
    rows: int = 0
    agreeing_rows: int | None = 0
    difference: float = 0.0
    seconds: float = 0.0
    shadow_seconds: float = 0.0

    def add(self, live: Array, shadow: Array, agreeing_rows: int | None, seconds: float, shadow_seconds: float) -> None:
        """`live` and `shadow` of shape (n_rows, n_outputs), columns in one order. Numbers have no agreement: None."""
        self.requests += 1
        self.rows += len(live)
        self.agreeing_rows = None if agreeing_rows is None else (self.agreeing_rows or 0) + agreeing_rows
        self.difference += float(np.abs(live - shadow).mean(axis=1).sum())
        self.seconds += seconds
        self.shadow_seconds += shadow_seconds


class Shadows:
    """The comparisons of this process. All but `compare` are called by the event loop's thread alone."""

    def __init__(self) -> None:
        self._tallies: defaultdict[Key, Tally] = defaultdict(Tally)
        self._running = 0

    def begin(self, live: ServedVersion, shadow: int) -> bool:
        """Whether there is room for one more comparison."""
        if self._running >= MOST_AT_ONCE:
            self._tallies[live.model, live.number, shadow].skipped += 1
            return False
        self._running += 1
        return True

    def end(self) -> None:
        self._running -= 1

    def fail(self, live: ServedVersion, shadow: int) -> None:
        self._tallies[live.model, live.number, shadow].failed += 1

    def compare(self, live: ServedVersion, shadow: ServedVersion, body: VersionPrediction) -> Callable[[], None]:
        """Predict the same rows by both versions. Returns what adds the result, for the event loop's thread to call."""
        tally = self._tallies[live.model, live.number, shadow.number]
        try:
            values, seconds = _timed(live, body)
            shadow_values, shadow_seconds = _timed(shadow.lenient, body)  # what the live version takes is valid
            order = _order(live, shadow)
            agreeing = live.view.agreeing_rows(values, shadow.view, shadow_values, order)
        except (Problem, ValueError):
            return lambda: self.fail(live, shadow.number)
        return lambda: tally.add(values, shadow_values[:, order], agreeing, seconds, shadow_seconds)

    def of_model(self, model: str) -> list[ShadowComparison]:
        return [_to_schema(key, tally) for key, tally in sorted(self._tallies.items()) if key[0] == model]


def _timed(version: ServedVersion, body: VersionPrediction) -> tuple[Array, float]:
    start = perf_counter()
    values = predicted_values(version, body)
    return values, perf_counter() - start


def predicted_values(version: ServedVersion, body: VersionPrediction) -> Array:
    """Raises InvalidInput."""
    if body.inputs is not None:
        rows = version.reader.find_rows(body.inputs) or version.reader.read(body.inputs, ROOT)
        return version.predict_rows(rows, ROOT).values
    return version.predict_columns(version.reader.read_columns(body.columns or {}, ROOT), ROOT).values


def _order(live: ServedVersion, shadow: ServedVersion) -> list[int]:
    """The place of each of the live version's values in the shadow's. Raises ValueError where the shadow lacks one."""
    if live.task != shadow.task:
        raise ValueError("versions of different tasks decide different things")
    subjects = list(shadow.view.subjects)
    return [subjects.index(subject) for subject in live.view.subjects]


def _to_schema(key: Key, tally: Tally) -> ShadowComparison:
    rows, requests = max(tally.rows, 1), max(tally.requests, 1)
    return ShadowComparison(
        model=key[0],
        version=key[1],
        shadow=key[2],
        requests=tally.requests,
        failed=tally.failed,
        skipped=tally.skipped,
        rows=tally.rows,
        agreement=tally.agreeing_rows / rows if tally.rows and tally.agreeing_rows is not None else None,
        mean_difference=tally.difference / rows if tally.rows else None,
        milliseconds=tally.seconds / requests * 1000 if tally.requests else None,
        shadow_milliseconds=tally.shadow_seconds / requests * 1000 if tally.requests else None,
    )
