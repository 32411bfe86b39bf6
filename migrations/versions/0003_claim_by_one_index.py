"""One index answers what comes next in the queue: SQLite's planner preferred another, and sorted the whole queue."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.drop_index("jobs_to_claim", "jobs")
    op.create_index(
        "jobs_to_claim",
        "jobs",
        ["state", sa.text("priority DESC"), "id", "model", "not_before"],
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
