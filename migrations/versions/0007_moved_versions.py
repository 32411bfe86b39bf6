"""Where an imported version comes from; and keys of requests that made no job, but a version or a dataset."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

json = sa.JSON(none_as_null=True)


def upgrade() -> None:
    op.add_column("versions", sa.Column("origin", json, nullable=True))
    guard = "SELECT RAISE(ABORT, 'a version never changes'); END"
    begin, each = "CREATE TRIGGER version_origins_are_immutable BEFORE UPDATE OF origin ON versions", "FOR EACH ROW"
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"{begin} BEGIN {guard}" if on_sqlite else f"{begin} {each} EXECUTE FUNCTION feedforward_refuse()")
    with op.batch_alter_table("idempotency_keys") as keys:
        keys.alter_column("job", existing_type=sa.String(length=36), nullable=True)
        keys.add_column(sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        keys.add_column(sa.Column("dataset", sa.String(length=71), nullable=True))
        keys.create_foreign_key("idempotency_keys_version_id_fkey", "versions", ["version_id"], ["id"])
    op.execute("UPDATE idempotency_keys SET job = NULL WHERE job = 'dataset'")
