"""Hundreds of thousands of jobs, inserted into the tables by SQL: of 100 models, old jobs first."""

from __future__ import annotations

from sqlalchemy import text

from service.registry.database import Database

COLUMNS = (
    "id, kind, model, state, attempt, losses, priority, created_at, started_at, finished_at, request, created_by, "
    "version, result, warnings, last_event"
)
REQUEST = '{"model": "m", "label": "y", "training": {"epochs": 200, "batch_size": 32, "seed": 7}}'
# The ids are like our own, from 2020: smaller than all that come later.
SQLITE = """
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
INSERT INTO jobs ({columns}) SELECT printf('016f5e66-%04x-7000-8000-%012x', :series, n), 'train',
printf('model-%02d', n % 100), :state, 1, 0, 0, '2020-01-01 00:00:00.000000', NULL, :finished_at, :request, 'bench',
NULL, NULL, '[]', 1 FROM numbers
"""
POSTGRESQL = """
INSERT INTO jobs ({columns}) SELECT format('016f5e66-%s-7000-8000-%s', lpad(to_hex(CAST(:series AS int)), 4, '0'),
lpad(to_hex(n), 12, '0')), 'train', 'model-' || lpad(CAST(n % 100 AS text), 2, '0'), :state, 1, 0, 0,
'2020-01-01 00:00:00+00', NULL, CAST(:finished_at AS timestamptz), CAST(:request AS json), 'bench', NULL, NULL, '[]', 1
FROM generate_series(1, :count) AS n
"""


def insert(database: Database, count: int, state: str) -> None:
    statement = (SQLITE if database.on_sqlite else POSTGRESQL).format(columns=COLUMNS)
    finished_at = "2020-01-01 00:01:00.000000" if state == "succeeded" else None
    series = {"queued": 1, "succeeded": 2}[state]
    values = {"count": count, "state": state, "finished_at": finished_at, "series": series, "request": REQUEST}
    with database.write() as session:
        session.execute(text(statement), values)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if database.on_sqlite else "VACUUM ANALYZE jobs"))
