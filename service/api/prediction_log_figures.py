"""What became of the rows that were to be logged, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from service.serving.prediction_log import PredictionLog


class PredictionLogFigures(Collector):
    """Of this process: `dropped` are rows that there was no room for, `failed` those that could not be written."""

    def __init__(self, log: PredictionLog) -> None:
        self._log = log

    def collect(self) -> Iterator[Metric]:
        told = "Rows that were to be logged, by what became of them."
        rows = CounterMetricFamily("feedforward_prediction_log_rows", told, labels=["outcome"])
        for outcome in ("written", "dropped", "failed"):
            rows.add_metric([outcome], getattr(self._log, outcome))
        yield rows
