"""True labels that come after the predictions, and the figures that follow from them."""

import math

import pytest

from tests.support.serving import networks


def feedback(live, model, items, status=200):
    answer = live.http.post(f"/models/{model}/feedback", json={"items": items})
    assert answer.status_code == status, answer.text
    return answer.json()


def test_labels_find_their_predictions_and_the_last_one_holds(live):
    model = live.register(networks.yes_or_no())
    live.log(model)
    request = live.predict(model, [[1.0], [-1.0]])
    live.wait_logged(model, 2)
    first = feedback(live, model, [{"request": request, "label": True}, {"request": request, "row": 1, "label": True}])
    assert first == {"received": 2, "matched": 2, "replaced": 0, "unmatched": 0, "unmatched_items": []}
    again = feedback(live, model, [{"request": request, "row": 1, "label": False}])
    assert (again["matched"], again["replaced"]) == (1, 1)
    logged = live.get(f"/models/{model}/predictions")["items"]
    assert [(row["row"], row["label"], row["labels"]) for row in logged] == [(1, False, 2), (0, True, 1)]


def test_labels_of_rows_that_are_not_logged_are_counted_and_no_error(live):
    model = live.register(networks.line())
    live.log(model)
    request = live.predict(model, [[1.0]])
    live.wait_logged(model, 1)
    items = [{"request": request, "row": row, "label": 1} for row in range(40)]
    answer = feedback(live, model, items)
    assert (answer["matched"], answer["unmatched"]) == (1, 39)
    assert answer["unmatched_items"] == [{"request": request, "row": row} for row in range(1, 21)]


WRONG_LABELS = [
    (networks.thirds, ["forth", 1, None, True]),
    (networks.yes_or_no, ["true", 1, 0.0, None]),
    (networks.plane, ["3", True, None, {"z": 1}]),
    (networks.two_outputs, [3, {"sum": 1}, {"sum": 1, "difference": "2"}]),
    (networks.two_labels, [True, {"up": True}, {"up": 1, "down": False}]),
]


def test_labels_that_the_version_could_not_predict_are_refused_as_a_whole(live):
    models = [live.register(network()) for network, _ in WRONG_LABELS]
    for model in models:
        live.log(model)
    answers = [live.predict(model, live.get(f"/models/{model}/versions/1/example")["inputs"]) for model in models]
    for model, request, (_, wrong) in zip(models, answers, WRONG_LABELS, strict=True):
        live.wait_logged(model, 1)
        problem = feedback(live, model, [{"request": request, "label": label} for label in wrong], status=422)
        places = [["body", "items", place, "label"] for place in range(len(wrong))]
        assert [error["location"] for error in problem["errors"]] == places
        assert live.get(f"/models/{model}/predictions")["items"][0]["labels"] == 0


def test_live_figures_of_classes_are_those_of_a_hand(live):
    model = live.register(networks.yes_or_no())
    live.log(model)
    request = live.predict(model, [[0.5]] * 4 + [[-0.5]] * 2)
    live.wait_logged(model, 6)
    truth = [True, True, True, False, False]  # four of five are right; of the sixth nothing is known
    feedback(live, model, [{"request": request, "row": k, "label": label} for k, label in enumerate(truth)])
    told = live.get(f"/models/{model}/live?window=1h&buckets=4")
    [version] = told["versions"]
    assert (version["version"], version["rows"], version["labelled"]) == (1, 6, 5)
    p = 1 / (1 + math.exp(-0.5))
    assert version["metrics"]["accuracy"] == pytest.approx(0.8)
    assert version["metrics"]["log_loss"] == pytest.approx(-(4 * math.log(p) + math.log(1 - p)) / 5)
    assert [bucket["rows"] for bucket in version["buckets"]] == [0, 0, 0, 6]
    assert version["buckets"][3]["metrics"] == version["metrics"]
    assert version["buckets"][0]["metrics"] == {}


def test_live_figures_of_numbers_are_told_by_version(live):
    model = live.register(networks.line(2.0, 1.0))
    live.register(networks.line(2.0, 2.0), model=model)
    live.log(model)
    for version in (1, 2):
        answer = live.http.post(f"/models/{model}/versions/{version}/predict", json={"inputs": [[1.0], [2.0]]})
        live.wait_logged(model, 2 * version)
        request = answer.headers["X-Request-ID"]
        feedback(live, model, [{"request": request, "label": 3.0}, {"request": request, "row": 1, "label": 7}])
    second, first = live.get(f"/models/{model}/live")["versions"]
    assert (first["version"], second["version"]) == (1, 2)
    assert first["metrics"]["mae"] == pytest.approx(1)  # 3 and 5 for 3 and 7
    assert first["metrics"]["rmse"] == pytest.approx(math.sqrt(2))
    assert second["metrics"]["mae"] == pytest.approx(1)  # 4 and 6 for 3 and 7
    assert second["metrics"]["rmse"] == pytest.approx(1)
    [only] = live.get(f"/models/{model}/live?version=2")["versions"]
    assert only["version"] == 2


def test_several_outputs_and_several_labels_are_judged_together(live):
    outputs, labels = live.register(networks.two_outputs()), live.register(networks.two_labels())
    truths = {outputs: {"sum": 5, "difference": 0}, labels: {"up": True, "down": True}}
    for model, row in ((outputs, [3.0, 1.0]), (labels, [1.0])):
        live.log(model)
        request = live.predict(model, [row])
        live.wait_logged(model, 1)
        feedback(live, model, [{"request": request, "label": truths[model]}])
    assert live.get(f"/models/{outputs}/live")["versions"][0]["metrics"]["mae"] == pytest.approx(1.5)  # 4, 2
    assert live.get(f"/models/{labels}/live")["versions"][0]["metrics"]["hamming_loss"] == pytest.approx(0.5)


def test_windows_that_are_none_are_refused(live):
    model = live.register(networks.line())
    live.log(model)
    for query in ("window=1w", "window=0h", "window=", "buckets=0", "buckets=101", "windows=1h"):
        assert live.http.get(f"/models/{model}/live?{query}").status_code == 422
