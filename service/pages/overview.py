"""The content of the dashboard: the newest jobs, the models with their versions, and the job whose curve is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from service.problems import NotFound
from service.registry import Session
from service.registry.jobs import jobs
from service.registry.models import models, versions
from service.schemas.job import Job
from service.schemas.registry import Model, Version

MOST_JOBS = 12
MOST_MODELS = 20
MOST_LISTED = 200
MOST_VERSIONS = 5

# The metrics shown for a version, by its task, under their names in the metrics' report.
SHOWN_METRICS = {
    "classification": ("accuracy", "f1_macro", "log_loss"),
    "multilabel": ("accuracy", "f1_macro", "log_loss"),
    "regression": ("r2", "rmse", "mae"),
}
METRIC_TITLES = {
    "accuracy": "Accuracy",
    "f1_macro": "F1 (macro)",
    "log_loss": "Log loss",
    "r2": "R²",
    "rmse": "RMSE",
    "mae": "MAE",
}


@dataclass(frozen=True)
class Metric:
    """One metric of a version, and its value on the training rows."""

    title: str
    value: float | None
    in_training: float | None


@dataclass(frozen=True)
class VersionLine:
    """One version with its shown metrics, which with `held_out` are those of held-out rows."""

    version: Version
    metrics: list[Metric]
    held_out: bool


@dataclass(frozen=True)
class ModelCard:
    """A model with its newest versions, all under the same columns."""

    model: Model
    lines: list[VersionLine]
    columns: list[str]


@dataclass(frozen=True)
class JobList:
    """The newest jobs, whether there are more, and the one to follow."""

    items: list[Job]
    has_more: bool
    followed_job: Job | None


def job_list(session: Session, requested: str | None) -> JobList:
    """The newest jobs. The followed job is the requested one, else the newest that runs, else the newest."""
    page = jobs.list_jobs(session, limit=MOST_JOBS)
    return JobList(page.items, page.next_cursor is not None, _followed_job(session, requested, page.items))


def _followed_job(session: Session, requested: str | None, newest: list[Job]) -> Job | None:
    if requested is not None:
        try:
            return jobs.get_job(session, requested)
        except NotFound:
            pass
    running = jobs.list_jobs(session, limit=1, state="running").items
    return next(iter([*running, *newest]), None)


def model_cards(session: Session) -> list[ModelCard]:
    """The models that changed last."""
    return [_card(session, model) for model in recent_models(session)[:MOST_MODELS]]


def recent_models(session: Session) -> list[Model]:
    """The newest models, those that changed last first."""
    newest = models.list_models(session, MOST_LISTED, None).items
    return sorted(newest, key=lambda model: model.updated_at, reverse=True)


def _card(session: Session, model: Model) -> ModelCard:
    lines = [_line(version) for version in versions.list_versions(session, model.name, MOST_VERSIONS, None).items]
    columns = list(dict.fromkeys(metric.title for line in lines for metric in line.metrics))
    return ModelCard(model, lines, columns)


def _line(version: Version) -> VersionLine:
    training, validation = version.metrics.training or {}, version.metrics.validation
    values = training if validation is None else validation
    metrics = [
        Metric(METRIC_TITLES[name], values.get(name), training.get(name))
        for name in SHOWN_METRICS.get(version.task, ())
        if name in values
    ]
    return VersionLine(version, metrics, validation is not None)


def is_empty(session: Session) -> bool:
    """Whether nothing has been trained or imported yet."""
    return not jobs.list_jobs(session, limit=1).items and not models.list_models(session, 1, None).items
