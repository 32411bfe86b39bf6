"""What made a version stays with it: its split and its learning curve. Its notes are its editable part."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

row_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
json = sa.JSON(none_as_null=True)


def upgrade() -> None:
    op.add_column("versions", sa.Column("split", json, nullable=True))
    op.add_column("versions", sa.Column("notes", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "version_curves",
        sa.Column("version_id", row_id, nullable=False),
        sa.Column("first_epoch", sa.Integer(), nullable=False),
        sa.Column("points", json, nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"]),
        sa.PrimaryKeyConstraint("version_id", "first_epoch"),
    )
    if op.get_bind().dialect.name == "sqlite":
        guard_on_sqlite()
    else:
        guard_on_postgresql()


def guard_on_sqlite() -> None:
    op.execute(
        "CREATE TRIGGER version_splits_are_immutable BEFORE UPDATE OF split ON versions "
        "BEGIN SELECT RAISE(ABORT, 'a version never changes'); END"
    )
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER version_curves_keep_{action.lower()} BEFORE {action} ON version_curves "
            "BEGIN SELECT RAISE(ABORT, 'version_curves are append-only'); END"
        )


def guard_on_postgresql() -> None:
    op.execute(
        "CREATE TRIGGER version_splits_are_immutable BEFORE UPDATE OF split ON versions "
        "FOR EACH ROW EXECUTE FUNCTION feedforward_refuse()"
    )
    op.execute(
        "CREATE TRIGGER version_curves_are_kept BEFORE UPDATE OR DELETE ON version_curves "
        "FOR EACH ROW EXECUTE FUNCTION feedforward_refuse()"
    )
