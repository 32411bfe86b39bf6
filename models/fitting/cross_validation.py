"""k-fold cross-validation: each row is predicted by a network that did not see it, then one is trained on all rows.

Every fold fits its own preprocessing, so that the network that predicts a held-out row knows nothing of it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import median_low
from typing import Any

import numpy as np

from models.arrays import Array
from models.data.columns import Column, take_rows
from models.errors import BadCheckpoint
from models.evaluation.evaluate import predict_in_parts, read_labels, report
from models.fitting.encoded_rows import encode_held_out
from models.fitting.single import Fitted, fit_once, with_threshold
from models.inference.calibration import calibrate
from models.preparation.prepare import Prepared, learn_from
from models.specification import TrainingSpecification
from models.training.callbacks import EpochRecord, Interruption, Progress, TrainingCallback

Report = dict[str, Any]

_BRIEF = ("rows", "loss", "accuracy", "balanced_accuracy", "f1_macro", "roc_auc", "r2", "rmse", "mae")


@dataclass(frozen=True, slots=True)
class FoldResult:
    """The result of one fold: its metrics (`figures` in checkpoints), its best epoch, and its held-out predictions."""

    figures: Report
    best_epoch: int
    predicted: list[list[float]]


class FoldCallback:
    """The callback of one fold: does not report its epochs, and adds the earlier folds to its checkpoints."""

    def __init__(self, callback: TrainingCallback, results: Sequence[FoldResult]) -> None:
        self._callback, self._results = callback, results

    def on_epoch_end(self, record: EpochRecord, progress: Progress) -> None:
        """Does nothing: the curve of a cross-validation is that of the last network."""

    def interruption(self) -> Interruption | None:
        """The interruption that the job's callback requests."""
        return self._callback.interruption()

    def checkpoint(self, state: bytes) -> None:
        """Store the results of the folds so far with the state of this fold."""
        self._callback.checkpoint(pack(self._results, state))


class LastCallback(FoldCallback):
    """The callback of the network that is trained on all rows, whose epochs it reports."""

    def on_epoch_end(self, record: EpochRecord, progress: Progress) -> None:
        """Report the epoch: this is the curve of the version."""
        self._callback.on_epoch_end(record, progress)


def fit_with_folds(prepared: Prepared, callback: TrainingCallback, state: bytes | None) -> Fitted:
    """Evaluate the recipe on its folds, then train on all rows for as many epochs as were best for the folds."""
    results, inner = unpack(state) if state is not None else ([], None)
    for split in prepared.folds[len(results) :]:
        fold = learn_from(prepared, split)
        fitted = fit_once(fold, each_training(prepared), FoldCallback(callback, tuple(results)), inner)
        if fitted.stopped == "on request":
            return fitted
        results.append(_fold_result(fold, fitted))
        inner = None
    specification = last_training(each_training(prepared), [result.best_epoch for result in results])
    fitted = fit_once(prepared, specification, LastCallback(callback, tuple(results)), inner)
    labels, predicted = held_out_predictions(prepared, results)
    target = with_threshold(prepared, labels, predicted)
    trained = replace(fitted.trained, target=target, calibration=calibrate(target, labels, predicted))
    validation = pooled_metrics(prepared, results, report(target, labels, predicted))
    return replace(fitted, trained=trained, metrics={**fitted.metrics, "validation": validation})


def each_training(prepared: Prepared) -> TrainingSpecification:
    """The training of the recipe, with its time limit shared evenly among the folds and the last network."""
    training = prepared.recipe.training
    if training.time_limit_seconds is None:
        return training
    return replace(training, time_limit_seconds=training.time_limit_seconds / (len(prepared.folds) + 1))


def last_training(training: TrainingSpecification, best_epochs: Sequence[int]) -> TrainingSpecification:
    """The training on all rows: for the median best epoch, where the folds were stopped by their held-out rows."""
    if not training.early_stopping or training.early_stopping.metric != "validation_loss":
        return training
    return replace(training, epochs=median_low(best_epochs), early_stopping=False)


def held_out_predictions(prepared: Prepared, results: Sequence[FoldResult]) -> tuple[list[Column], Array]:
    """The labels of all rows, fold after fold, and their predictions by the networks that did not train on them."""
    rows = np.concatenate([split.validation for split in prepared.folds])
    predicted = np.array([row for result in results for row in result.predicted])
    return read_labels(prepared.target, take_rows(prepared.table, rows)), predicted


def pooled_metrics(prepared: Prepared, results: Sequence[FoldResult], metrics: Report) -> Report:
    """The metrics of all held-out predictions together, with the mean loss, and the main metrics of each fold."""
    sizes = [split.validation.size for split in prepared.folds]
    loss = float(np.average([result.figures["loss"] for result in results], weights=sizes))
    folds = [{name: result.figures[name] for name in _BRIEF if name in result.figures} for result in results]
    return {"loss": loss} | metrics | {"folds": folds}


def _fold_result(fold: Prepared, fitted: Fitted) -> FoldResult:
    held_out, metrics = encode_held_out(fold), fitted.metrics["validation"]
    assert held_out is not None
    assert metrics is not None
    predicted = predict_in_parts(fitted.trained, held_out.inputs)
    return FoldResult(dict(metrics), fitted.best_epoch, predicted.tolist())


def pack(results: Sequence[FoldResult], state: bytes) -> bytes:
    """The length of the folds' results (8 bytes), the results as JSON, and the training's own state."""
    header = json.dumps([asdict(result) for result in results]).encode()
    return len(header).to_bytes(8, "little") + header + state


def unpack(state: bytes) -> tuple[list[FoldResult], bytes]:
    """The folds' results and the training's state from `pack`. Raises BadCheckpoint for anything else."""
    end = 8 + int.from_bytes(state[:8], "little")
    try:
        results: list[Mapping[str, Any]] = json.loads(state[8:end])
        return [FoldResult(**result) for result in results], state[end:]
    except (ValueError, TypeError) as error:
        raise BadCheckpoint(
            "The checkpoint does not belong to a training with folds; start the training again."
        ) from error
