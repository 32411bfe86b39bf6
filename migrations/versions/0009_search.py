"""Models and versions are found by their tags, versions by their metrics; models know how many versions they have."""

import math
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
VERSIONS_A_STEP = 1000


def upgrade() -> None:
    op.add_column("models", sa.Column("live_versions", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE models SET live_versions = "
        "(SELECT count(*) FROM versions WHERE model_id = models.id AND deleted_at IS NULL)"
    )
    metrics, tags = create_tables()
    fill(metrics, tags)
    fill_tags_of_models(create_table_for_models())
    op.create_index("model_tags_by_value", "model_tags", ["tag", "value", "model_id"])
    op.create_index("version_metrics_by_value", "version_metrics", ["model_id", "metric", "value", "number"])
    op.create_index("version_tags_by_value", "version_tags", ["model_id", "tag", "value", "number"])


def create_tables() -> tuple[sa.Table, sa.Table]:
    metrics = op.create_table(
        "version_metrics",
        sa.Column("model_id", row_id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("metric", sa.String(80), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"]),
        sa.PrimaryKeyConstraint("model_id", "number", "metric"),
    )
    tags = op.create_table(
        "version_tags",
        sa.Column("model_id", row_id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"]),
        sa.PrimaryKeyConstraint("model_id", "number", "tag"),
    )
    return metrics, tags


def fill(metrics: sa.Table, tags: sa.Table) -> None:
    """From what the versions say, some at a time."""
    place = [sa.column(name, sa.Integer()) for name in ("id", "model_id", "number")]
    versions = sa.table("versions", *place, sa.column("metrics", sa.JSON()), sa.column("tags", sa.JSON()))
    last = 0
    while True:
        wanted = sa.select(versions).where(versions.c.id > last).order_by(versions.c.id).limit(VERSIONS_A_STEP)
        rows = op.get_bind().execute(wanted).all()
        if not rows:
            return
        last = rows[-1].id
        figures = [
            {"model_id": row.model_id, "number": row.number, "metric": metric, "value": value}
            for row in rows
            for metric, value in numbers(row.metrics or {})
        ]
        told = [
            {"model_id": row.model_id, "number": row.number, "tag": tag, "value": value}
            for row in rows
            for tag, value in (row.tags or {}).items()
        ]
        for table, values in ((metrics, figures), (tags, told)):
            if values:
                op.bulk_insert(table, values)


def create_table_for_models() -> sa.Table:
    return op.create_table(
        "model_tags",
        sa.Column("model_id", row_id, nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"]),
        sa.PrimaryKeyConstraint("model_id", "tag"),
    )


def fill_tags_of_models(table: sa.Table) -> None:
    models = sa.table("models", sa.column("id", sa.Integer()), sa.column("tags", sa.JSON()))
    rows = op.get_bind().execute(sa.select(models)).all()
    told = [{"model_id": row.id, "tag": tag, "value": value} for row in rows for tag, value in (row.tags or {}).items()]
    if told:
        op.bulk_insert(table, told)


def numbers(metrics: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for part, report in metrics.items():
        for name, value in (report or {}).items():
            if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
                yield f"{part}_{name}"[:80], float(value)
