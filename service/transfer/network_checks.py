"""Whether an imported network is consistent: a trained network always is, but one from a file may not be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.data.date_formats import is_date_format
from models.data.features.categories import CategoryEncoder
from models.data.features.dates import DateEncoder
from models.data.features.numbers import NumberEncoder
from models.data.targets import ClassTarget, LabelsTarget, NumberTarget
from models.inference.calibration import Calibration
from models.inference.trained_network import TrainedNetwork
from models.network.layers import BatchNorm
from service.schemas.names import LONGEST_COLUMN_NAME

Fault = tuple[Sequence[str | int], str]
"""The place in the description that is at fault, and why."""


def find_fault(trained: TrainedNetwork) -> Fault | None:
    """The first fault of the network's description; None if there is none."""
    return next(_faults(trained), None)


def _faults(trained: TrainedNetwork) -> Iterator[Fault]:
    yield from _faults_of_names("preprocessing", trained.signature.feature_names)
    yield from _faults_of_names("target", trained.target.names)
    yield from _faults_of_features(trained)
    yield from _faults_of_ranges(trained)
    yield from _faults_of_variances(trained)
    yield from _faults_of_target(trained)
    if trained.calibration is not None:
        yield from _faults_of_calibration(trained, trained.calibration)


def _faults_of_names(part: str, names: tuple[str, ...]) -> Iterator[Fault]:
    if len(set(names)) < len(names):
        yield [part], "two columns have the same name"
    if any(not name.strip() or len(name) > LONGEST_COLUMN_NAME for name in names):
        yield [part], f"a column's name has 1 to {LONGEST_COLUMN_NAME} characters"


def _faults_of_features(trained: TrainedNetwork) -> Iterator[Fault]:
    for encoder in trained.preprocessing.encoders:
        if isinstance(encoder, NumberEncoder | DateEncoder) and encoder.scale == 0:
            yield ["preprocessing"], f"the scale of `{encoder.name}` is 0"
        if isinstance(encoder, DateEncoder) and encoder.format is not None and not is_date_format(encoder.format):
            yield ["preprocessing"], f"the format of `{encoder.name}` is not a format in which a date can be written"
        if isinstance(encoder, CategoryEncoder) and len(set(encoder.levels)) < len(encoder.levels):
            yield ["preprocessing"], f"`{encoder.name}` has the same level twice"


def _faults_of_ranges(trained: TrainedNetwork) -> Iterator[Fault]:
    for place, encoder in enumerate(trained.preprocessing.encoders):
        low, high = encoder.minimum, encoder.maximum
        if low is None and high is not None:
            yield ["preprocessing", place, "minimum"], f"`{encoder.name}` has a maximum but no minimum"
        elif low is not None and high is None:
            yield ["preprocessing", place, "maximum"], f"`{encoder.name}` has a minimum but no maximum"
        elif low is not None and high is not None and low > high:
            yield ["preprocessing", place, "maximum"], f"the maximum of `{encoder.name}` is below its minimum"


def _faults_of_variances(trained: TrainedNetwork) -> Iterator[Fault]:
    for layer in trained.network.layers:
        if isinstance(layer, BatchNorm) and (layer.variance < 0).any():
            yield ["tensors", f"{layer.name}.variance"], "a variance is below 0"


def _faults_of_target(trained: TrainedNetwork) -> Iterator[Fault]:
    target, output = trained.target, trained.network.output_name
    if isinstance(target, NumberTarget):
        if output == "softmax":
            yield ["network"], "softmax is not an output for regression"
        return
    if isinstance(target, ClassTarget | LabelsTarget) and target.output != output:
        yield ["target"], f"its output is {target.output}, and the network's {output}"
    if not isinstance(target, ClassTarget):
        return
    if len({str(value) for value in target.classes}) < len(target.classes):
        yield ["target"], "the same class is listed twice"
    kinds = {float if type(value) is int else type(value) for value in target.classes}
    if len(kinds) > 1:
        yield ["target"], "classes must all be texts, all numbers, or false and true"


def _faults_of_calibration(trained: TrainedNetwork, calibration: Calibration) -> Iterator[Fault]:
    scores = trained.target.n_outputs if isinstance(trained.target, NumberTarget) else 1
    if len(calibration.scores) != scores:
        yield ["calibration"], f"there must be {scores} lists of scores"
    if calibration.temperature is not None and calibration.temperature <= 0:
        yield ["calibration"], "the temperature must be above 0"
    if (calibration.normalised is None) != (calibration.spreads is None):
        yield ["calibration"], "scores by expected error need the spreads, and the other way round"
    for parts in (calibration.normalised, calibration.spreads):
        if parts is not None and len(parts) != scores:
            yield ["calibration"], f"there must be {scores} spreads with their scores"
    if any(len(spread.weights) != trained.preprocessing.n_inputs for spread in calibration.spreads or ()):
        yield ["calibration"], "a spread has one weight for each input of the network"
    score_lists = (*calibration.scores, *(calibration.normalised or ()))
    if any(
        list(scores.values) != sorted(scores.values) or scores.ranks[-1] > scores.rows or scores.ranks[0] < 1
        for scores in score_lists
    ):
        yield ["calibration"], "scores rise, and their ranks go from 1 to the number of rows"
