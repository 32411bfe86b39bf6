"""All routers, in the order in which the OpenAPI document lists them."""

from __future__ import annotations

from service.api.datasets import datasets
from service.api.jobs import events as job_events
from service.api.jobs import jobs
from service.api.monitoring import alerts, live, prediction_log
from service.api.openapi import document
from service.api.operations import health, metrics
from service.api.prediction import shadows, version_openapi
from service.api.registry import aliases, compare, events, models, retention, version_records, versions, weights
from service.api.training import retrain, train, version_jobs
from service.api.transfer import import_export
from service.api.webhooks import webhooks

ROUTERS = (
    train.router,
    retrain.router,
    models.router,
    versions.router,
    retention.router,
    shadows.router,
    prediction_log.router,
    live.router,
    alerts.router,
    version_openapi.router,
    version_jobs.router,
    compare.router,
    version_records.router,
    import_export.router,
    weights.router,
    aliases.router,
    events.router,
    webhooks.router,
    jobs.router,
    job_events.router,
    datasets.router,
    health.router,
    metrics.router,
    document.router,
)
