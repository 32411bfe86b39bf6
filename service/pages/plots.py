"""Small plots as the numbers that a template draws: bars side by side, and a metric over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.pages.formatting import figure
from service.schemas.monitoring import LiveBucket, Share

WIDTH, HEIGHT = 300.0, 80.0
GAP = 0.2


@dataclass(frozen=True)
class Bar:
    """A part of a distribution: its place, the heights of both bars, and its tooltip."""

    x: float
    width: float
    training: float
    live: float
    title: str


def bars(shares: Sequence[Share]) -> list[Bar]:
    """Bars over the whole width, the highest one as high as the plot."""
    highest = max((max(share.training, share.live) for share in shares), default=1) or 1
    step = WIDTH / max(len(shares), 1)
    width = step * (1 - GAP) / 2
    return [
        Bar(
            x=round(step * (place + GAP / 2), 2),
            width=round(width, 2),
            training=round(HEIGHT * share.training / highest, 2),
            live=round(HEIGHT * share.live / highest, 2),
            title=f"{share.name}: {share.live:.1%} live, {share.training:.1%} in training",
        )
        for place, share in enumerate(shares)
    ]


@dataclass(frozen=True)
class Point:
    x: float
    y: float
    title: str


@dataclass(frozen=True)
class MetricPlot:
    """A metric over time; `expected` is its value in validation. `low` and `high` are the ends of the vertical axis."""

    name: str
    points: list[Point]
    expected: float | None
    low: float
    high: float

    @property
    def line(self) -> str:
        return " ".join(f"{point.x},{point.y}" for point in self.points)


def metric_plot(name: str, buckets: Sequence[LiveBucket], validation: float | None) -> MetricPlot | None:
    """The plot of a metric, or None if no bucket has a value."""
    bucket_values = [(place, bucket, bucket.metrics.get(name)) for place, bucket in enumerate(buckets)]
    labelled = [(place, bucket, value) for place, bucket, value in bucket_values if value is not None]
    if not labelled:
        return None
    values = [value for _, _, value in labelled] + ([] if validation is None else [validation])
    low, high = min(values), max(values)
    room = (high - low) * 0.1 or abs(high) * 0.1 or 1.0
    low, high = low - room, high + room

    def y(value: float) -> float:
        return round(HEIGHT * (high - value) / (high - low), 2)

    step = WIDTH / len(buckets)
    points = [
        Point(
            x=round(step * (place + 0.5), 2),
            y=y(value),
            title=f"{figure(value)} of {bucket.labelled:,} labelled rows, from {bucket.start:%b %-d %H:%M}",
        )
        for place, bucket, value in labelled
    ]
    return MetricPlot(name, points, None if validation is None else y(validation), low, high)
