"""Lists, searches and single versions among many: 10,000 models and 1,000,000 versions, on both databases.

    python benchmarks/registry.py [--models 10000] [--versions 1000000] [--calls 40]

Half of the versions are of one model, the rest spread over all. The tables are filled by SQL; a call is one of
`service.registry` with its transaction, as a request makes it. Median and 95th percentile in milliseconds.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from _registry import filling
from sqlalchemy.orm import Session

from service.registry import models, versions
from service.registry.database import Database
from service.registry.migrate import ensure_current
from service.registry.searching import MetricIs, TagIs, Wanted
from tests.support import postgresql

BIG = filling.BIG
Call = Callable[[Session], object]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=int, default=10_000)
    parser.add_argument("--versions", type=int, default=1_000_000)
    parser.add_argument("--calls", type=int, default=40)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgresql.running() as server, server.database() as url:
        figures = [measure(one, chosen) for one in (f"sqlite:///{folder}/feedforward.db", url)]
    print(f"load of the machine: {os.getloadavg()[0]:.1f}\n\n| | SQLite | PostgreSQL |\n|---|---|---|")
    for name in figures[0]:
        print(f"| {name} | {' | '.join(one[name] for one in figures)} |")


def measure(url: str, chosen: argparse.Namespace) -> dict[str, str]:
    database = Database(url)
    ensure_current(database)
    filling.fill(database, chosen.models, chosen.versions)
    told = {}
    for name, call in calls(chosen.models).items():
        times = [timed(database, call) for _ in range(chosen.calls)]
        told[name] = f"{np.median(times):.2f} ({np.quantile(times, 0.95):.2f})"
    taken = [timed(database, register, write=True) for _ in range(chosen.calls)]
    told["register a version of the big model"] = f"{np.median(taken):.2f} ({np.quantile(taken, 0.95):.2f})"
    database.close()
    return told


def calls(n_models: int) -> dict[str, Call]:
    """What is measured. Deep pages start in the middle, at a cursor that the list gave."""

    def page(wanted: Wanted) -> Call:
        return lambda session: versions.list_versions(session, BIG, 50, None, wanted)

    return {
        "a page of 50 models": lambda session: models.list_models(session, 50, None),
        "the model with half of the versions": lambda session: models.get_model(session, BIG),
        "models by a word that one has": lambda session: models.list_models(
            session, 50, None, Wanted(query=f"model-{n_models - 7}")
        ),
        "models by a tag": lambda session: models.list_models(session, 50, None, Wanted(tags=[TagIs("team", "t7")])),
        "one version by its number": lambda session: versions.get_version(session, BIG, 4712),
        "one version by `latest`": lambda session: versions.get_version(session, BIG, "latest"),
        "the newest 50 versions": page(Wanted()),
        "the best 50 by accuracy": page(Wanted(sort="accuracy")),
        "the best 50 by loss": page(Wanted(sort="loss")),
        "by a tag of one in 1,000": page(Wanted(tags=[TagIs("run", "7")])),
        "with accuracy over 0.999": page(Wanted(metrics=[MetricIs("accuracy", ">", 0.999)])),
        "the best 50 with a tag of one in 1,000": page(Wanted(sort="accuracy", tags=[TagIs("run", "7")])),
    }


def register(session: Session) -> None:
    versions.add(session, BIG, filling.new_version(), "benchmark")


def timed(database: Database, call: Call, *, write: bool = False) -> float:
    start = time.perf_counter()
    with database.write() if write else database.read() as session:
        call(session)
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    main()
