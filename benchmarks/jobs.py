"""The costs of jobs: to submit, to claim, jobs per second, idle, and with long queues; bare engines for comparison.

    python benchmarks/jobs.py [--jobs 40] [--queued 100000] [--finished 1000000] [--idle-seconds 10] [--dbos-python P]

Medians. The services have two worker processes; the tables are filled by SQL, and queries measured with their commits.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from _jobs import bare, queries, rows, services

from service.registry.database import Database
from service.registry.migrate import ensure_current
from tests.support import postgresql
from tests.support.launching import start_fleet, start_up
from tests.support.service import Service


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=40)
    parser.add_argument("--queued", type=int, default=100_000)
    parser.add_argument("--finished", type=int, default=1_000_000)
    parser.add_argument("--idle-seconds", type=float, default=10)
    parser.add_argument("--dbos-python", help="an environment that has DBOS")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, postgresql.running() as server:
        print(f"load of the machine at the start: {os.getloadavg()[0]:.1f}\n")
        show_services(Path(folder), server, arguments.jobs, arguments.idle_seconds)
        show_bare_engines(server, arguments.jobs, arguments.dbos_python)
        for kind in ("SQLite", "PostgreSQL"):
            with empty_database(kind, Path(folder), server) as database:
                show_queries(kind, database, arguments.queued, arguments.finished)
        print(f"load of the machine at the end: {os.getloadavg()[0]:.1f}")


def show_services(folder: Path, server: postgresql.PostgreSQL, jobs: int, idle_seconds: float) -> None:
    print("| | submitted, ms | claimed, ms | a second | idle, % of a core |\n|---|---|---|---|---|")
    show_service("SQLite", start_up(folder / "up", workers=2, log_level="warning"), jobs, idle_seconds)
    with server.database() as url:
        fleet = start_fleet(folder / "fleet", url, workers=2, log_level="warning")
        show_service("PostgreSQL", fleet, jobs, idle_seconds)


def show_bare_engines(server: postgresql.PostgreSQL, jobs: int, dbos_python: str | None) -> None:
    with server.database() as url:
        create_tables(url).close()
        show_bare("procrastinate, bare", asyncio.run(bare.measure_procrastinate(url, jobs)))
    for seconds in (1.0, 0.05) if dbos_python else ():
        with server.database() as url:
            measurement = bare.measure_dbos(dbos_python or "", url, jobs, seconds)
        show_bare(f"DBOS, bare, polling every {seconds:g} s", measurement)
    print()


def show_bare(name: str, measurement: bare.Measurement) -> None:
    milliseconds = f"{measurement.submit_ms:.1f} | {measurement.claim_ms:.1f}"
    print(f"| {name} | {milliseconds} | {measurement.per_second:.0f} | |", flush=True)


def show_service(name: str, service: Service, jobs: int, idle_seconds: float) -> None:
    try:
        measurement = services.measure(service, jobs, idle_seconds)
    finally:
        service.stop()
    milliseconds = f"{measurement.submit_ms:.1f} | {measurement.claim_ms:.1f}"
    print(f"| {name} | {milliseconds} | {measurement.per_second:.1f} | {measurement.idle_percent:.1f} |", flush=True)


@contextmanager
def empty_database(kind: str, folder: Path, server: postgresql.PostgreSQL) -> Iterator[Database]:
    if kind == "SQLite":
        yield create_tables(f"sqlite:///{folder / 'queries.db'}")
        return
    with server.database() as url:
        database = create_tables(url)
        yield database
        database.close()


def create_tables(url: str) -> Database:
    database = Database(url)
    ensure_current(database)
    return database


def show_queries(kind: str, database: Database, queued: int, finished: int) -> None:
    columns = [queries.measure(database)]
    rows.insert(database, queued, "queued")
    columns.append(queries.measure(database))
    rows.insert(database, finished, "succeeded")
    columns.append(queries.measure(database))
    print(f"| {kind}, ms | empty | {queued:,} queued | and {finished:,} finished |\n|---|---|---|---|")
    for step in columns[0]:
        print(f"| {step} | {' | '.join(f'{column[step]:.2f}' for column in columns)} |")
    print(flush=True)


if __name__ == "__main__":
    main()
