"""The training of one group of trials: in a stack where there are several, else like any other training."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.data.columns import take_rows
from models.errors import Diverged
from models.evaluation.evaluate import predict_in_parts, report
from models.fitting.cross_validation import fit_with_folds
from models.fitting.encoded_rows import EncodedRows, encode_held_out, encode_rows
from models.fitting.search.trials import Trial, TrialResult, failure_of, result_of
from models.fitting.single import Fitted, first_network, fit_once, fitted, mean_loss, usable_weight
from models.fitting.stacked.training import StackedData, StackedTraining
from models.inference.trained_network import TrainedNetwork
from models.network.network import Network
from models.preparation.defaults import seed_of
from models.preparation.prepare import Prepared
from models.training.callbacks import TrainingCallback
from models.training.loop import TrainingResult


@dataclass(frozen=True, slots=True, eq=False)
class TrialEnd:
    """The end of a trial. `fitted` computes what only the best trial needs; it is None for a failed trial."""

    result: TrialResult
    fitted: Callable[[], Fitted] | None


def train_group(
    trials: Sequence[Trial], metric: str, callback: TrainingCallback, state: bytes | None
) -> list[TrialEnd]:
    """Train all trials to their ends. Raises Interrupted; a training that diverges is the end of its trial."""
    if len(trials) > 1:
        return _train_together(trials, metric, callback, state)
    return [_train_alone(trials[0], metric, callback, state)]


def _train_alone(trial: Trial, metric: str, callback: TrainingCallback, state: bytes | None) -> TrialEnd:
    """Train one trial by itself, with folds where the recipe has them."""
    prepared = trial.prepared
    try:
        if prepared.folds:
            trained = fit_with_folds(prepared, callback, state)
        else:
            trained = fit_once(prepared, prepared.recipe.training, callback, state)
    except Diverged as error:
        return TrialEnd(failure_of(trial.number, trial.settings, error, metric), None)
    return TrialEnd(result_of(trial, trained, metric), lambda: trained)


def _train_together(
    trials: Sequence[Trial], metric: str, callback: TrainingCallback, state: bytes | None
) -> list[TrialEnd]:
    """Train the trials in one stack; they share rows, preprocessing and seed."""
    first = trials[0].prepared
    training_rows = encode_rows(first, take_rows(first.table, first.split.training), first.split.training)
    held_out = encode_held_out(first)
    networks = [first_network(trial.prepared) for trial in trials]
    specifications = [trial.prepared.recipe.training for trial in trials]
    training = StackedTraining(networks, specifications, _data(training_rows, held_out), seed_of(first.recipe))
    if state is not None:
        training.restore(state)
    results = training.run(callback)
    return [
        _end(trial, network, result, metric, (training_rows, held_out))
        for trial, network, result in zip(trials, networks, results, strict=True)
    ]


def _data(training_rows: EncodedRows, held_out: EncodedRows | None) -> StackedData:
    return StackedData(
        training_rows.inputs,
        training_rows.targets,
        training_rows.weight,
        None if held_out is None else (held_out.inputs, held_out.targets),
        usable_weight(held_out),
    )


def _end(
    trial: Trial,
    network: Network,
    result: TrainingResult | Diverged,
    metric: str,
    rows: tuple[EncodedRows, EncodedRows | None],
) -> TrialEnd:
    if isinstance(result, Diverged):
        return TrialEnd(failure_of(trial.number, trial.settings, result, metric), None)
    prepared, (training_rows, held_out) = trial.prepared, rows
    trained = TrainedNetwork(network, prepared.preprocessing, prepared.target, training_rows.inputs[0])
    losses = (
        mean_loss(prepared, trained, training_rows),
        None if held_out is None else mean_loss(prepared, trained, held_out),
    )
    score = losses[1] if metric == "loss" or held_out is None else _metric(prepared, trained, held_out, metric)
    trial_result = TrialResult(
        trial.number,
        trial.settings,
        score,
        metric,
        losses,
        epochs=result.epoch,
        best_epoch=result.best_epoch,
        stopped=result.stopped,
    )
    return TrialEnd(trial_result, lambda: fitted(prepared, network, result, training_rows, held_out))


def _metric(prepared: Prepared, trained: TrainedNetwork, held_out: EncodedRows, metric: str) -> float | None:
    value = report(prepared.target, held_out.labels, predict_in_parts(trained, held_out.inputs))[metric]
    return None if value is None else float(value)
