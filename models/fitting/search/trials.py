"""The trials of a search, and their results."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from models.errors import BadRecipe, ModelError
from models.evaluation.metrics.by_task import METRICS
from models.fitting.single import Fitted
from models.preparation.prepare import Prepared, prepare
from models.specification import Recipe
from models.specification.search_space import TrialSettings, with_settings
from models.training.callbacks import EpochRecord

UNSEEN_BY_DATA = (
    "network.hidden",
    "network.activation",
    "network.init",
    "network.l1",
    "network.l2",
    "network.dropout",
    "training.optimizer",
    "training.schedule",
    "training.batch_size",
    "training.epochs",
)
"""Settings that do not affect features, target and split, so that these need not be fitted again."""


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """The settings of a trial, and the training that they define."""

    number: int
    settings: TrialSettings
    prepared: Prepared


@dataclass(frozen=True, slots=True)
class TrialResult:
    """The result of a trial. `score` compares trials, lower is better; a failed trial has an `error` and no score.

    `figure` names the metric of the score. `losses` are those of the kept parameters on training and held-out rows.
    """

    number: int
    settings: TrialSettings
    score: float | None
    figure: str
    losses: tuple[float | None, float | None] = (None, None)
    epochs: int = 0
    best_epoch: int = 0
    stopped: str | None = None
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The JSON form that a version and its job carry."""
        return {name: value for name, value in asdict(self).items() if name != "losses"} | {
            "loss": self.losses[0],
            "validation_loss": self.losses[1],
        }


def prepare_trial(prepared: Prepared, number: int, settings: TrialSettings, epochs: int | None) -> Trial:
    """The training of a trial; `epochs`, if not None, are its epochs. Raises a ModelError for bad settings."""
    epoch_setting = {} if epochs is None else {"training.epochs": epochs}
    recipe = with_settings(prepared.recipe, settings | epoch_setting | {"training.time_limit_seconds": None})
    if all(path.startswith(UNSEEN_BY_DATA) for path in settings):
        return Trial(number, settings, replace(prepared, recipe=recipe))
    return Trial(number, settings, _prepare_again(prepared, recipe, settings))


def _prepare_again(prepared: Prepared, recipe: Recipe, settings: TrialSettings) -> Prepared:
    """The table prepared with the recipe of a trial; if its loss does not fit the output, with that of the loss."""
    arguments = prepared.validation_table, prepared.start
    try:
        return prepare(prepared.table, recipe, *arguments)
    except BadRecipe as error:
        if error.location[:2] != ["training", "loss"] or "network.output" in settings:
            raise
        return prepare(prepared.table, replace(recipe, network=replace(recipe.network, output=None)), *arguments)


def compared_metric(recipe: Recipe) -> str:
    """The metric that compares trials: the held-out loss, or a metric of the task where losses differ."""
    differs = {"training.loss", "network.output", "scaling"}
    space = recipe.search.space if recipe.search is not None else {}
    if not any(path in differs or path.startswith("training.loss.") for path in space):
        return "loss"
    assert recipe.task is not None
    return METRICS[recipe.task].comparable


def result_of(trial: Trial, fitted: Fitted, metric: str) -> TrialResult:
    """The result of a trial that was trained to its end."""
    training, held_out = fitted.metrics["training"] or {}, fitted.metrics["validation"] or {}
    return TrialResult(
        trial.number,
        trial.settings,
        held_out.get(metric),
        metric,
        (training.get("loss"), held_out.get("loss")),
        epochs=len(fitted.curve),
        best_epoch=fitted.best_epoch,
        stopped=fitted.stopped,
    )


def failure_of(number: int, settings: TrialSettings, error: ModelError, metric: str) -> TrialResult:
    """The result of a trial that could not be trained."""
    return TrialResult(number, settings, None, metric, error=error.message)


def is_better(result: TrialResult, other: TrialResult | None) -> bool:
    """Whether the result has a lower score than the other, or there is no other."""
    if result.score is None:
        return False
    return other is None or other.score is None or result.score < other.score


def point_of(result: TrialResult, n_trained: int, elapsed_seconds: float) -> EpochRecord:
    """A trial as a point of the job's curve, in which the trials of a search are in the order of their ends."""
    loss, validation_loss = result.losses
    rate = result.settings.get("training.optimizer.learning_rate", 0.0)
    return EpochRecord(n_trained, loss if loss is not None else float("nan"), validation_loss, rate, elapsed_seconds)
