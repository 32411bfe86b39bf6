"""The process that reads callers' files: limited in memory, killed when it takes too long, ended with its parent.

`python -P -m service.datasets.sandbox.process LIMITS` reads one JSON request a line, and writes one JSON response a
line, after lines of progress if it takes long. Whatever a file does to its reader happens here.
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

from models.data.reading.options import ReadingOptions
from models.specification import Recipe
from service.child_processes import follow_parent
from service.datasets.formats.blocks import TableFile
from service.datasets.formats.errors import Place
from service.datasets.formats.limits import Limits
from service.datasets.profile.profile import preview_file, profile_file
from service.datasets.profile.sample import sample_file
from service.datasets.sandbox.inline_data import extract
from service.datasets.sandbox.training_check import TrainingCheck, examine_file, examine_start
from service.datasets.storage.uploads import disk_as_problem
from service.problems import Problem
from service.transfer.import_reader import read_network
from service.transfer.limits import ImportLimits

NICENESS = 5
SECONDS_BETWEEN_LINES = 1.0


@dataclass(frozen=True)
class Bounds:
    """The limits of this process and of the data that it checks."""

    limits: Limits
    most_parameters: int


def main() -> None:
    bounds_json = orjson.loads(sys.argv[1])
    bounds = Bounds(Limits(**bounds_json["limits"]), bounds_json["most_parameters"])
    _limit_this_process(bounds.limits.table_bytes)
    requests: queue.Queue[bytes] = queue.Queue()
    follow_parent(requests.put, exit_code=0)
    while True:
        response = response_to(orjson.loads(requests.get()), bounds)
        response["peak_bytes"] = peak_bytes()
        write_line(response)


def write_line(response: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(response) + b"\n")
    sys.stdout.buffer.flush()


class Progress:
    """The progress of a request: a line each second, before the response."""

    def __init__(self) -> None:
        self._next = time.monotonic() + SECONDS_BETWEEN_LINES

    def report(self, share: float) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + SECONDS_BETWEEN_LINES
            write_line({"progress": share})


def peak_bytes() -> int:
    """The most memory that this process has used. (`ru_maxrss` starts with that of its parent.)"""
    status = Path("/proc/self/status").read_text()
    [peak] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(peak) * 1024


def _limit_this_process(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICENESS)
    try:
        Path("/proc/self/oom_score_adj").write_text("1000")  # if memory runs out, this process is killed first
    except OSError:
        return


def response_to(request: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
    """`{"answer": …}`, or why there is none: `problem`, `memory` or `fault`."""
    try:
        with disk_as_problem():
            return {"answer": _ACTIONS[request["ask"]](request, bounds)}
    except Problem as problem:
        return {"problem": {"slug": problem.slug, **problem_parts(problem)}}
    except MemoryError:
        return {"memory": True}
    except Exception:
        return {"fault": traceback.format_exc(limit=-8)}


def problem_parts(problem: Problem) -> dict[str, Any]:
    return {
        "detail": problem.detail,
        "errors": problem.errors[:100],
        "error_count": problem.error_count,
        "headers": problem.headers,
    }


def _examine(request: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
    place = Place(tuple(request["place"]["root"]), request["place"]["by_column"])
    recipe, specification = Recipe.from_json(request["recipe"]), tuple(request["specification"])
    validation = None if request["validation"] is None else _file(request["validation"])
    start = None if request["start"] is None else Path(request["start"])
    check = TrainingCheck(recipe, place, specification, bounds.limits, bounds.most_parameters, validation, start)
    file = _file(request["file"])
    if not request["whole"]:
        return asdict(examine_start(file, check))
    return asdict(examine_file(file, check))


def _extract(request: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
    body = extract(Path(request["body"]), Path(request["target"]), bounds.limits)
    return {**asdict(body), "rest": body.rest.decode()}


def _profile(request: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
    return profile_file(_file(request["file"]), bounds.limits, Progress().report, request.get("has_header"))


def _preview(request: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
    return preview_file(_file(request["file"]), bounds.limits, request["types"], request["offset"], request["limit"])


def _sample(request: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
    options = ReadingOptions.from_json(request["options"])
    return sample_file(_file(request["file"]), bounds.limits, request["names"], request["most_rows"], options)


def _network(request: dict[str, Any], bounds: Bounds) -> dict[str, Any]:
    limits = ImportLimits(**request["limits"])
    return read_network(Path(request["file"]), request["form"], Path(request["target"]), limits)


def _file(file: dict[str, str]) -> TableFile:
    return TableFile(Path(file["path"]), file["format"])


_ACTIONS: dict[str, Callable[[dict[str, Any], Bounds], dict[str, Any]]] = {
    "examine": _examine,
    "extract": _extract,
    "profile": _profile,
    "preview": _preview,
    "sample": _sample,
    "network": _network,
}

if __name__ == "__main__":
    main()
