"""What is tried, and what came of it."""

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
"""Settings that change nothing about features, target and split, so that these need not be fitted again."""


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """One setting, and the training that it makes."""

    number: int
    settings: TrialSettings
    prepared: Prepared


@dataclass(frozen=True, slots=True)
class TrialResult:
    """`score` is what trials are compared by, the lower the better; it is null where the trial failed, with the error.

    `losses` are the last ones of the training that was kept: on the training part and on the held-out one.
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
    """The training of one setting, of so many epochs where that is told. Raises a ModelError for a bad setting."""
    epoch_setting = {} if epochs is None else {"training.epochs": epochs}
    recipe = with_settings(prepared.recipe, settings | epoch_setting | {"training.time_limit_seconds": None})
    if all(path.startswith(UNSEEN_BY_DATA) for path in settings):
        return Trial(number, settings, replace(prepared, recipe=recipe))
    return Trial(number, settings, _prepared_anew(prepared, recipe, settings))


def _prepared_anew(prepared: Prepared, recipe: Recipe, settings: TrialSettings) -> Prepared:
    """With another loss the output that was chosen for the first one may give way."""
    arguments = prepared.validation_table, prepared.start
    try:
        return prepare(prepared.table, recipe, *arguments)
    except BadRecipe as fault:
        if fault.location[:2] != ["training", "loss"] or "network.output" in settings:
            raise
        return prepare(prepared.table, replace(recipe, network=replace(recipe.network, output=None)), *arguments)


def compared_figure(recipe: Recipe) -> str:
    """The held-out loss; but a figure in common where the losses themselves differ between trials."""
    differs = {"training.loss", "network.output", "scaling"}
    space = recipe.search.space if recipe.search is not None else {}
    if not any(path in differs or path.startswith("training.loss.") for path in space):
        return "loss"
    assert recipe.task is not None
    return METRICS[recipe.task].comparable


def result_of(trial: Trial, fitted: Fitted, figure: str) -> TrialResult:
    """What is kept of a trial that was trained to its end."""
    training, held_out = fitted.metrics["training"] or {}, fitted.metrics["validation"] or {}
    return TrialResult(
        trial.number,
        trial.settings,
        held_out.get(figure),
        figure,
        (training.get("loss"), held_out.get("loss")),
        epochs=len(fitted.curve),
        best_epoch=fitted.best_epoch,
        stopped=fitted.stopped,
    )


def failure_of(number: int, settings: TrialSettings, fault: ModelError, figure: str) -> TrialResult:
    """What is kept of a trial that could not be trained."""
    return TrialResult(number, settings, None, figure, error=fault.message)


def is_better(one: TrialResult, other: TrialResult | None) -> bool:
    """Whether it has the lower score; of equal ones the first stays."""
    if one.score is None:
        return False
    return other is None or other.score is None or one.score < other.score


def point_of(result: TrialResult, trained: int, elapsed_seconds: float) -> EpochRecord:
    """A trial as one point of the job's curve: the curve of a search is its trials in the order of their ends."""
    loss, validation_loss = result.losses
    rate = result.settings.get("training.optimizer.learning_rate", 0.0)
    return EpochRecord(trained, loss if loss is not None else float("nan"), validation_loss, rate, elapsed_seconds)
