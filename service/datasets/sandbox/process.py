"""The process that reads what callers send: limited in memory, killed when it takes too long, gone with its parent.

`python -P -m service.datasets.sandbox.process LIMITS`: one JSON question a line comes in, one JSON answer a line goes
out, after lines of progress where it takes long. Whatever a file does to its reader, it does here.
"""

from __future__ import annotations

import os
import queue
import resource
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from models.specification import ColumnOverride, Recipe
from service.child_processes import follow_parent
from service.datasets.formats.blocks import TableFile
from service.datasets.formats.errors import Place
from service.datasets.formats.limits import Limits
from service.datasets.profile.profile import preview_file, profile_file
from service.datasets.profile.sample import sample_file
from service.datasets.sandbox.inline_data import extract
from service.datasets.sandbox.training_check import TrainingCheck, examine_file, examine_start
from service.problems import Problem
from service.transfer.import_reader import read_network
from service.transfer.limits import ImportLimits

NICENESS = 5
SECONDS_BETWEEN_LINES = 1.0


@dataclass(frozen=True)
class Bounds:
    """What this process may use, and what it checks."""

    limits: Limits
    most_parameters: int


def main() -> None:
    given = orjson.loads(sys.argv[1])
    bounds = Bounds(Limits(**given["limits"]), given["most_parameters"])
    _limit_this_process(bounds.limits.table_bytes)
    questions: queue.Queue[bytes] = queue.Queue()
    follow_parent(questions.put, exit_code=0)
    while True:
        answer = answer_to(orjson.loads(questions.get()), bounds)
        answer["peak_bytes"] = peak_bytes()
        write_line(answer)


def write_line(answer: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
    sys.stdout.buffer.flush()


class Progress:
    """How far an answer is: a line each second, before that of the answer itself."""

    def __init__(self) -> None:
        self._next = time.monotonic() + SECONDS_BETWEEN_LINES

    def tell(self, share: float) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + SECONDS_BETWEEN_LINES
            write_line({"progress": share})


def peak_bytes() -> int:
    """The most memory that this process had. (`ru_maxrss` begins with what the process had that started it.)"""
    status = Path("/proc/self/status").read_text()
    [peak] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(peak) * 1024


def _limit_this_process(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICENESS)
    try:
        Path("/proc/self/oom_score_adj").write_text("1000")  # where memory runs out, this one goes first
    except OSError:
        return


def answer_to(question: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
    """`{"answer": …}`, or what kept it from being found: `problem`, `memory` or `fault`."""
    try:
        return {"answer": _ANSWERS[question["ask"]](question, bounds)}
    except Problem as problem:
        return {"problem": {"slug": problem.slug, **problem_parts(problem)}}
    except MemoryError:
        return {"memory": True}
    except Exception:
        return {"fault": traceback.format_exc(limit=-8)}


def problem_parts(problem: Problem) -> dict[str, Any]:
    return {"detail": problem.detail, "errors": problem.errors[:100], "error_count": problem.error_count}


def _examine(question: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
    place = Place(tuple(question["place"]["root"]), question["place"]["by_column"])
    recipe, specification = Recipe.from_json(question["recipe"]), tuple(question["specification"])
    validation = None if question["validation"] is None else _file(question["validation"])
    start = None if question["start"] is None else Path(question["start"])
    asked = TrainingCheck(recipe, place, specification, bounds.limits, bounds.most_parameters, validation, start)
    file = _file(question["file"])
    if not question["whole"]:
        return asdict(examine_start(file, asked))
    return asdict(examine_file(file, asked))


def _extract(question: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
    extracted = extract(Path(question["body"]), Path(question["target"]), bounds.limits)
    return {**asdict(extracted), "rest": extracted.rest.decode()}


def _profile(question: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
    return profile_file(_file(question["file"]), bounds.limits, Progress().tell)


def _preview(question: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
    return preview_file(
        _file(question["file"]), bounds.limits, question["types"], question["offset"], question["limit"]
    )


def _sample(question: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
    types = {name: ColumnOverride(**told) for name, told in question["types"].items()}
    return sample_file(_file(question["file"]), bounds.limits, question["names"], question["most_rows"], types)


def _network(question: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
    limits = ImportLimits(**question["limits"])
    return read_network(Path(question["file"]), question["form"], Path(question["target"]), limits)


def _file(given: dict[str, str]) -> TableFile:
    return TableFile(Path(given["path"]), given["format"])


_ANSWERS: dict[str, Callable[[dict[str, Any], Bounds], dict[str, Any]]] = {
    "examine": _examine,
    "extract": _extract,
    "profile": _profile,
    "preview": _preview,
    "sample": _sample,
    "network": _network,
}

if __name__ == "__main__":
    main()
