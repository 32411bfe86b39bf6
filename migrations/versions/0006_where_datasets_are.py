"""Where a dataset's bytes are, and how far its profile is."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("datasets", sa.Column("store", sa.String(length=1000), nullable=True))
    op.add_column("datasets", sa.Column("progress", sa.Double(), nullable=True))
    op.add_column("datasets", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
