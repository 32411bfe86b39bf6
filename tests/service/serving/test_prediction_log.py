"""What is logged of predictions, and what is not."""

import time
import uuid

from service.registry.monitoring import prediction_log
from service.schemas.monitoring import PredictionLogSettings
from tests.support.serving import networks

V2_ROW = {"inputs": [{"name": "inputs", "datatype": "FP64", "shape": [1, 2], "data": [9.0, 10.0]}]}


def test_nothing_is_logged_until_it_is_asked_for(live):
    model = live.register(networks.plane())
    answer = live.http.post(f"/models/{model}/predict", json={"inputs": [[1, 2]]})
    assert "Feedforward-Logged" not in answer.headers
    assert live.http.get(f"/models/{model}/prediction-log").status_code == 409
    assert live.http.get(f"/models/{model}/predictions").status_code == 409


def test_every_form_of_request_is_logged_as_it_was_answered(live):
    model = live.register(networks.plane())
    live.log(model)
    answers = [
        live.http.post("/predict", json={"model": model, "inputs": [{"a": 1, "b": 2}]}),
        live.http.post(f"/models/{model}/versions/1/predict", json={"columns": {"a": [3, 4], "b": [5, 6]}}),
        live.http.post(f"/models/{model}/predict", json={"inputs": [[7, 8]], "include": ["logits"]}),
        live.http.post(f"/v2/models/{model}/infer", json=V2_ROW),
    ]
    assert [answer.headers["Feedforward-Logged"] for answer in answers] == ["1", "2", "1", "1"]
    streams = {"text/csv": "a,b\n11,12\n13,14\n", "application/x-ndjson": '{"a":15,"b":16}\n'}
    for kind, body in streams.items():
        answers.append(live.http.post(f"/models/{model}/predict", content=body, headers={"Content-Type": kind}))
    logged = live.wait_logged(model, 8)
    told = [(row["inputs"]["a"], row["inputs"]["b"], row["prediction"]["value"]) for row in reversed(logged)]
    pairs = [(1, 2), (3, 5), (4, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16)]
    assert told == [(a, b, 2 * a + 3 * b + 1) for a, b in pairs]
    assert {row["request"] for row in logged} == {answer.headers["X-Request-ID"] for answer in answers}
    assert [row["row"] for row in reversed(logged)] == [0, 0, 1, 0, 0, 0, 1, 0]


def test_text_booleans_and_gaps_are_logged_as_they_were_sent(live):
    model = live.register(networks.prices())
    live.log(model)
    live.predict(model, [{"size": 4, "colour": "red", "new": True}])
    gaps = live.register(networks.plane_with_gap())
    live.log(gaps)
    live.http.post(f"/models/{gaps}/predict", content="a,b\n1,\n", headers={"Content-Type": "text/csv"})
    [row] = live.wait_logged(model, 1)
    assert (row["inputs"], row["prediction"]) == ({"size": 4, "colour": "red", "new": True}, {"value": 114.0})
    [row] = live.wait_logged(gaps, 1)
    assert (row["inputs"], row["prediction"]) == ({"a": 1.0, "b": None}, {"value": 123.0})


def test_classes_are_logged_with_their_probabilities(live):
    model = live.register(networks.yes_or_no())
    live.log(model)
    live.predict(model, [[0.0]])
    [row] = live.wait_logged(model, 1)
    assert row["prediction"] == {"label": False, "probabilities": {"false": 0.5, "true": 0.5}}


def test_the_same_rows_of_a_request_are_logged_in_every_process_and_at_every_repetition(live):
    model = live.register(networks.line())
    live.log(model, sample=0.25)
    headers = {"X-Request-ID": f"again-{uuid.uuid4()}"}
    rows = [[k] for k in range(400)]
    for _ in range(2):
        live.predict(model, rows, headers=headers)
    answer = live.http.post(f"/models/{model}/predict", json={"inputs": rows}, headers=headers)
    count = int(answer.headers["Feedforward-Logged"])
    assert 60 < count < 140  # four standard deviations around 100
    live.wait_logged(model, 3 * count)
    pages = live.get(f"/models/{model}/predictions?limit=200")
    items = pages["items"]
    while pages["next_cursor"]:
        pages = live.get(f"/models/{model}/predictions?limit=200&cursor={pages['next_cursor']}")
        items += pages["items"]
    numbers = [row["row"] for row in items]
    assert numbers[:count] == numbers[count : 2 * count] == numbers[2 * count :]


def test_a_stream_logs_the_rows_that_one_request_would_log(live):
    """Their numbers count from the stream's beginning, whatever the blocks in which it is predicted."""
    model = live.register(networks.line())
    live.log(model, sample=0.05)
    headers = {"X-Request-ID": f"stream-{uuid.uuid4()}"}
    answer = live.http.post(f"/models/{model}/predict", json={"inputs": [[k] for k in range(1500)]}, headers=headers)
    count = int(answer.headers["Feedforward-Logged"])
    assert 41 < count < 109  # four standard deviations around 75
    lines = b"".join(b"[%d]\n" % k for k in range(1500))
    pieces = (lines[start : start + 500] for start in range(0, len(lines), 500))
    headers |= {"Content-Type": "application/x-ndjson"}
    streamed = live.http.post(f"/models/{model}/predict", content=pieces, headers=headers)
    assert streamed.text.count("\n") == 1500
    newest = live.wait_logged(model, 2 * count)[:count]
    assert [row["inputs"]["x"] for row in newest] == [row["row"] for row in newest]
    again = live.get(f"/models/{model}/predictions?limit=200")["items"][count:]
    assert [row["row"] for row in newest] == [row["row"] for row in again][:count]


def test_a_shadow_logs_nothing_of_its_own(live):
    model = live.register(networks.line())
    live.register(networks.line(3.0), model=model)
    live.log(model)
    live.http.put(f"/models/{model}/aliases/production", json={"version": 1, "shadow": 2})
    live.predict(model, [[1.0]])
    assert [row["version"] for row in live.wait_logged(model, 1)] == [1]


def test_another_process_turns_the_log_on_and_off(live):
    model = live.register(networks.line())
    live.predict(model, [[1.0]])
    for sample, logged in [(1.0, "1"), (0.0, None)]:
        with live.registry.write() as session:
            prediction_log.set_log(session, model, PredictionLogSettings(sample=sample), "test")
        deadline = time.monotonic() + 10
        while header_of(live, model) != logged:  # at once on SQLite, soon on PostgreSQL
            assert live.registry.url.startswith("postgresql")
            assert time.monotonic() < deadline


def header_of(live, model):
    return live.http.post(f"/models/{model}/predict", json={"inputs": [[2.0]]}).headers.get("Feedforward-Logged")


def test_deleting_the_log_forgets_what_was_logged(live):
    model = live.register(networks.line())
    live.log(model)
    live.predict(model, [[1.0]])
    live.wait_logged(model, 1)
    assert live.http.delete(f"/models/{model}/prediction-log").status_code == 204
    assert live.http.delete(f"/models/{model}/prediction-log").status_code == 409
    assert live.log(model)["rows"] == 0


def test_changes_of_the_log_are_recorded_and_never_lost(live):
    model = live.register(networks.line())
    address = f"/models/{model}/prediction-log"
    made = live.http.put(address, json={"sample": 0.5})
    assert made.status_code == 201
    changed = live.http.put(address, json={"sample": 0.1}, headers={"If-Match": made.headers["ETag"]})
    assert (changed.status_code, changed.json()["sample"]) == (200, 0.1)
    late = live.http.put(address, json={"sample": 1}, headers={"If-Match": made.headers["ETag"]})
    assert late.status_code == 412
    assert live.http.get(address).headers["ETag"] == changed.headers["ETag"]
    actions = [event["action"] for event in live.get(f"/models/{model}/events")["items"]]
    assert actions[:2] == ["prediction-log-set", "prediction-log-set"]


def test_settings_that_make_no_sense_are_refused(live):
    model = live.register(networks.line())
    for wrong in ({"sample": 1.5}, {"sample": "1"}, {"sample": 1, "keep_days": 0}, {"sample": 1, "keep_row": 5}, {}):
        assert live.http.put(f"/models/{model}/prediction-log", json=wrong).status_code == 422


def test_a_model_that_is_made_again_has_no_log(live):
    model = live.register(networks.line())
    live.log(model)
    assert live.http.delete(f"/models/{model}").status_code == 204
    live.register(networks.line(), model=model)
    assert live.http.get(f"/models/{model}/prediction-log").status_code == 409
