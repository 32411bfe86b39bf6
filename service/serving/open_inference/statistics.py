"""Counts and times of the inferences of this process, by version."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from time import perf_counter_ns, time
from typing import Any

STEPS = ("compute_input", "compute_infer", "compute_output")
NEVER = ("queue", "cache_hit", "cache_miss")


@dataclass(slots=True)
class Duration:
    count: int = 0
    ns: int = 0

    def add(self, ns: int) -> None:
        self.count += 1
        self.ns += ns

    def to_json(self) -> dict[str, int]:
        return {"count": self.count, "ns": self.ns}


@dataclass(slots=True)
class VersionStatistics:
    """Totals of one version since this process began."""

    last_inference_ms: int = 0
    rows: int = 0
    success: Duration = field(default_factory=Duration)
    fail: Duration = field(default_factory=Duration)
    steps: dict[str, Duration] = field(default_factory=lambda: {name: Duration() for name in STEPS})

    def succeed(self, start: int, read: int, inferred: int, rows: int) -> None:
        """Record an inference by the times at which its steps ended, in nanoseconds of `perf_counter_ns`."""
        ended = perf_counter_ns()
        for name, ns in zip(STEPS, (read - start, inferred - read, ended - inferred), strict=True):
            self.steps[name].add(ns)
        self.success.add(ended - start)
        self.rows += rows
        self.last_inference_ms = int(time() * 1000)

    def to_json(self) -> dict[str, Any]:
        nothing = Duration().to_json()
        durations = {"success": self.success.to_json(), "fail": self.fail.to_json()}
        durations |= {name: step.to_json() for name, step in self.steps.items()} | dict.fromkeys(NEVER, nothing)
        return {
            "last_inference": self.last_inference_ms,
            "inference_count": self.rows,
            "execution_count": self.success.count,
            "inference_stats": durations,
            "batch_stats": [],
        }


class Statistics:
    """Statistics of all versions that served the protocol."""

    def __init__(self) -> None:
        self._versions: defaultdict[tuple[str, int], VersionStatistics] = defaultdict(VersionStatistics)

    def of(self, model: str, number: int) -> VersionStatistics:
        return self._versions[model, number]

    def to_json(self, model: str | None = None, number: int | None = None) -> dict[str, Any]:
        models = [
            {"name": name, "version": str(version)} | statistics.to_json()
            for (name, version), statistics in sorted(self._versions.items())
            if model in (None, name) and number in (None, version)
        ]
        return {"model_stats": models}
