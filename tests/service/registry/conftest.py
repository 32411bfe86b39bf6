"""A session on a migrated database of the module's own; nothing that a test does in it stays."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from service.registry.database import Database
from service.registry.migrate import ensure_current


@pytest.fixture(scope="module")
def module_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    registry = Database(f"sqlite:///{tmp_path_factory.mktemp('registry') / 'feedforward.db'}")
    ensure_current(registry)
    yield registry
    registry.close()


@pytest.fixture
def session(module_registry: Database) -> Iterator[Session]:
    """One transaction, rolled back at the test's end."""
    with module_registry.write() as session:
        yield session
        session.rollback()
