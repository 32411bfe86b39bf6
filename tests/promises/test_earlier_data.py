"""What an earlier Feedforward wrote is served as it was, and what it had begun is ended as it would have been.

Each file of tests/promises/earlier is a data directory as a power cut left it, with the answers that its own release
gave. tests/promises/earlier/make.py adds one for a new release; a file that is there never changes.
"""

import csv
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from tests.promises.earlier.exchanges import ask
from tests.support import logs
from tests.support.bits import gives_the_same_bits, is_close
from tests.support.launching import start_up
from tests.support.service import Service

RELEASES = sorted((Path(__file__).parent / "earlier").glob("*.zip"))
OTHER_MACHINE = 1e-3  # how far a whole training may end from the recorded one where its bits are not guaranteed
TEXTS_FOR_PEOPLE = {"message", "detail", "title"}
NUMBER = re.compile(r"\d[\d.,]*")


class EarlierData:
    """A fresh copy of a data directory, and what its release said of it."""

    def __init__(self, release: Path, folder: Path) -> None:
        with zipfile.ZipFile(release) as archive:
            archive.extractall(folder)
        self.data = folder / "data"
        self.record: dict[str, Any] = json.loads((folder / "record.json").read_text())
        self.same_bits = gives_the_same_bits(self.record["environment"])

    def agrees(self, found: Any, recorded: Any, tolerance: float = 1e-4) -> bool:
        return found == recorded if self.same_bits else is_close(found, recorded, tolerance, tolerance)


@pytest.fixture(params=RELEASES, ids=lambda release: release.stem)
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> EarlierData:
    return EarlierData(request.param, tmp_path)


@pytest.fixture
def start(earlier: EarlierData, request: pytest.FixtureRequest) -> Iterator[Callable[..., Service]]:
    """`start(workers=1)` starts the service on the earlier data."""
    with ExitStack() as cleanup:

        def start_on_it(**settings: object) -> Service:
            service = start_up(earlier.data, **settings)
            cleanup.callback(service.stop)
            logs.watch(request.node, service)
            return service

        yield start_on_it


def test_at_least_one_release_is_stored():
    assert RELEASES


def test_everything_reads_and_predicts_as_it_did(earlier, start):
    http = start(workers=0).http
    is_own_release = http.get("/openapi.json").json()["info"]["version"] == earlier.record["environment"]["feedforward"]
    for exchange in earlier.record["exchanges"]:
        found = ask(http, {name: exchange[name] for name in exchange.keys() & {"method", "path", "headers", "body"}})
        where, recorded = f"{exchange['method']} {exchange['path']}", exchange["answer"]
        assert (found["status"], found["type"]) == (exchange["status"], exchange["type"]), where
        answer = found["answer"] if is_own_release else without_new_fields(found["answer"], recorded)
        if exchange["type"].startswith("text/markdown"):  # a page for people, whose words may change
            assert NUMBER.findall(answer) == NUMBER.findall(recorded), where
        elif re.fullmatch("/datasets/[^/?]+", exchange["path"]):
            assert_equal_profiles(answer, recorded, where)
        elif exchange["method"] == "GET":
            assert answer == recorded, where
        else:
            assert earlier.agrees(cells(answer), cells(recorded)), where


def test_a_training_in_mid_run_and_one_in_the_queue_end_as_undisturbed_ones(earlier, start):
    service = start(workers=1)
    for name, attempt in (("running", 2), ("waiting", 1)):
        job, end = service.wait_for(earlier.record["jobs"][name]), earlier.record["ends"][name]
        assert (job["model"], job["version"], job["attempt"]) == (end["model"], 1, attempt)
        path = f"/models/{end['model']}/versions/1"
        if earlier.same_bits:
            assert service.get(path)["weights_sha256"] == end["weights_sha256"]
        else:
            assert name == "waiting" or "bits-not-guaranteed" in [warning["code"] for warning in job["warnings"]]
        curve = service.get(f"{path}/curve")["items"]
        losses = [[point["epoch"], point["loss"], point["validation_loss"]] for point in curve]
        assert earlier.agrees(losses, end["losses"], OTHER_MACHINE)
        answer = service.post(f"{path}/predict", json={"inputs": end["inputs"]})
        assert earlier.agrees(answer["predictions"], end["predictions"], OTHER_MACHINE)


def test_what_was_begun_was_begun_in_mid_run(earlier):
    """Else the test above would prove nothing of a checkpoint."""
    with closing(sqlite3.connect(earlier.data / "feedforward.db")) as database:
        states = dict(database.execute("SELECT id, state FROM jobs").fetchall())
        checkpoints = dict(database.execute("SELECT job, epoch FROM checkpoints").fetchall())
    jobs, last_epoch = earlier.record["jobs"], earlier.record["ends"]["running"]["losses"][-1][0]
    assert states[jobs["running"]] == "running"
    assert states[jobs["waiting"]] == "queued"
    assert set(states.values()) == {"queued", "running", "succeeded", "failed", "cancelled"}
    assert 0 < checkpoints[jobs["running"]] < last_epoch


def without_new_fields(found: Any, recorded: Any) -> Any:
    """A later release may tell more of a thing, but nothing less and nothing else."""
    if isinstance(found, dict) and isinstance(recorded, dict):
        return {name: without_new_fields(found[name], recorded[name]) for name in found if name in recorded}
    if isinstance(found, list) and isinstance(recorded, list) and len(found) == len(recorded):
        return [without_new_fields(*pair) for pair in zip(found, recorded, strict=True)]
    return found


def assert_equal_profiles(found: Any, recorded: Any, where: str) -> None:
    """A profile that is computed only now calls dates dates, which its release called texts; nothing else differs."""
    dates = {column["name"] for column in found["columns"] if column["type"] == "date"}
    for profile in (found, recorded):
        profile["columns"] = [column for column in profile["columns"] if column["name"] not in dates]
    assert found["columns"], where
    assert found == recorded, where


def cells(answer: Any) -> Any:
    """The answer without its texts for people, which may be reworded; of a CSV its cells, numbers as numbers."""
    if not isinstance(answer, str):
        return without_texts(answer)
    return [[_value(cell) for cell in line] for line in csv.reader(io.StringIO(answer))]


def without_texts(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: without_texts(value) for name, value in answer.items() if name not in TEXTS_FOR_PEOPLE}
    return [without_texts(value) for value in answer] if isinstance(answer, list) else answer


def _value(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell
