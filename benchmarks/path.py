"""Where the time of a prediction goes: each stage of the fast path by itself, in process, without sockets.

    python benchmarks/path.py [--rounds 7]

A 4-16-3 network and one row as an object, with one request per iteration of the event loop and with 16. Processor time
in microseconds for one request: the median of the rounds, with the least and the most.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import orjson
import uvloop

from models.data.columns import infer_table
from models.fitting.fit import fit, prepare
from models.formats import safetensors
from models.specification import NetworkSpecification, Recipe, TrainingSpecification
from service.api.operations.access_log import AccessLog
from service.api.operations.metrics import RequestMetrics
from service.api.prediction.fast_path.micro_batches import MicroBatches
from service.api.prediction.fast_path.request_heads import KnownHead, KnownHeads
from service.api.prediction.predict import plain_request
from service.observability import RequestLog, configure_logging
from service.registry.database import Database
from service.registry.migrate import ensure_current
from service.registry.models import versions
from service.serving.predictor import Predictor
from service.settings import Settings

FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
BODY = orjson.dumps({"model": "iris", "inputs": [dict(zip(FEATURES, (5.1, 3.5, 1.4, 0.2), strict=True))]})
HEAD = (
    b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n" % len(BODY)
)
REPEATS = 5_000


class NullConnection:
    """A connection that sends its responses nowhere."""

    def answer(self, head: bytes, content: bytes) -> None:
        self.last = head + content

    def pass_on(self) -> None:
        raise RuntimeError("this request should take the fast path")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stderr.fileno())  # where the request log is written
        stages = uvloop.run(measure(Path(folder), rounds))
    print("| stage | one request an iteration | 16 requests an iteration |\n|---|---|---|")
    for name, columns in stages.items():
        print(f"| {name} | {' | '.join(map(with_spread, columns))} |")


def with_spread(rounds: list[float]) -> str:
    return f"{np.median(rounds):.2f} ({min(rounds):.2f}–{max(rounds):.2f})"


async def measure(folder: Path, rounds: int) -> dict[str, list[list[float]]]:
    settings = Settings(data=folder)
    database = Database.of(settings)
    ensure_current(database)
    register(database)
    configure_logging("INFO")
    predictor = Predictor(settings, database)
    await predictor.find_version("iris", None)
    fast_path = MicroBatches(
        predictor,
        None,  # no requests of V2 here
        KnownHeads([], 2**20),
        AccessLog(RequestLog("INFO"), RequestMetrics()),
    )
    fast_path.heads.known[HEAD] = KnownHead(len(HEAD), len(HEAD) + len(BODY), "/predict", "/predict", None, None)
    stages = stages_of(predictor, fast_path)
    total = "all, with the iteration of the loop"
    microseconds: dict[str, list[list[float]]] = {name: [[], []] for name in [*stages, total]}
    for _ in range(rounds):
        for place, at_once in enumerate((1, 16)):
            for name, stage in stages.items():
                microseconds[name][place].append(time_of(lambda stage=stage, at_once=at_once: stage(at_once)) / at_once)
            microseconds[total][place].append(await time_of_all(fast_path, at_once))
    predictor.close()
    database.close()
    return microseconds


def register(database: Database) -> None:
    rng = np.random.default_rng(0)
    raw: dict[str, Any] = {name: rng.uniform(0, 8, 150) for name in FEATURES}
    raw["species"] = [("setosa", "versicolor", "virginica")[k % 3] for k in range(150)]
    recipe = Recipe(
        label="species", network=NetworkSpecification(hidden=(16,)), training=TrainingSpecification(epochs=2, seed=0)
    )
    trained = fit(prepare(infer_table(raw, {}), recipe)).trained
    signature: dict[str, Any] = trained.signature.to_json()
    with database.write() as session:
        new = versions.NewVersion(
            task=trained.task,
            signature=signature,
            metrics={"training": None, "validation": None},
            weights=safetensors.dumps(trained),
            environment={},
        )
        versions.add(session, "iris", new, "benchmark")


def stages_of(predictor: Predictor, fast_path: MicroBatches) -> dict[str, Callable[[int], object]]:
    """The stages by name; the argument of each is the number of requests in an iteration of the event loop."""
    turn, data = predictor.turn, HEAD + BODY
    plain = plain_request(orjson.loads(BODY), None, None)
    assert plain is not None
    version = turn.find_loaded(plain.model, plain.reference)
    assert version is not None
    rows = predictor.read_rows(version, plain.inputs)
    assert rows is not None
    connection = NullConnection()
    fast_path.take(connection, data)
    [request], fast_path._waiting = fast_path._waiting, []
    [answer] = turn.predict_batch(version, [rows])
    matrix = np.array(rows, float)

    def each(work: Callable[[], object]) -> Callable[[int], object]:
        return lambda at_once: [work() for _ in range(at_once)]

    return {
        "the head, known by its bytes": each(lambda: fast_path.heads.known.get(data[: data.find(b"\r\n\r\n") + 4])),
        "the body's JSON": each(lambda: plain_request(orjson.loads(request.body), None, None)),
        "has anything changed in the registry": lambda at_once: predictor.watch.moved(),
        "which version": each(lambda: turn.find_loaded(plain.model, plain.reference)),
        "checking the row": each(lambda: predictor.read_rows(version, plain.inputs)),
        "warnings, network and the answer's text": lambda at_once: turn.predict_batch(version, [rows] * at_once),
        "of these, scaling and the network": lambda at_once: version.trained.predict_matrix(
            matrix if at_once == 1 else np.repeat(matrix, at_once, axis=0)
        ),
        "headers, request id, log line and metrics": each(lambda: fast_path._send_json(request, version, answer)),
    }


def time_of(work: Callable[[], object]) -> float:
    start = time.process_time_ns()
    for _ in range(REPEATS):
        work()
    return (time.process_time_ns() - start) / REPEATS / 1000


async def time_of_all(fast_path: MicroBatches, at_once: int) -> float:
    connection, data = NullConnection(), HEAD + BODY
    start = time.process_time_ns()
    for _ in range(REPEATS):
        for _ in range(at_once):
            assert fast_path.take(connection, data)
        await asyncio.sleep(0)
    return (time.process_time_ns() - start) / REPEATS / at_once / 1000


if __name__ == "__main__":
    main()
