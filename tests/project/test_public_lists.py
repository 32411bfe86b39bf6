"""The words that users rely on: none is added, renamed or lost unless somebody wants it.

They stand in public_lists.json. A change that is wanted is written down, and then read in the diff, by

    .venv/bin/python -m tests.project.test_public_lists
"""

import json
import re
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic_core import PydanticUndefined
from pydantic_core.core_schema import ErrorType

from models.coded_warnings import WarningCode
from service.settings import Settings
from tests.project.sources import Sources
from tests.support.launching import start_up
from tests.support.processes import COMMAND, environment
from tests.support.service import Service

STORED = Path(__file__).with_name("public_lists.json")
Lists = dict[str, Any]


def operations(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Of each method and path the operation's id, then its parameters."""
    return {
        f"{method.upper()} {path}": [operation["operationId"], *sorted(_parameters(document, operation))]
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def _parameters(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[str]:
    for parameter in operation.get("parameters", ()):
        name = parameter.get("$ref", "").rpartition("/")[2]
        told = document["components"]["parameters"][name] if name else parameter
        yield f"{told['in']} {told['name']}{' (required)' if told.get('required') else ''}"


def schemas(document: Mapping[str, Any]) -> dict[str, list[str]]:
    """Of each schema the names of its fields."""
    return {name: sorted(schema.get("properties", ())) for name, schema in document["components"]["schemas"].items()}


def webhook_event_types(document: Mapping[str, Any]) -> list[str]:
    return sorted(document["components"]["schemas"]["NewWebhook"]["properties"]["events"]["items"]["enum"])


def problem_slugs(service: Service) -> list[str]:
    page = service.http.get("/problems", headers={"Accept": "text/html,application/xhtml+xml"})
    assert page.is_success
    return sorted(set(re.findall(r'href="/problems/([a-z-]+)"', page.text)))


def metrics(service: Service) -> dict[str, str]:
    """The service's own metrics with their types; the process's come from the library."""
    service.http.get("/health/live")
    types = re.findall(r"^# TYPE (feedforward_\w+) (\w+)$", service.http.get("/metrics").text, re.MULTILINE)
    return dict(sorted(types))


def error_and_warning_codes() -> list[str]:
    """What is emitted as a `code`, from the source; a fault of the network library has its class's name."""
    sources = Sources(("models", "service"))
    words = sources.given_as("code") | sources.first_of_pairs("warning") | sources.values_of_mappings("CODES")
    words |= {code.value for code in WarningCode}  # that no other code is given, the types say
    return sorted(words | {_kebab(name) for name in sources.below("ModelError")})


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def event_actions() -> list[str]:
    return sorted(Sources(("service",)).given_as("action"))


def settings() -> dict[str, str]:
    """Each variable with its default, as Python writes it."""
    fields = Settings.model_fields.items()
    return {f"FEEDFORWARD_{name.upper()}": _default(field.default) for name, field in sorted(fields)}


def _default(value: Any) -> str:
    if value is PydanticUndefined:
        return "made at the start"
    return repr(str(value) if isinstance(value, Path) else value)


def tables() -> dict[str, list[str]]:
    """Of each table its columns, then its indexes and triggers, after all migrations."""
    with tempfile.TemporaryDirectory() as folder:
        run("migrate", "--data", folder)
        with closing(sqlite3.connect(Path(folder) / "feedforward.db")) as database:
            names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: [*_columns(database, name), *_attached(database, name)] for name in sorted(names)}


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    rows = database.execute(f"PRAGMA table_info({table})").fetchall()
    return sorted(f"{name} {kind}{' NOT NULL' if required else ''}" for _, name, kind, required, _, _ in rows)


def _attached(database: sqlite3.Connection, table: str) -> list[str]:
    query = "SELECT type, name FROM sqlite_master WHERE tbl_name = ? AND type <> 'table' AND sql IS NOT NULL"
    return sorted(f"({kind} {name})" for kind, name in database.execute(query, [table]))


def commands(path: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Each command and the commands below it, with their flags."""
    usage = run(*path, "--help")
    flags = re.findall(r"^  (--[a-z-]+(?: / --[a-z-]+)?)", usage, re.MULTILINE)
    below = re.findall(r"^  ([a-z]+)  ", usage.partition("\nCommands:\n")[2], re.MULTILINE)
    found = {" ".join(("feedforward", *path)): sorted(flags)}
    for name in below:
        found |= commands((*path, name))
    return found


def run(*arguments: str) -> str:
    ran = subprocess.run(
        [COMMAND, *arguments], capture_output=True, text=True, check=True, env=environment() | {"COLUMNS": "120"}
    )
    return ran.stdout


def find_all(service: Service) -> Lists:
    document = service.get("/openapi.json")
    return {
        "commands": commands(),
        "error_and_warning_codes": error_and_warning_codes(),
        "event_actions": event_actions(),
        "metrics": metrics(service),
        "operations": operations(document),
        "problem_slugs": problem_slugs(service),
        "schemas": schemas(document),
        "settings": settings(),
        "tables": tables(),
        "webhook_event_types": webhook_event_types(document),
    }


LISTS = (
    "commands",
    "error_and_warning_codes",
    "event_actions",
    "metrics",
    "operations",
    "problem_slugs",
    "schemas",
    "settings",
    "tables",
    "webhook_event_types",
)


@pytest.fixture(scope="module")
def found(sqlite_service: Service) -> Lists:
    return find_all(sqlite_service)


@pytest.fixture(scope="module")
def stored() -> Lists:
    return json.loads(STORED.read_text())


@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_users_rely_on_is_what_it_was(found, stored, name):
    assert found[name] == stored[name], f"{name} changed. If that is wanted, it changes on purpose. {__doc__}"


def test_each_list_is_long_enough_to_have_been_found(stored):
    """A list that its finder no longer finds would be equal to an empty one."""
    assert set(stored) == set(LISTS)
    assert all(len(stored[name]) >= 5 for name in LISTS)


BAD_REQUESTS: list[tuple[str, str, Any]] = [
    ("POST", "/train", []),
    ("POST", "/train", {"model": "m", "label": "y"}),
    ("POST", "/train", {"model": "m", "label": "y", "data": {"rows": []}}),
    ("POST", "/train", {"model": "m", "label": "y", "data": {"rows": [1]}}),
    ("POST", "/train", {"model": "m", "label": "y", "data": {"columns": {"x": [1], "y": [1, 2]}}}),
    ("POST", "/train", {"model": "m", "label": "z", "data": {"rows": [{"x": 1, "y": 2}]}}),
    ("POST", "/train", {"model": "m", "label": "y", "data": {"rows": [{"x": 1, "y": 2}] * 9}}),
    ("POST", "/train", {"model": "m", "label": "y", "data": {"rows": [{"x": 1}]}, "epochs": 5}),
    ("POST", "/train", {"model": "m", "label": "y", "data": {"rows": [{}]}, "network": {"hidden": [9] * 99}}),
    ("POST", "/predict", {"model": "m"}),
    ("POST", "/webhooks", {"url": "http://127.0.0.1/", "events": ["*"]}),
    ("GET", "/jobs?limit=0", None),
    ("GET", "/jobs?limits=1", None),
    ("GET", "/jobs?limit=1&limit=2", None),
    ("GET", "/jobs?cursor=none", None),
]


def test_the_codes_of_real_answers_are_listed(sqlite_service, stored):
    """A code that the syntax hides is seen in an answer; those that pydantic gives are its own."""
    known = set(stored["error_and_warning_codes"]) | set(get_args(ErrorType))
    seen = set()
    for method, path, body in BAD_REQUESTS:
        answer = sqlite_service.http.request(method, path, json=body).json()
        assert answer["errors"], (method, path, body)
        seen |= {error["code"] for error in answer["errors"]}
    assert seen <= known
    assert len(seen) >= 8


def write() -> None:
    """Store the lists of this code."""
    with tempfile.TemporaryDirectory() as folder:
        service = start_up(Path(folder) / "data", workers=0)
        try:
            STORED.write_text(json.dumps(find_all(service), indent=1, sort_keys=True, ensure_ascii=False) + "\n")
        finally:
            service.stop()


if __name__ == "__main__":
    write()
