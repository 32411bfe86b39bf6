"""An alarm is raised once when live rows leave what their owner accepts, and once when they are back."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from service.registry.monitoring import alerts
from tests.support.serving import networks
from tests.support.serving.live import LONG_ENOUGH_SECONDS

ROWS = [{"x": k % 50} for k in range(200)]
USUAL, MOVED = [[row["x"]] for row in ROWS], [[row["x"] + 40] for row in ROWS]


def changes(live, model) -> list[tuple[str, str]]:
    events = reversed(live.get(f"/models/{model}/events")["items"])
    told = ("model-drifted", "model-recovered")
    return [(event["action"], event["subject"]["rule"]) for event in events if event["action"] in told]


def check(live, model) -> dict[str, bool]:
    states = live.post(f"/models/{model}/alerts/check")["states"]
    return {state["rule"]: state["alarm"] for state in states}


def test_drift_raises_one_alarm_however_often_it_is_checked(live):
    model = live.register(networks.line(), ROWS)
    live.log(model)
    assert live.http.put(f"/models/{model}/alerts", json={"psi": 0.25}).status_code == 201
    assert check(live, model) == {}  # nothing was predicted yet
    live.predict(model, USUAL)
    live.wait_logged(model, 200)
    assert check(live, model) == {"psi": False}
    live.predict(model, MOVED)
    live.wait_logged(model, 400)
    assert [check(live, model) for _ in range(3)] == [{"psi": True}] * 3
    [state] = live.get(f"/models/{model}/alerts")["states"]
    assert "`x` has drifted" in state["sentence"] or "`y` has drifted" in state["sentence"]
    assert changes(live, model) == [("model-drifted", "psi")]


def test_a_live_metric_out_of_its_limit_raises_an_alarm_until_it_is_back(live):
    model = live.register(networks.line())  # 2 x + 1; without its data there is no drift to tell
    live.log(model)
    rule = {"metric": "mae", "maximum": 1.0}
    live.http.put(f"/models/{model}/alerts", json={"psi": 0.25, "live_metric": rule})
    request = live.predict(model, [[1.0]] * 100)
    live.wait_logged(model, 100)
    assert check(live, model) == {}  # no label came yet
    for truth, alarm in ((3.5, False), (5.0, True), (5.0, True), (3.5, False)):
        items = [{"request": request, "row": row, "label": truth} for row in range(100)]
        live.post(f"/models/{model}/feedback", json={"items": items})
        assert check(live, model) == {"live_metric": alarm}
    assert changes(live, model) == [("model-drifted", "live_metric"), ("model-recovered", "live_metric")]


def test_a_live_metric_needs_fifty_labels(live):
    model = live.register(networks.line())
    live.log(model)
    live.http.put(f"/models/{model}/alerts", json={"live_metric": {"metric": "mae", "maximum": 1.0}})
    request = live.predict(model, [[1.0]] * 50)
    live.wait_logged(model, 50)
    items = [{"request": request, "row": row, "label": 100.0} for row in range(50)]
    live.post(f"/models/{model}/feedback", json={"items": items[:49]})
    assert check(live, model) == {}
    live.post(f"/models/{model}/feedback", json={"items": items[49:]})
    assert check(live, model) == {"live_metric": True}


def test_a_live_metric_at_its_limit_raises_nothing(live):
    model = live.register(networks.yes_or_no())  # at 0 it predicts False
    live.log(model)
    request = live.predict(model, [[0.0]] * 64)
    live.wait_logged(model, 64)
    items = [{"request": request, "row": row, "label": row % 2 == 0} for row in range(64)]  # half of them true
    live.post(f"/models/{model}/feedback", json={"items": items})
    for rule, alarm in (({"minimum": 0.5}, False), ({"minimum": 0.51}, True), ({"maximum": 0.5}, False)):
        live.http.put(f"/models/{model}/alerts", json={"live_metric": {"metric": "accuracy"} | rule})
        assert check(live, model) == {"live_metric": alarm}


def test_drift_that_chance_explains_raises_nothing(live):
    model = live.register(networks.line(), ROWS)
    live.log(model)
    live.http.put(f"/models/{model}/alerts", json={"psi": 0.001})
    live.predict(model, random.Random(5).sample(USUAL, 100))  # rows of the training itself
    live.wait_logged(model, 100)
    drifts = live.get(f"/models/{model}/drift")
    assert all(one["psi"] >= 0.001 for one in drifts["features"])
    assert check(live, model) == {"psi": False}


def test_of_many_versions_those_with_the_most_rows_are_judged(live):
    """Six have rows, and five are looked at; only the one with the fewest rows has drifted."""
    model = live.register(networks.line(), ROWS)
    for _ in range(5):
        live.register(networks.line(), ROWS, model)
    live.log(model)
    live.http.put(f"/models/{model}/alerts", json={"psi": 0.25})
    for version in range(1, 7):
        rows = MOVED[:100] if version == 3 else USUAL
        live.post(f"/models/{model}/versions/{version}/predict", json={"inputs": rows})
    live.wait_logged(model, 1100)
    states = live.post(f"/models/{model}/alerts/check")["states"]
    assert {state["version"]: state["alarm"] for state in states} == dict.fromkeys((1, 2, 4, 5, 6), False)


def test_dates_raise_nothing_since_time_goes_on_by_itself(live):
    days = [{"x": row["x"], "day": f"2023-01-{1 + k % 28:02}"} for k, row in enumerate(ROWS)]
    model = live.register(networks.line_with_date(), days)
    live.log(model)
    live.http.put(f"/models/{model}/alerts", json={"psi": 0.25})
    live.predict(model, [row | {"day": "2024-06-01"} for row in days])
    live.wait_logged(model, 200)
    drifts = {one["name"]: one for one in live.get(f"/models/{model}/drift")["features"]}
    assert drifts["day"]["state"] == "drifted"
    assert check(live, model) == {"psi": False}


def test_rules_that_make_no_sense_are_refused(live):
    model = live.register(networks.line())
    both = {"metric": "mae", "minimum": 1.0, "maximum": 2.0}
    unknown = {"metric": "accurracy", "minimum": 0.9}
    for wrong in ({}, {"psi": 0}, {"live_metric": both}, {"live_metric": unknown}, {"psi": 0.2, "window": 5}):
        assert live.http.put(f"/models/{model}/alerts", json=wrong).status_code == 422
    assert live.http.get(f"/models/{model}/alerts").status_code == 404
    assert live.http.post(f"/models/{model}/alerts/check").status_code == 404


def test_alerts_without_a_log_say_what_is_missing(live):
    model = live.register(networks.line())
    made = live.http.put(f"/models/{model}/alerts", json={"psi": 0.25})
    assert "not logged" in live.http.post(f"/models/{model}/alerts/check").json()["detail"]
    address = f"/models/{model}/alerts"
    assert live.http.delete(address, headers={"If-Match": '"1"'}).status_code == 412
    assert live.http.delete(address, headers={"If-Match": made.headers["ETag"]}).status_code == 204
    assert live.http.get(address).status_code == 404


def test_of_many_processes_one_makes_a_check_that_is_due(live):
    model = live.register(networks.line())
    live.log(model)
    live.http.put(f"/models/{model}/alerts", json={"psi": 0.25})
    now = datetime.now(UTC)

    def claim(_: int) -> bool:
        with live.registry.write() as session:
            return alerts.claim(session, model, now, datetime.now(UTC))

    with live.registry.read() as session:
        assert model in alerts.list_due(session, now)
    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(claim, range(8))) == 1
    with live.registry.read() as session:
        assert model not in alerts.list_due(session, now)


def test_alerts_are_checked_by_themselves(watchful):
    live = watchful
    model = live.register(networks.line(), ROWS)
    live.log(model)
    live.http.put(f"/models/{model}/alerts", json={"psi": 0.25})
    live.predict(model, MOVED)
    deadline = time.monotonic() + LONG_ENOUGH_SECONDS
    while not (found := changes(live, model)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert found == [("model-drifted", "psi")]
