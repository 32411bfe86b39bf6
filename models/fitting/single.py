"""One network trained on the training part and judged on the held-out part: the place where all parts meet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.data.columns import Column, take_rows
from models.data.targets import ClassTarget, NumberTarget, Target, numbers
from models.data.targets.decision_threshold import best_threshold
from models.evaluation.evaluate import predict_in_parts, report
from models.fitting.encoded_rows import Part, held_out_part, part
from models.inference.calibration import WIDEST_INPUT, Calibration, calibrate, calibrate_by_spread, learn_spread
from models.inference.trained_network import TrainedNetwork
from models.network.network import Network
from models.preparation.defaults import seed_of
from models.preparation.prepare import Prepared
from models.specification import TrainingSpecification
from models.training.callbacks import EpochRecord, Monitor
from models.training.loop import Training, TrainingResult
from models.training.losses import default_loss, loss_function

Array = NDArray[Any]
Report = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A trained network, its figures on both parts ("training", "validation"), and how the training went.

    `trials` are those of a search, in the order in which they were chosen; the network is the best one's. `split` tells
    which rows were in which part.
    """

    trained: TrainedNetwork
    metrics: Mapping[str, Report | None]
    curve: list[EpochRecord]
    stopped: str | None
    best_epoch: int
    warnings: list[dict[str, str | None]]
    trials: list[dict[str, Any]] = field(default_factory=list)
    split: dict[str, Any] = field(default_factory=dict)


@np.errstate(all="ignore")
def fit_once(prepared: Prepared, specification: TrainingSpecification, monitor: Monitor, state: bytes | None) -> Fitted:
    """One network on the training part, judged on the other where there is one."""
    training_part = part(prepared, take_rows(prepared.table, prepared.split.training), prepared.split.training)
    validation_part = held_out_part(prepared)
    network = first_network(prepared)
    held_out = None if validation_part is None else (validation_part.inputs, validation_part.targets)
    training = Training(
        network,
        specification,
        training_part.inputs,
        training_part.targets,
        sample_weight=training_part.weight,
        validation=held_out,
        validation_weight=usable_weight(validation_part),
        seed=seed_of(prepared.recipe),
    )
    if state is not None:
        training.restore(state)
    result = training.run(monitor)
    return fitted(prepared, network, result, training_part, validation_part)


def usable_weight(held_out: Part | None) -> Array | None:
    """The held-out rows' weights, unless they count for nothing."""
    return held_out.weight if held_out is not None and held_out.weight is not None and held_out.weight.any() else None


def first_network(prepared: Prepared) -> Network:
    """The network before its first step, a function of the recipe and its seed, or of the network to go on from."""
    recipe, shape = prepared.recipe, (prepared.preprocessing.n_inputs, prepared.target.n_outputs)
    network = Network.create(recipe.network, *shape, np.random.default_rng([seed_of(recipe), 0]))
    if prepared.start is not None:
        network.parameters[...] = prepared.start.network.parameters
        network.running[...] = prepared.start.network.running
    return network


def fitted(
    prepared: Prepared, network: Network, result: TrainingResult, training_part: Part, validation_part: Part | None
) -> Fitted:
    """The trained network with all that the rows teach about it."""
    baseline = training_part.inputs.mean(axis=0).astype(network.dtype)
    trained = TrainedNetwork(network, prepared.preprocessing, prepared.target, baseline)
    if validation_part is not None:
        calibration = _calibration(trained, training_part, validation_part)
        trained = replace(trained, calibration=calibration, target=_decided_target(prepared, trained, validation_part))
    return Fitted(
        trained=trained,
        metrics={
            "training": figures(prepared, trained, training_part),
            "validation": None if validation_part is None else figures(prepared, trained, validation_part),
        },
        curve=result.curve,
        stopped=result.stopped,
        best_epoch=result.best_epoch,
        warnings=prepared.warnings,
    )


def _calibration(trained: TrainedNetwork, training_part: Part, held_out: Part) -> Calibration | None:
    """What the held-out rows teach; the expected errors are learnt from the training rows."""
    plain = calibrate(trained.target, held_out.labels, predict_in_parts(trained, held_out.inputs))
    if plain is None or not isinstance(trained.target, NumberTarget) or held_out.inputs.shape[1] > WIDEST_INPUT:
        return plain
    training_errors, errors = (
        np.abs(numbers(one.labels) - predict_in_parts(trained, one.inputs)) for one in (training_part, held_out)
    )
    spreads = tuple(learn_spread(training_part.inputs, column) for column in training_errors.T)
    return calibrate_by_spread(plain, errors, held_out.inputs, spreads)


def _decided_target(prepared: Prepared, trained: TrainedNetwork, held_out: Part) -> Target:
    return with_threshold(prepared, held_out.labels, predict_in_parts(trained, held_out.inputs))


def with_threshold(prepared: Prepared, labels: Sequence[Column], predicted: Array) -> Target:
    """The target with the threshold that is best on these held-out rows, where the recipe asks for that."""
    target, metric = prepared.target, prepared.recipe.threshold
    if not isinstance(target, ClassTarget) or not isinstance(metric, str):
        return target
    is_second = target.indices(labels[0]) == 1
    return replace(target, threshold=best_threshold(is_second, predicted[:, 1], metric))


def figures(prepared: Prepared, trained: TrainedNetwork, rows: Part) -> Report:
    """The loss in the units trained on, then every figure of the task in raw units."""
    predicted = predict_in_parts(trained, rows.inputs)
    return {"loss": mean_loss(prepared, trained, rows)} | report(trained.target, rows.labels, predicted)


def mean_loss(prepared: Prepared, trained: TrainedNetwork, rows: Part) -> float:
    """The mean over the rows, each counted once."""
    network = trained.network
    loss = loss_function(prepared.recipe.training.loss or default_loss(network.output_name))
    predict = network.logits if loss.on_logits else network.forward
    targets = loss.targets(rows.targets.astype(network.dtype))
    return float(np.mean(loss.values(predict(rows.inputs.astype(network.dtype)), targets), dtype=np.float64))
