"""Versions that were there before they could be searched are found too."""

from contextlib import closing
from datetime import UTC, datetime

from alembic import command
from alembic.config import Config

from service.registry.database import Database
from service.registry.migrate import MIGRATIONS, ensure_current
from service.registry.models import models, versions
from service.registry.models.search import MetricCondition, TagCondition, VersionFilter
from service.registry.tables import VersionRow

COUNT = 1200  # more than one step of the migration
MOMENT = "'2026-01-01 00:00:00.000000'"
MODEL = (
    "INSERT INTO models (id, name, description, tags, last_version, revision, created_at, updated_at) "
    f"""VALUES (1, 'iris', '', '{{"team": "flowers"}}', {COUNT}, 1, {MOMENT}, {MOMENT})"""
)


def migrate_to(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_the_figures_and_tags_of_older_versions_are_filled_in(database_url: str):
    with closing(Database(database_url)) as database:
        migrate_to(database, "0008")
        with database.write() as session:
            session.connection().exec_driver_sql(MODEL)
            session.add_all(_version(1, number, datetime.now(UTC)) for number in range(1, COUNT + 1))
        ensure_current(database)
        with database.read() as session:
            best = versions.list_versions(session, "iris", 2, None, VersionFilter(sort="accuracy")).items
            tagged = versions.list_versions(
                session, "iris", 2, None, VersionFilter(tags=[TagCondition("run", "1100")])
            ).items
            common = VersionFilter(
                sort="accuracy", tags=[TagCondition("run", None)], metrics=[MetricCondition("accuracy", "<", 0.9999)]
            )
            of_many = versions.list_versions(session, "iris", 2, None, common).items
            newest = versions.list_versions(
                session, "iris", 2, None, VersionFilter(tags=[TagCondition("run", None)])
            ).items
            found = models.list_models(session, 2, None, VersionFilter(tags=[TagCondition("team", "flowers")])).items
    assert [(model.name, model.versions, model.latest) for model in found] == [("iris", COUNT, COUNT)]
    assert [version.version for version in best] == [700, 701]
    assert [version.version for version in tagged] == [1100]
    assert [version.version for version in of_many] == [701, 699]  # more than the few that are looked up by number
    assert [version.version for version in newest] == [COUNT, COUNT - 1]


def _version(model: int, number: int, now: datetime) -> VersionRow:
    accuracy = 1 - abs(number - 700.1) / COUNT
    return VersionRow(
        model_id=model,
        number=number,
        created_at=now,
        task="classification",
        signature={"features": [], "outputs": []},
        metrics={"training": None, "validation": {"accuracy": accuracy, "roc_auc": None, "confusion_matrix": [[1]]}},
        weights_sha256="",
        weights_bytes=0,
        environment={},
        warnings=[],
        tags={"run": str(number)},
        description="",
    )
