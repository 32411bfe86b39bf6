"""Webhooks with their outbox, and events that tell from where a change came."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

moment = sa.DateTime(timezone=True)
json = sa.JSON(none_as_null=True)


def upgrade() -> None:
    for column in (sa.Column("address", sa.String(64)), sa.Column("key", sa.String()), sa.Column("job", sa.String(36))):
        op.add_column("events", column)
    op.create_index("events_by_action", "events", ["action", "id"])
    create_tables()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER events_are_not_truncated BEFORE TRUNCATE ON events "
            "FOR EACH STATEMENT EXECUTE FUNCTION feedforward_refuse()"
        )


def create_tables() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("models", json, nullable=True),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_because", sa.String(), nullable=True),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("old_secret", sa.String(), nullable=True),
        sa.Column("old_secret_until", moment, nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("webhook", sa.String(36), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("model", sa.String(63), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("lease_expires_at", moment, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("attempts", json, nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["webhook"], ["webhooks.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("webhook_deliveries_by_webhook", "webhook_deliveries", ["webhook", "id"])
    queued = sa.text("state = 'queued'")
    op.create_index(
        "webhook_deliveries_to_send",
        "webhook_deliveries",
        ["webhook", "due_at"],
        sqlite_where=queued,
        postgresql_where=queued,
    )
