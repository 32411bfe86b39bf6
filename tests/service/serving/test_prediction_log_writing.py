"""No prediction waits for its log or fails by it; what was logged survives what the process does not."""

import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from service.jobs.pruning import prune_logs
from service.registry.database import Database
from service.registry.migrate import ensure_current
from service.registry.models import models
from service.registry.monitoring import logged_predictions, prediction_log
from service.registry.monitoring.logged_predictions import NewPrediction
from service.registry.monitoring.prediction_log import LogRule
from service.registry.sqlite_library import library
from service.schemas.monitoring import PredictionLogSettings
from service.serving.prediction_log import LoggedRows, PredictionLog, RequestSample, chosen_rows
from tests.support.serving import networks
from tests.support.serving.live import LONG_ENOUGH_SECONDS, Live

NOW = datetime.now(UTC)


@pytest.fixture
def registry(database_url):
    opened = Database(database_url)
    ensure_current(opened)
    yield opened
    opened.close()


def add_model(registry, name="m", **settings) -> int:
    with registry.write() as session:
        row = models.get_or_create(session, name, "test")
        prediction_log.set_log(session, name, PredictionLogSettings(**{"sample": 1.0} | settings), "test")
        return row.id


def rows_of(model_id, count=1) -> LoggedRows:
    return LoggedRows(model_id, 1, NOW, "request", range(count), [[1.0]] * count, [[2.0]] * count)


def dated(model_id, days_ago) -> NewPrediction:
    at = NOW - timedelta(days=days_ago)
    return NewPrediction(model_id=model_id, version=1, at=at, request="r", row=days_ago, inputs=[1.0], outputs=[2.0])


def count_rows(registry, model_id) -> int:
    stretch = logged_predictions.LogWindow(model_id, NOW - timedelta(days=1000), NOW + timedelta(days=1))
    with registry.read() as session:
        return sum(logged_predictions.count_by_version(session, stretch).values())


def test_what_waits_is_written_at_the_end(registry):
    model = add_model(registry)
    log = PredictionLog(registry)
    assert log.put(rows_of(model, 2500))
    log.close()
    assert (log.written, log.dropped, log.failed) == (2500, 0, 0)
    assert count_rows(registry, model) == 2500


def test_rows_that_there_is_no_room_for_are_dropped_at_once_and_counted(registry):
    model = add_model(registry)
    log = PredictionLog(registry, most_waiting_values=20)
    with registry.write():  # meanwhile SQLite takes no other write; PostgreSQL may
        accepted = [log.put(rows_of(model, 4)) for _ in range(3)]
    log.close()
    assert accepted == [True, True, False]
    assert (log.written, log.dropped) == (8, 4)
    assert count_rows(registry, model) == 8


def sample_of(log, model, sample=1.0) -> RequestSample:
    return RequestSample(log, LogRule(model, sample), 1, "request")


def numbers_of(registry, model) -> dict[int, list[float]]:
    """The inputs of the logged rows by their numbers in the request."""
    with registry.read() as session:
        logged = logged_predictions.find_of_requests(session, model, ["request"])
        return {number: row.inputs for (_, number), row in logged.items()}


def test_rows_of_later_blocks_keep_their_number_in_the_request(registry):
    model = add_model(registry)
    log = PredictionLog(registry)
    sample = sample_of(log, model)
    sample.add_rows([(0.0,), (1.0,)], np.zeros((2, 1)))
    sample.add_columns([[2.0, 3.0, 4.0]], np.zeros((3, 1)))
    sample.add_matrix(np.array([[5.0]]), np.zeros((1, 1)))
    log.close()
    assert sample.logged == 6
    assert numbers_of(registry, model) == {number: [float(number)] for number in range(6)}


def test_blocks_are_sampled_as_one_request_is(registry):
    model = add_model(registry)
    log = PredictionLog(registry)
    sample = sample_of(log, model, sample=0.3)
    for start in range(0, 400, 40):
        sample.add_rows([(float(start + k),) for k in range(40)], np.zeros((40, 1)))
    log.close()
    numbers = numbers_of(registry, model)
    assert list(numbers) == chosen_rows("request", 0, 400, 0.3)
    assert 83 < len(numbers) < 157  # four standard deviations around 120
    assert all(inputs == [float(number)] for number, inputs in numbers.items())


def test_only_rows_that_there_was_room_for_count_as_logged(registry):
    model = add_model(registry)
    log = PredictionLog(registry, most_waiting_values=3)
    sample = sample_of(log, model)
    sample.add_rows([(0.0,), (1.0,)], np.zeros((2, 1)))  # four values: inputs and outputs
    sample.add_rows([(2.0,)], np.zeros((1, 1)))
    log.close()
    assert (sample.logged, log.dropped) == (1, 2)
    assert numbers_of(registry, model) == {2: [2.0]}


def test_rows_of_a_log_that_was_deleted_meanwhile_are_not_written(registry):
    model = add_model(registry)
    log = PredictionLog(registry)
    log.put(rows_of(model))
    with registry.write() as session:
        prediction_log.delete_log(session, "m", "test")
    log.close()
    assert (log.written, count_rows(registry, model)) == (0, 0)


def test_retention_keeps_what_each_log_says(registry):
    old, long = add_model(registry, "old", keep_days=2), add_model(registry, "long", keep_rows=3)
    none = add_model(registry, "none")
    with registry.write() as session:
        for model in (old, long, none):
            days = [dated(model, day) for day in range(6)]
            logged_predictions.add(session, days)
        models.delete_model(session, "none", "test")
    assert prune_logs(registry, rows_a_transaction=2) == 4 + 3 + 6  # of six rows each
    assert [count_rows(registry, model) for model in (old, long, none)] == [2, 3, 0]
    assert prune_logs(registry) == 0


def figures(live) -> dict[str, float]:
    lines = live.http.get("/metrics").text.splitlines()
    start = "feedforward_prediction_log_rows_total{outcome="
    told = [line.removeprefix(start) for line in lines if line.startswith(start)]
    return {line.split('"')[1]: float(line.split()[-1]) for line in told}


def wait_until(reached) -> None:
    deadline = time.monotonic() + LONG_ENOUGH_SECONDS
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_predictions_go_on_while_their_log_cannot_be_written(watchful):
    live, before = watchful, sum(figures(watchful).values())
    model = live.register(networks.line())
    live.log(model)
    live.predict(model, [[0.0]])
    path = live.registry.url.removeprefix("sqlite:///")
    with library.connect(path) as connection:
        connection.execute("ALTER TABLE predictions RENAME TO away")
    live.predict(model, [[1.0]])
    wait_until(lambda: figures(live)["failed"])  # of this server's only test that makes writes fail
    with library.connect(path) as connection:
        connection.execute("ALTER TABLE away RENAME TO predictions")
    live.predict(model, [[2.0]])
    wait_until(lambda: sum(figures(live).values()) == before + 3)
    assert 2.0 in [row["inputs"]["x"] for row in live.get(f"/models/{model}/predictions")["items"]]


def test_the_log_survives_a_restart_and_the_end_in_order_loses_no_row(start_server):
    service = start_server(workers=0)
    live = Live(service.http, Database(service.database_url))
    model = live.register(networks.line())
    live.log(model)
    requests = [live.predict(model, [[1.0], [2.0]])]
    live.wait_logged(model, 2)
    requests.append(live.predict(model, [[3.0]]))
    assert service.process.stop() == 0
    live.registry.close()
    logged = start_server(workers=0).get(f"/models/{model}/predictions")["items"]
    assert [row["request"] for row in logged] == [requests[1], requests[0], requests[0]]
