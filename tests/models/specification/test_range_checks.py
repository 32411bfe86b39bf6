"""The limits of losses, networks and trainings: the last accepted value, and the first rejected one."""

import pytest

from models.specification import (
    BinaryCrossEntropy,
    ColumnOverride,
    ColumnScaling,
    CrossEntropy,
    EarlyStopping,
    GradientClip,
    Huber,
    NetworkSpecification,
    Quantile,
    Range,
    Recipe,
    SearchSpecification,
    TrainingSpecification,
    ValidationSpecification,
)

LIMITS = [
    (Huber, "delta", [1e-9, 1e9], [0.0, -1.0, float("inf")]),
    (BinaryCrossEntropy, "label_smoothing", [0.0, 0.999], [-0.001, 1.0]),
    (CrossEntropy, "label_smoothing", [0.0, 0.999], [-0.001, 1.0]),
    (Quantile, "quantile", [1e-9, 1 - 1e-9], [0.0, 1.0]),
    (NetworkSpecification, "hidden", [(), (1,), (5, 1)], [(0,), (5, -1)]),
    (NetworkSpecification, "dropout", [0.0, 0.999], [-0.001, 1.0]),
    (NetworkSpecification, "l1", [0.0, 1.0], [-1e-9]),
    (NetworkSpecification, "l2", [0.0, 1.0], [-1e-9]),
    (NetworkSpecification, "max_norm", [None, 1e-9], [0.0, -1.0]),
    (EarlyStopping, "patience", [1], [0]),
    (EarlyStopping, "minimum_change", [0.0, 1.0], [-1e-9]),
    (GradientClip, "norm", [1e-9], [0.0, -1.0]),
    (GradientClip, "value", [1e-9], [0.0, -1.0]),
    (TrainingSpecification, "epochs", [None, 1], [0, -1]),
    (TrainingSpecification, "batch_size", [None, 1], [0, -1]),
    (TrainingSpecification, "checkpoint_every", [None, 1], [0, -1]),
    (TrainingSpecification, "threads", [None, 1], [0, -1]),
    (TrainingSpecification, "seed", [None, 0, 1], [-1]),
    (TrainingSpecification, "time_limit_seconds", [None, 1e-9], [0.0, -1.0]),
    (TrainingSpecification, "averaged_weights", [None, 1e-9, 1 - 1e-9], [0.0, 1.0]),
    (TrainingSpecification, "class_weight", [{"a": 0.0}, "balanced"], [{"a": -1e-9}]),
    (ValidationSpecification, "fraction", [0.0, 0.999], [-1e-9, 1.0]),
    (ValidationSpecification, "folds", [None, 2], [1, 0]),
    (ColumnScaling, "shift", [-1e300, 0.0], [float("inf"), float("nan")]),
    (ColumnScaling, "scale", [-1.0, 1e-300], [0.0, float("inf"), float("nan")]),
    (Range, "range", [(0.0, 1e-9), (-2.0, -1.0)], [(1.0, 1.0), (1.0, 0.0), (0.0, float("inf")), (-float("inf"), 0.0)]),
]


@pytest.mark.parametrize(("kind", "field", "accepted", "rejected"), LIMITS)
def test_a_value_at_its_limit_is_accepted_and_one_beyond_is_rejected(kind, field, accepted, rejected):
    for value in accepted:
        assert getattr(kind(**{field: value}), field) == value
    for value in rejected:
        with pytest.raises(ValueError, match=field):
            kind(**{field: value})


@pytest.mark.parametrize("threshold", [1e-9, 1 - 1e-9, "f1", None])
def test_a_threshold_lies_inside_0_and_1_or_is_a_metric(threshold):
    assert Recipe(label="y", threshold=threshold).threshold == threshold


def test_a_log_range_begins_above_0():
    assert Range(range=(1e-300, 1.0), scale="log").scale == "log"
    with pytest.raises(ValueError, match="log range"):
        Range(range=(0.0, 1.0), scale="log")


def test_a_search_has_at_least_one_trial_and_32_by_default():
    space = {"network.l2": Range(range=(0.0, 1.0))}
    assert SearchSpecification(space=space, trials=1).trials == 1
    assert SearchSpecification(space=space).trials == 32


def test_a_gradient_is_clipped_by_exactly_one_limit():
    for choices in ({}, {"norm": 1.0, "value": 1.0}):
        with pytest.raises(ValueError, match="either norm or value"):
            GradientClip(**choices)


def test_only_numbers_are_filled_by_a_rule():
    assert ColumnOverride(type="number", missing="median").missing == "median"
    assert ColumnOverride(type="date").missing is None
    with pytest.raises(ValueError, match="missing"):
        ColumnOverride(type="boolean", missing="mode")


@pytest.mark.parametrize("method", ["time", "group"])
def test_a_split_by_a_column_needs_its_name(method):
    assert ValidationSpecification(method=method, column="g").column == "g"
    with pytest.raises(ValueError, match=method):
        ValidationSpecification(method=method)


@pytest.mark.parametrize(("field", "values"), [("activation", ("relu", "tanh")), ("dropout", (0.1, 0.2))])
def test_a_list_for_the_hidden_layers_has_one_value_for_each(field, values):
    network = NetworkSpecification(hidden=(4, 2), **{field: values})
    assert getattr(network, f"{field}s") == values
    with pytest.raises(ValueError, match=field):
        NetworkSpecification(hidden=(4,), **{field: values})


def test_one_activation_and_one_rate_hold_for_all_hidden_layers():
    network = NetworkSpecification(hidden=(4, 2), activation="tanh", dropout=0.5)
    assert (network.activations, network.dropouts) == (("tanh", "tanh"), (0.5, 0.5))


def test_batch_norm_and_layer_norm_exclude_each_other():
    assert NetworkSpecification(batch_norm=True).batch_norm
    assert NetworkSpecification(layer_norm=True).layer_norm
    with pytest.raises(ValueError, match="exclude"):
        NetworkSpecification(batch_norm=True, layer_norm=True)


def test_the_defaults_are_the_documented_ones():
    assert NetworkSpecification().hidden == (128,)
    assert EarlyStopping().patience == 20
