"""Many models and versions, inserted by the database itself."""

from __future__ import annotations

from sqlalchemy import text

from service.registry.database import Database
from service.registry.models.versions import NewVersion

BIG = "model-1"
NUMBERS = {
    "sqlite": "(WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < :count) "
    "SELECT n FROM counted)",
    "postgresql": "(SELECT n FROM generate_series(1, :count) AS n)",
}
NOW = "'2026-01-01 00:00:00.000000'"
# A number between 0 and 1 that looks random.
ACCURACY = "((id * 7919) % 1000003) / 1000003.0"
# How many rows match a search: more than a page, in a small registry as in a large one.
MATCHES = 60


def fill(database: Database, n_models: int, n_versions: int) -> None:
    """Insert models and versions, half of these of the first model."""
    teams, runs = n_models // MATCHES, n_versions // 2 // MATCHES
    dialect = database.engine.dialect.name
    numbers, moment = NUMBERS[dialect], NOW if dialect == "sqlite" else f"TIMESTAMPTZ {NOW}"
    statements = [
        "INSERT INTO models (id, name, description, tags, last_version, revision, created_at, updated_at) "
        f"SELECT n, 'model-' || n, 'It tells ' || n, '{{}}', 0, 1, {moment}, {moment} FROM {numbers} AS numbers",
        f"INSERT INTO model_tags (model_id, tag, value) SELECT id, 'team', 't' || (id % {teams}) FROM models",
        "INSERT INTO versions (id, model_id, number, created_at, task, signature, metrics, weights_sha256, "
        "weights_bytes, environment, warnings, tags, description, notes, revision) "
        f"SELECT n, CASE WHEN n % 2 = 0 THEN 1 ELSE 2 + (n / 2) % ({n_models} - 1) END, n, {moment}, "
        """'classification', '{"features": [], "outputs": []}', '{"training": null, "validation": null}', '', 0, """
        f"'{{}}', '[]', '{{}}', '', '', 1 FROM {numbers} AS numbers",
        "INSERT INTO version_metrics (model_id, number, metric, value) "
        f"SELECT model_id, number, 'validation_accuracy', {ACCURACY} FROM versions",
        "INSERT INTO version_metrics (model_id, number, metric, value) "
        f"SELECT model_id, number, 'validation_loss', 1 - {ACCURACY} FROM versions",
        "INSERT INTO version_tags (model_id, number, tag, value) "
        f"SELECT model_id, number, 'run', '' || ((id / 2) % {runs}) FROM versions",
        f"UPDATE models SET last_version = {n_versions}, "
        "live_versions = (SELECT count(*) FROM versions WHERE model_id = models.id)",
    ]
    with database.engine.begin() as connection:
        for statement in statements:
            count = n_models if "INTO models" in statement else n_versions
            connection.execute(text(statement), {"count": count} if ":count" in statement else {})
        if dialect == "postgresql":
            for table in ("models", "versions"):
                connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
                )
        if dialect == "postgresql":  # where autovacuum would do it later; SQLite never does it by itself
            connection.execute(text("ANALYZE"))


def new_version() -> NewVersion:
    return NewVersion(
        task="classification",
        signature={"features": [], "outputs": []},
        metrics={"training": None, "validation": {"accuracy": 0.5, "loss": 0.5}},
        weights=b"weights",
        environment={},
        tags={"run": "0"},
    )
