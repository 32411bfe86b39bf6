"""One network, trained on the training rows and evaluated on the held-out rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from models.arrays import Array
from models.data.columns import Column, take_rows
from models.data.targets import NumberTarget, Target
from models.data.targets.decision_threshold import best_threshold
from models.evaluation.evaluate import predict_in_parts, report
from models.fitting.encoded_rows import EncodedRows, encode_held_out, encode_rows
from models.inference.calibration import WIDEST_INPUT, Calibration, calibrate, calibrate_by_spread, learn_spread
from models.inference.trained_network import TrainedNetwork
from models.network.network import Network
from models.preparation.defaults import seed_of
from models.preparation.prepare import Prepared
from models.specification import Recipe, TrainingSpecification
from models.training.callbacks import EpochRecord, TrainingCallback
from models.training.loop import Training, TrainingResult
from models.training.losses import default_loss, loss_function

Report = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A trained network, its metrics on training and held-out rows ("training", "validation"), and its training.

    `trials` are those of a search, in order; the network is that of the best trial. `split` is the record of which rows
    were held out, `recipe` has every default filled in and, after a search, the settings of the best trial.
    """

    trained: TrainedNetwork
    metrics: Mapping[str, Report | None]
    curve: list[EpochRecord]
    stopped: str | None
    best_epoch: int
    warnings: list[dict[str, str | None]]
    trials: list[dict[str, Any]] = field(default_factory=list)
    split: dict[str, Any] = field(default_factory=dict)
    best_trial: dict[str, Any] | None = None
    recipe: Recipe | None = None


@np.errstate(all="ignore")
def fit_once(
    prepared: Prepared, specification: TrainingSpecification, callback: TrainingCallback, state: bytes | None
) -> Fitted:
    """Train one network, and evaluate it on the training rows and on the held-out rows, if there are any."""
    training_rows = encode_rows(prepared, take_rows(prepared.table, prepared.split.training), prepared.split.training)
    validation_rows = encode_held_out(prepared)
    network = first_network(prepared)
    held_out = None if validation_rows is None else (validation_rows.inputs, validation_rows.targets)
    training = Training(
        network,
        specification,
        training_rows.inputs,
        training_rows.targets,
        sample_weight=training_rows.weight,
        validation=held_out,
        validation_weight=usable_weight(validation_rows),
        seed=seed_of(prepared.recipe),
    )
    if state is not None:
        training.restore(state)
    result = training.run(callback)
    return fitted(prepared, network, result, training_rows, validation_rows)


def usable_weight(held_out: EncodedRows | None) -> Array | None:
    """The weights of the held-out rows, unless all of them are 0."""
    return held_out.weight if held_out is not None and held_out.weight is not None and held_out.weight.any() else None


def first_network(prepared: Prepared) -> Network:
    """The network before its first step: drawn by the recipe and its seed, or the network to continue from."""
    recipe, shape = prepared.recipe, (prepared.preprocessing.n_inputs, prepared.target.n_outputs)
    network = Network.create(recipe.network, *shape, np.random.default_rng([seed_of(recipe), 0]))
    if prepared.start is not None:
        network.parameters[...] = prepared.start.network.parameters
        network.running[...] = prepared.start.network.running
    return network


def fitted(
    prepared: Prepared,
    network: Network,
    result: TrainingResult,
    training_rows: EncodedRows,
    validation_rows: EncodedRows | None,
) -> Fitted:
    """The trained network with its metrics, its calibration and its decision threshold."""
    baseline = training_rows.inputs.mean(axis=0).astype(network.dtype)
    trained = TrainedNetwork(network, prepared.preprocessing, prepared.target, baseline, ignored=prepared.ignored)
    if validation_rows is not None:
        calibration = _calibration(trained, training_rows, validation_rows)
        trained = replace(
            trained, calibration=calibration, target=_target_with_threshold(prepared, trained, validation_rows)
        )
    return Fitted(
        trained=trained,
        metrics={
            "training": metrics_on(prepared, trained, training_rows),
            "validation": None if validation_rows is None else metrics_on(prepared, trained, validation_rows),
        },
        curve=result.curve,
        stopped=result.stopped,
        best_epoch=result.best_epoch,
        warnings=prepared.warnings,
    )


def _calibration(trained: TrainedNetwork, training_rows: EncodedRows, held_out: EncodedRows) -> Calibration | None:
    """The calibration on the held-out rows, by errors that are expected after those on the training rows."""
    plain = calibrate(trained.target, held_out.labels, predict_in_parts(trained, held_out.inputs))
    if plain is None or not isinstance(trained.target, NumberTarget) or held_out.inputs.shape[1] > WIDEST_INPUT:
        return plain
    training_errors, errors = (
        np.abs(trained.target.truth(rows.labels) - predict_in_parts(trained, rows.inputs))
        for rows in (training_rows, held_out)
    )
    spreads = tuple(learn_spread(training_rows.inputs, column) for column in training_errors.T)
    return calibrate_by_spread(plain, errors, held_out.inputs, spreads)


def _target_with_threshold(prepared: Prepared, trained: TrainedNetwork, held_out: EncodedRows) -> Target:
    return with_threshold(prepared, held_out.labels, predict_in_parts(trained, held_out.inputs))


def with_threshold(prepared: Prepared, labels: Sequence[Column], predicted: Array) -> Target:
    """The target with the best threshold on these held-out rows, where the recipe names a metric for it."""
    target, metric = prepared.target, prepared.recipe.threshold
    if not isinstance(metric, str):
        return target
    is_second = target.truth(labels) == 1
    return target.with_threshold(best_threshold(is_second, predicted[:, 1], metric))


def metrics_on(prepared: Prepared, trained: TrainedNetwork, rows: EncodedRows) -> Report:
    """The loss in the units trained on, and every metric of the task in raw units."""
    predicted = predict_in_parts(trained, rows.inputs)
    return {"loss": mean_loss(prepared, trained, rows)} | report(trained.target, rows.labels, predicted)


def mean_loss(prepared: Prepared, trained: TrainedNetwork, rows: EncodedRows) -> float:
    """The mean loss over the rows, without weights."""
    network = trained.network
    loss = loss_function(prepared.recipe.training.loss or default_loss(network.output_name))
    predict = network.logits if loss.on_logits else network.forward
    targets = loss.targets(rows.targets.astype(network.dtype))
    return float(np.mean(loss.values(predict(rows.inputs.astype(network.dtype)), targets), dtype=np.float64))
