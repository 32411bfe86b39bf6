"""How requests and predictions are counted, on the edges of the buckets and of the number of versions."""

import pytest
from prometheus_client import CollectorRegistry

from service.api.operations.metrics import RequestMetrics


@pytest.fixture
def metrics() -> RequestMetrics:
    return RequestMetrics()


def value(metrics: RequestMetrics, name: str, **labels: str) -> float | None:
    registry = CollectorRegistry()
    registry.register(metrics)
    return registry.get_sample_value(f"feedforward_{name}", labels)


def test_the_first_thousand_versions_are_counted_each_and_all_others_together(metrics):
    for number in (*range(1, 1003), 1000, 1002):
        metrics.count_prediction(b"iris/%d" % number)
    by_version = {number: value(metrics, "predictions_total", model="iris", version=str(number)) for number in (1, 999)}
    assert by_version == {1: 1, 999: 1}
    assert value(metrics, "predictions_total", model="iris", version="1000") == 2
    assert value(metrics, "predictions_total", model="iris", version="1001") is None
    assert value(metrics, "predictions_total", model="others", version="") == 3


def test_a_request_is_in_each_bucket_that_is_no_shorter(metrics):
    """Prometheus's `le` is less than or equal."""
    request = {"method": "GET", "route": "/models", "status": "200"}
    for seconds in (0.001, 0.5, 61.0):
        metrics.add("GET", "/models", 200, seconds)
    counts = {
        bound: value(metrics, "request_seconds_bucket", le=bound, **request)
        for bound in ("0.0005", "0.001", "0.25", "0.5", "60.0", "+Inf")
    }
    assert counts == {"0.0005": 0, "0.001": 1, "0.25": 1, "0.5": 2, "60.0": 2, "+Inf": 3}
    assert value(metrics, "request_seconds_sum", **request) == pytest.approx(61.501)
    assert value(metrics, "request_seconds_count", **request) == 3
    assert value(metrics, "requests_total", **request) == 3
