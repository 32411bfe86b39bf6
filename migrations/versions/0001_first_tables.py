"""The first tables: models, versions, aliases, datasets, jobs and what they leave behind."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
moment = sa.DateTime(timezone=True)
json = sa.JSON(none_as_null=True)

FIXED = (
    "id", "model_id", "number", "created_at", "task", "signature", "metrics", "request", "dataset", "seed", "job",
    "weights_sha256", "weights_bytes", "environment", "warnings", "duration_seconds",
)  # fmt: skip


def upgrade() -> None:
    create_tables()
    if op.get_bind().dialect.name == "sqlite":
        guard_on_sqlite()
    else:
        guard_on_postgresql()


def guard_on_sqlite() -> None:
    """What was registered never changes: not even by a statement that this code does not contain."""
    op.execute(
        f"CREATE TRIGGER versions_are_immutable BEFORE UPDATE OF {', '.join(FIXED)} ON versions "
        "BEGIN SELECT RAISE(ABORT, 'a version never changes'); END"
    )
    for table in ("versions", "weights", "alias_moves", "events"):
        for action in ("DELETE",) if table == "versions" else ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_keep_{action.lower()} BEFORE {action} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
            )


def guard_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION feedforward_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION '% are append-only', TG_TABLE_NAME USING ERRCODE = '23001'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER versions_are_immutable BEFORE UPDATE OF {', '.join(FIXED)} ON versions "
        "FOR EACH ROW EXECUTE FUNCTION feedforward_refuse()"
    )
    for table in ("versions", "weights", "alias_moves", "events"):
        actions = "DELETE" if table == "versions" else "UPDATE OR DELETE"
        op.execute(
            f"CREATE TRIGGER {table}_are_kept BEFORE {actions} ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION feedforward_refuse()"
        )


def create_tables() -> None:
    op.create_table(
        "dataset_parts",
        sa.Column("dataset", sa.String(length=71), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("dataset", "position"),
    )
    op.create_table(
        "datasets",
        sa.Column("id", sa.String(length=71), nullable=False),
        sa.Column("format", sa.String(length=20), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("columns", json, nullable=True),
        sa.Column("warnings", json, nullable=True),
        sa.Column("error", json, nullable=True),
        sa.Column("name", sa.String(length=63), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "events",
        sa.Column("id", row_id, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("model", sa.String(length=63), nullable=True),
        sa.Column("subject", json, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("events_by_model", "events", ["model", "id"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("job", sa.String(length=36), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "models",
        sa.Column("id", row_id, nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("tags", json, nullable=False),
        sa.Column("last_version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("deleted_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "alias_moves",
        sa.Column("id", row_id, nullable=False),
        sa.Column("model_id", row_id, nullable=False),
        sa.Column("alias", sa.String(length=63), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("split", json, nullable=True),
        sa.Column("shadow", sa.Integer(), nullable=True),
        sa.Column("moved_at", moment, nullable=False),
        sa.Column("moved_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["models.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("alias_moves_by_alias", "alias_moves", ["model_id", "alias", "id"], unique=False)
    op.create_table(
        "aliases",
        sa.Column("model_id", row_id, nullable=False),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("split", json, nullable=True),
        sa.Column("shadow", sa.Integer(), nullable=True),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["models.id"],
        ),
        sa.PrimaryKeyConstraint("model_id", "name"),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("model", sa.String(length=63), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("losses", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("not_before", moment, nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("started_at", moment, nullable=True),
        sa.Column("finished_at", moment, nullable=True),
        sa.Column("request", json, nullable=False),
        sa.Column("dataset", sa.String(length=71), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("progress", json, nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("result", json, nullable=True),
        sa.Column("warnings", json, nullable=False),
        sa.Column("error", json, nullable=True),
        sa.Column("interruption", sa.String(length=10), nullable=True),
        sa.Column("environment", json, nullable=True),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("lease_expires_at", moment, nullable=True),
        sa.Column("last_event", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["dataset"],
            ["datasets.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("jobs_by_model", "jobs", ["model", "id"], unique=False)
    op.create_index("jobs_by_state", "jobs", ["state", "id"], unique=False)
    op.create_index(
        "jobs_running",
        "jobs",
        ["lease_expires_at"],
        unique=False,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "versions",
        sa.Column("id", row_id, nullable=False),
        sa.Column("model_id", row_id, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("task", sa.String(length=20), nullable=False),
        sa.Column("signature", json, nullable=False),
        sa.Column("metrics", json, nullable=False),
        sa.Column("request", json, nullable=True),
        sa.Column("dataset", sa.String(length=71), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("job", sa.String(length=36), nullable=True),
        sa.Column("weights_sha256", sa.String(length=64), nullable=False),
        sa.Column("weights_bytes", sa.BigInteger(), nullable=False),
        sa.Column("environment", json, nullable=False),
        sa.Column("warnings", json, nullable=False),
        sa.Column("duration_seconds", sa.Double(), nullable=True),
        sa.Column("tags", json, nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("deleted_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["dataset"],
            ["datasets.id"],
        ),
        sa.ForeignKeyConstraint(
            ["model_id"],
            ["models.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("job"),
        sa.UniqueConstraint("model_id", "number"),
    )
    op.create_index("versions_by_dataset", "versions", ["dataset"], unique=False)
    op.create_index("versions_by_time", "versions", ["created_at"], unique=False)
    op.create_table(
        "checkpoints",
        sa.Column("job", sa.String(length=36), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job"),
    )
    op.create_table(
        "job_curves",
        sa.Column("job", sa.String(length=36), nullable=False),
        sa.Column("first_epoch", sa.Integer(), nullable=False),
        sa.Column("points", json, nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job", "first_epoch"),
    )
    op.create_table(
        "job_events",
        sa.Column("job", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=20), nullable=False),
        sa.Column("data", json, nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job", "number"),
    )
    op.create_table(
        "weights",
        sa.Column("version_id", row_id, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["versions.id"],
        ),
        sa.PrimaryKeyConstraint("version_id"),
    )
    op.create_index(
        "jobs_to_claim",
        "jobs",
        [sa.text("priority DESC"), "id"],
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
