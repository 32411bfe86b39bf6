"""One prediction means the same wherever it goes out: JSON, tables, tensors, the log and the watch for drift."""

import csv
import io

import numpy as np
import orjson
import pytest

from models.data.targets import TARGETS
from models.evaluation.metrics.by_task import METRICS
from service.serving.output_view import VIEWS, BadLabel, output_view
from tests.support.serving import networks

# The values of two rows, and their predictions worked out by hand.
CASES = {
    "classes": (
        networks.thirds(),
        [[0.5, 0.25, 0.25], [0.2, 0.3, 0.5]],
        [
            {"label": "first", "probabilities": {"first": 0.5, "second": 0.25, "third": 0.25}},
            {"label": "third", "probabilities": {"first": 0.2, "second": 0.3, "third": 0.5}},
        ],
    ),
    "two classes by a threshold": (
        networks.yes_or_no(threshold=0.25),
        [[0.75, 0.25], [0.8, 0.2]],
        [
            {"label": True, "probabilities": {"false": 0.75, "true": 0.25}},
            {"label": False, "probabilities": {"false": 0.8, "true": 0.2}},
        ],
    ),
    "labels": (
        networks.two_labels(),
        [[0.5, 0.25], [0.4, 0.75]],
        [
            {"labels": {"up": True, "down": False}, "probabilities": {"up": 0.5, "down": 0.25}},
            {"labels": {"up": False, "down": True}, "probabilities": {"up": 0.4, "down": 0.75}},
        ],
    ),
    "one number": (networks.line(), [[1.5], [-2.0]], [{"value": 1.5}, {"value": -2.0}]),
    "numbers": (
        networks.two_outputs(),
        [[1.5, 2.0], [3.0, -1.0]],
        [{"values": {"sum": 1.5, "difference": 2.0}}, {"values": {"sum": 3.0, "difference": -1.0}}],
    ),
}


@pytest.fixture(params=CASES)
def case(request):
    trained, values, predictions = CASES[request.param]
    return output_view(trained.task, trained.signature.outputs), np.array(values), predictions


def test_json_and_the_log_hold_the_same_predictions(case):
    view, values, predictions = case
    assert orjson.loads(view.row_text.whole(view.json_columns(values))) == predictions
    assert [view.prediction(row) for row in values.tolist()] == predictions


def test_tables_hold_the_decisions_and_then_the_values(case):
    view, values, predictions = case
    lines = [b",".join(row).decode() for row in zip(*view.csv_columns(values), strict=True)]
    cells = list(csv.reader(io.StringIO("\n".join(lines))))
    table = list(zip(*view.table_columns(values), strict=True))
    for row, cell_row, prediction in zip(table, cells, predictions, strict=True):
        decisions = [prediction["label"]] if "label" in prediction else [*prediction.get("labels", {}).values()]
        numbers = next(entry for name, entry in prediction.items() if name not in ("label", "labels"))
        numbers = list(numbers.values()) if isinstance(numbers, dict) else [numbers]
        assert list(row) == [*decisions, *numbers]
        texts = [str(decision).lower() if isinstance(decision, bool) else decision for decision in decisions]
        assert cell_row[: len(decisions)] == texts
        assert [float(cell) for cell in cell_row[len(decisions) :]] == numbers
        assert len(view.table_names) == len(row)


def test_a_prediction_is_a_possible_label_of_its_own_row(case):
    view, values, predictions = case
    labels = [next(iter(prediction.values())) for prediction in predictions]
    truth = np.array([view.truth(label) for label in labels])
    report = view.report(truth, values)
    assert (report.get("accuracy", 1.0), report.get("mse", 0.0)) == (1.0, 0.0)
    with pytest.raises(BadLabel):
        view.truth("no such label")


def test_the_schema_requires_what_a_prediction_holds(case):
    view, _, predictions = case
    schema = view.json_schema()
    assert schema["required"] == list(predictions[0])
    for name, entry in predictions[0].items():
        if isinstance(entry, dict):
            assert schema["properties"][name]["required"] == list(entry)


def test_a_version_agrees_with_itself_wherever_it_decides(case):
    view, values, _ = case
    agreeing = view.agreeing_rows(values, view, values, range(values.shape[1]))
    decides = any(output["datatype"] != "FP64" for output in view.tensors())
    assert agreeing == (2 if decides else None)


def test_every_task_has_a_target_metrics_and_a_view():
    assert TARGETS.keys() == METRICS.keys() == VIEWS.keys()
