"""The tables, as row classes. Columns that we filter by are columns; the rest of a resource is JSON."""

from service.registry.tables.base import Json, Row, RowId, UtcTime
from service.registry.tables.datasets import DatasetPartRow, DatasetRow
from service.registry.tables.events import EventRow
from service.registry.tables.jobs import CheckpointRow, IdempotencyRow, JobCurveRow, JobEventRow, JobRow
from service.registry.tables.models import (
    AliasMoveRow,
    AliasRow,
    ModelRow,
    RetentionRuleRow,
    VersionCurveRow,
    VersionRow,
    WeightsRow,
)
from service.registry.tables.predictions import AlertRow, LoggedPredictionRow, PredictionLogRow
from service.registry.tables.search import ModelTagRow, VersionMetricRow, VersionTagRow
from service.registry.tables.webhooks import WebhookDeliveryRow, WebhookRow

__all__ = [
    "AlertRow",
    "AliasMoveRow",
    "AliasRow",
    "CheckpointRow",
    "DatasetPartRow",
    "DatasetRow",
    "EventRow",
    "IdempotencyRow",
    "JobCurveRow",
    "JobEventRow",
    "JobRow",
    "Json",
    "LoggedPredictionRow",
    "ModelRow",
    "ModelTagRow",
    "PredictionLogRow",
    "RetentionRuleRow",
    "Row",
    "RowId",
    "UtcTime",
    "VersionCurveRow",
    "VersionMetricRow",
    "VersionRow",
    "VersionTagRow",
    "WebhookDeliveryRow",
    "WebhookRow",
    "WeightsRow",
]
