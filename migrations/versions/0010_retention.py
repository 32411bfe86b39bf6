"""Which versions of a model are kept; the weights of deleted ones go, and no deleted version comes back."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LIVE = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "retention_rules",
        sa.Column("model_id", row_id, nullable=False),
        sa.Column("keep_last", sa.Integer(), nullable=False),
        sa.Column("keep_days", sa.Float(), nullable=True),
        sa.Column("keep_rollbacks", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"]),
        sa.PrimaryKeyConstraint("model_id"),
    )
    op.create_index(
        "live_versions_by_number", "versions", ["model_id", "number"], sqlite_where=LIVE, postgresql_where=LIVE
    )
    if op.get_bind().dialect.name == "sqlite":
        guard_on_sqlite()
    else:
        guard_on_postgresql()
    forget_what_deleted_versions_left()


def guard_on_sqlite() -> None:
    op.execute("DROP TRIGGER weights_keep_delete")
    op.execute(
        "CREATE TRIGGER weights_keep_delete BEFORE DELETE ON weights "
        "WHEN (SELECT deleted_at FROM versions WHERE id = OLD.version_id) IS NULL "
        "BEGIN SELECT RAISE(ABORT, 'the weights of a version are kept until it is deleted'); END"
    )
    op.execute(
        "CREATE TRIGGER deleted_versions_stay_deleted BEFORE UPDATE OF deleted_at ON versions "
        "WHEN OLD.deleted_at IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'a deleted version does not come back'); END"
    )


def guard_on_postgresql() -> None:
    op.execute("DROP TRIGGER weights_are_kept ON weights")
    op.execute(
        "CREATE TRIGGER weights_are_kept BEFORE UPDATE ON weights FOR EACH ROW EXECUTE FUNCTION feedforward_refuse()"
    )
    op.execute(
        "CREATE FUNCTION feedforward_keep_weights() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN IF (SELECT deleted_at FROM versions WHERE id = OLD.version_id) IS NULL THEN "
        "RAISE EXCEPTION 'the weights of a version are kept until it is deleted' USING ERRCODE = '23001'; "
        "END IF; RETURN OLD; END $$"
    )
    op.execute(
        "CREATE TRIGGER weights_of_live_versions_are_kept BEFORE DELETE ON weights "
        "FOR EACH ROW EXECUTE FUNCTION feedforward_keep_weights()"
    )
    op.execute(
        "CREATE TRIGGER deleted_versions_stay_deleted BEFORE UPDATE OF deleted_at ON versions "
        "FOR EACH ROW WHEN (OLD.deleted_at IS NOT NULL) EXECUTE FUNCTION feedforward_refuse()"
    )


def forget_what_deleted_versions_left() -> None:
    op.execute("DELETE FROM weights WHERE version_id IN (SELECT id FROM versions WHERE deleted_at IS NOT NULL)")
    for table in ("version_metrics", "version_tags"):
        op.execute(
            f"DELETE FROM {table} WHERE EXISTS (SELECT 1 FROM versions WHERE versions.model_id = {table}.model_id "
            f"AND versions.number = {table}.number AND versions.deleted_at IS NOT NULL)"
        )
