"""Lists, searches, single versions and predictions: among 1,000,000 versions, and among a few.

    python benchmarks/registry.py [--models 10000] [--versions 1000000] [--calls 40] [--predictions 2000]

The small registry has 60 models and 240 versions, so that each list fills its page in both. Half of the versions are of
one model, the rest spread over all. The tables are filled by SQL. A call is a function of `service.registry` with its
transaction, as a request makes it; a request uses an open connection to a running service. Both registries take turns,
call by call. Prints median milliseconds, and the ratio of the large registry to the small one.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from _registry import filling
from rich.progress import track
from sqlalchemy.orm import Session

from service.registry.database import Database
from service.registry.migrate import ensure_current
from service.registry.models import models, versions
from service.registry.models.search import MetricCondition, TagCondition, VersionFilter
from tests.support import postgresql
from tests.support.launching import start_fleet, start_up
from tests.support.service import Service

BIG = filling.BIG
SMALL_MODELS, SMALL_VERSIONS = 60, 240
Call = Callable[[Session], object]


class Registry:
    """A filled database with a service on it that has one network to predict with."""

    def __init__(self, url: str, folder: Path, n_models: int, n_versions: int) -> None:
        self.database = Database(url)
        ensure_current(self.database)
        filling.fill(self.database, n_models, n_versions)
        self.service = self._start(url, folder)
        rows = [{"x": k / 20, "y": k / 10} for k in range(20)]
        self.service.train({"model": "served", "data": {"rows": rows}, "label": "y", "training": {"epochs": 2}})
        self.calls = calls(n_models, n_versions)

    @staticmethod
    def _start(url: str, folder: Path) -> Service:
        return start_up(folder) if url.startswith("sqlite") else start_fleet(folder, url)

    def close(self) -> None:
        self.service.stop()
        self.database.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=10_000)
    parser.add_argument("--versions", type=int, default=1_000_000)
    parser.add_argument("--calls", type=int, default=40)
    parser.add_argument("--predictions", type=int, default=2000)
    arguments = parser.parse_args()
    sizes = (SMALL_MODELS, SMALL_VERSIONS), (arguments.models, arguments.versions)
    columns: list[dict[str, str]] = []
    for kind in ("sqlite", "postgresql"):
        with ExitStack() as cleanup:
            columns.append(measure(kind, sizes, arguments, cleanup))
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")
    print("\n| | SQLite: few, many | ratio | PostgreSQL: few, many | ratio |\n|---|---|---|---|---|")
    for name in columns[0]:
        print(f"| {name} | {' | '.join(column[name] for column in columns)} |")


def measure(
    kind: str, sizes: tuple[tuple[int, int], ...], arguments: argparse.Namespace, cleanup: ExitStack
) -> dict[str, str]:
    folder = Path(cleanup.enter_context(tempfile.TemporaryDirectory()))
    server = cleanup.enter_context(postgresql.running()) if kind == "postgresql" else None
    pair = []
    for place, size in enumerate(track(sizes, f"filling {kind}")):
        data = folder / str(place)
        data.mkdir()
        url = cleanup.enter_context(server.database()) if server else f"sqlite:///{data}/feedforward.db"
        pair.append(Registry(url, data, *size))
        cleanup.callback(pair[-1].close)
    cells = {}
    for name in pair[0].calls:
        cells[name] = in_turns(
            pair, lambda registry, name=name: query(registry.database, registry.calls[name]), arguments.calls
        )
    cells["register a version of the big model"] = in_turns(pair, register, arguments.calls)
    cells["`GET /models`"] = in_turns(pair, lambda registry: registry.service.http.get("/models"), arguments.calls)
    versions_of_big = f"/models/{BIG}/versions"
    cells["`GET /models/{name}/versions`"] = in_turns(
        pair, lambda registry: registry.service.http.get(versions_of_big), arguments.calls
    )
    cells["`POST /predict`, one row"] = in_turns(pair, predict, arguments.predictions)
    return cells


def in_turns(pair: list[Registry], act: Callable[[Registry], object], times: int) -> str:
    milliseconds: list[list[float]] = [[], []]
    for turn in range(2 * (times + 1)):
        start = time.perf_counter()
        act(pair[turn % 2])
        milliseconds[turn % 2].append((time.perf_counter() - start) * 1000)
    few, many = (float(np.median(durations[1:])) for durations in milliseconds)
    return f"{few:.2f}, {many:.2f} | {many / few:.2f}"


def query(database: Database, call: Call) -> None:
    with database.read() as session:
        call(session)


def register(registry: Registry) -> None:
    with registry.database.write() as session:
        versions.add(session, BIG, filling.new_version(), "benchmark")


def predict(registry: Registry) -> None:
    registry.service.http.post("/predict", json={"model": "served", "inputs": [{"x": 0.5}]}).raise_for_status()


def calls(n_models: int, n_versions: int) -> dict[str, Call]:
    """The calls to measure. In both registries, each list has more matches than fit on its page."""

    def page(filters: VersionFilter) -> Call:
        return lambda session: versions.list_versions(session, BIG, 50, None, filters)

    word = VersionFilter(query=f"model-{n_models - 7}")
    run = TagCondition("run", "0")
    best_sixty = 1 - filling.MATCHES / (n_versions / 2)
    return {
        "a page of 50 models": lambda session: models.list_models(session, 50, None),
        "the model with half of the versions": lambda session: models.get_model(session, BIG),
        "models by a word that one has": lambda session: models.list_models(session, 50, None, word),
        "models by a tag": lambda session: models.list_models(
            session, 50, None, VersionFilter(tags=[TagCondition("team", "t0")])
        ),
        "one version by its number": lambda session: versions.get_version(session, BIG, 42),
        "one version by `latest`": lambda session: versions.get_version(session, BIG, "latest"),
        "the newest 50 versions": page(VersionFilter()),
        "the best 50 by accuracy": page(VersionFilter(sort="accuracy")),
        "the best 50 by loss": page(VersionFilter(sort="loss")),
        "50 by a tag that 60 have": page(VersionFilter(tags=[run])),
        "50 with an accuracy that 60 reach": page(
            VersionFilter(metrics=[MetricCondition("accuracy", ">", best_sixty)])
        ),
        "the best 50 with a tag that 60 have": page(VersionFilter(sort="accuracy", tags=[run])),
    }


if __name__ == "__main__":
    main()
