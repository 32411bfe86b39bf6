"""Logged predictions with their labels, and what each model asks for about them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
moment = sa.DateTime(timezone=True)
json = sa.JSON(none_as_null=True)


def upgrade() -> None:
    op.create_table(
        "prediction_logs",
        sa.Column("model_id", row_id, nullable=False),
        sa.Column("sample", sa.Double(), nullable=False),
        sa.Column("keep_days", sa.Double(), nullable=False),
        sa.Column("keep_rows", sa.Integer(), nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"]),
        sa.PrimaryKeyConstraint("model_id"),
    )
    op.create_table(
        "alerts",
        sa.Column("model_id", row_id, nullable=False),
        sa.Column("rules", json, nullable=False),
        sa.Column("states", json, nullable=False),
        sa.Column("checked_at", moment, nullable=True),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"]),
        sa.PrimaryKeyConstraint("model_id"),
    )
    op.create_table(
        "predictions",
        sa.Column("id", row_id, nullable=False),
        sa.Column("model_id", row_id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("request", sa.String(length=128), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("outputs", sa.JSON(), nullable=False),
        sa.Column("label", json, nullable=True),
        sa.Column("labelled_at", moment, nullable=True),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("predictions_by_time", "predictions", ["model_id", "at", "version"])
    op.create_index("predictions_by_request", "predictions", ["model_id", "request", "row"])
