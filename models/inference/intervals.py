"""The certainty of predictions: intervals that contain the truth, and sets of classes, with a guaranteed coverage.

Split-conformal prediction: the errors on held-out rows bound the error on a new row of the same distribution with the
chosen probability, whatever the network is.
"""

from collections.abc import Mapping

import numpy as np

from models.arrays import Array
from models.data.columns import RawValues, Table
from models.data.targets import ClassTarget, NumberTarget
from models.errors import BadRecipe
from models.inference.calibration import Calibration, tempered
from models.inference.trained_network import TrainedNetwork
from models.specification import OutputName

# From the least to the largest value that the last activation has.
_RANGES: dict[OutputName, tuple[float, float]] = {
    "linear": (-np.inf, np.inf),
    "exponential": (0.0, np.inf),
    "sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
}


def prediction_intervals(
    trained: TrainedNetwork, rows: Table | Mapping[str, RawValues], coverage: float
) -> tuple[Array, Array]:
    """Lower and upper ends in raw units, each of shape (n_rows, n_outputs): ŷ ∓ q.

    Infinite where the held-out rows are too few for the coverage, but never beyond what the output can be: counts have
    no values below 0.
    """
    calibration = _calibration(trained, coverage)
    _require(isinstance(trained.target, NumberTarget), "intervals are for regression; use prediction sets for classes")
    predicted = trained.predict(rows)
    width = np.array([scores.quantile(coverage) for scores in calibration.scores])
    return _within_range(trained, predicted - width, predicted + width)


def normalised_intervals(
    trained: TrainedNetwork, rows: Table | Mapping[str, RawValues], coverage: float
) -> tuple[Array, Array]:
    """Intervals that are narrower where smaller errors are expected: ŷ ∓ q · spread(x)."""
    calibration = _calibration(trained, coverage)
    _require(calibration.normalised is not None, "this network was stored without expected errors; train it again")
    inputs = trained.inputs(rows)
    predicted = trained.outputs_of(inputs)
    width = np.column_stack(
        [
            scores.quantile(coverage) * spread.of(inputs)
            for scores, spread in zip(calibration.normalised or (), calibration.spreads or (), strict=True)
        ]
    )
    return _within_range(trained, predicted - width, predicted + width)


def _within_range(trained: TrainedNetwork, low: Array, high: Array) -> tuple[Array, Array]:
    """The part of each interval that the output can be, in raw units; the truth is never in the rest."""
    target = trained.target
    assert isinstance(target, NumberTarget)
    output: OutputName = "exponential" if target.link == "exp" else trained.network.output_name
    ends = np.array(_RANGES[output])[:, None] * np.array(target.scale) + np.array(target.shift)
    return np.maximum(low, ends.min(axis=0)), np.minimum(high, ends.max(axis=0))


def prediction_sets(trained: TrainedNetwork, rows: Table | Mapping[str, RawValues], coverage: float) -> Array:
    """Which classes belong to each row's set, booleans of shape (n_rows, n_classes).

    The predicted class, and all classes whose probability is at least 1 − q after temperature scaling (Sadinle et al.
    2019).
    """
    calibration, target = _calibration(trained, coverage), trained.target
    if not isinstance(target, ClassTarget):
        raise BadRecipe("prediction sets are for classification")
    predicted = trained.predict(rows)
    probabilities = tempered(predicted, calibration.temperature or 1.0)
    members = probabilities >= 1.0 - calibration.scores[0].quantile(coverage)
    members[np.arange(len(members)), target.decide(predicted)] = True
    return np.asarray(members)


def calibrated_probabilities(trained: TrainedNetwork, rows: Table | Mapping[str, RawValues]) -> Array:
    """Probabilities after temperature scaling, which changes their certainty and not the likeliest class."""
    calibration = _calibration(trained, 0.5)
    _require(calibration.temperature is not None, "temperature scaling is for classification")
    return tempered(trained.predict(rows), calibration.temperature or 1.0)


def _calibration(trained: TrainedNetwork, coverage: float) -> Calibration:
    _require(0 < coverage < 1, "coverage must be above 0 and below 1, for example 0.9")
    if trained.calibration is None:
        raise BadRecipe(
            "this network was trained without held-out rows, which intervals need; train it with a validation fraction"
        )
    return trained.calibration


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise BadRecipe(message, ["coverage"] if message.startswith("coverage") else [])
