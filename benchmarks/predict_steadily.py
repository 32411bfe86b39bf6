"""Predictions beside other work: latencies at half the load that saturates the server, processor time with two API
processes, and the memory of a long stream.

    python benchmarks/predict_steadily.py [--seconds 10] [--rounds 3] [--rows 1000000] [--only latency|processes|stream]

Needs wrk and two cores: the servers and their worker processes have one, wrk the other.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from _predict import requests
from _predict.load import CONNECTIONS, Measurement, cpu_seconds_below, measure
from _predict.servers import train_iris
from _predict.streaming import peak_megabytes_above_idle

from tests.support import postgresql
from tests.support.launching import start_fleet, start_up
from tests.support.service import Service

PAUSE_MS = 5
# Longer than everything that is measured beside it; it is cancelled then.
LONG_TRAINING = {
    "model": "other",
    "label": "species",
    "network": {"hidden": [64, 64]},
    "training": {"epochs": 1_000_000},
}


def main() -> None:
    arguments = _arguments()
    os.sched_setaffinity(0, {0})  # inherited by child processes; wrk runs on the other core
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder, postgresql.running() as server:
        if arguments.only in (None, "latency"):
            show_latencies(Path(folder), arguments.seconds, arguments.rounds)
        if arguments.only in (None, "processes"):
            show_processes(Path(folder), server, arguments.seconds, arguments.rounds)
        if arguments.only in (None, "stream"):
            show_stream(Path(folder), arguments.rows)


def show_latencies(folder: Path, seconds: float, rounds: int) -> None:
    with closing(start_up(folder / "latency", workers=1)) as service:
        train_iris(service.url)
        train_iris(service.url)
        service.http.put("/models/iris/aliases/production", json={"version": 1}).raise_for_status()
        request = requests.objects(1, "production")
        pid = service.process.process.pid
        full = statistics.median(measure(service.url, request, pid, seconds).rate for _ in range(rounds))
        connections = max(1, round(full / 2 * PAUSE_MS / 1000))
        print(f"saturated: {full:,.0f} requests/s; half of it by {connections} connections\n")
        print("| beside | requests/s | p50 ms | p99 ms | p99 / p50 |\n|---|---|---|---|---|")

        def half() -> Measurement:
            return measure(service.url, request, pid, seconds, connections, PAUSE_MS)

        for name, other in {"nothing": nothing, "a training": training, "an alias moved each second": moving}.items():
            with other(service):
                _show_latency(name, [half() for _ in range(rounds)])
        with training(service), moving(service):
            _show_latency("both", [half() for _ in range(rounds)])


def _show_latency(name: str, measurements: list[Measurement]) -> None:
    ratios = [measurement.p99_ms / measurement.p50_ms for measurement in measurements]
    rate, p50, p99 = (
        statistics.median(getattr(measurement, field) for measurement in measurements)
        for field in ("rate", "p50_ms", "p99_ms")
    )
    spread = f"{statistics.median(ratios):.1f} ({min(ratios):.1f}–{max(ratios):.1f})"
    print(f"| {name} | {rate:,.0f} | {p50:.2f} | {p99:.2f} | {spread} |", flush=True)


@contextmanager
def nothing(service: Service) -> Iterator[None]:
    yield


@contextmanager
def training(service: Service) -> Iterator[None]:
    job = train_iris(service.url, LONG_TRAINING, until="running")
    yield
    service.post(f"/jobs/{job}/cancel")
    service.wait_for(job, state="cancelled")


@contextmanager
def moving(service: Service) -> Iterator[None]:
    ended = threading.Event()

    def move() -> None:
        turn = 0
        while not ended.wait(1):
            turn += 1
            response = service.http.put("/models/iris/aliases/production", json={"version": 1 + turn % 2})
            response.raise_for_status()

    mover = threading.Thread(target=move)
    mover.start()
    yield
    ended.set()
    mover.join()


def show_processes(folder: Path, server: postgresql.PostgreSQL, seconds: float, rounds: int) -> None:
    """One and two processes in turns: the ratio of their costs, and the busier process's share of the work."""
    print("\n| | one API process, CPU µs a request | two | ratio | the busier one's share |\n|---|---|---|---|---|")
    _show_ratios("SQLite", [start_up(folder / f"up-{n}", workers=1, api_processes=n) for n in (1, 2)], seconds, rounds)
    with server.database() as first, server.database() as second:
        fleets = [start_fleet(folder / f"fleet-{n}", url, api_processes=n) for n, url in ((1, first), (2, second))]
        _show_ratios("PostgreSQL", fleets, seconds, rounds)


def _show_ratios(name: str, services: list[Service], seconds: float, rounds: int) -> None:
    with closing(services[0]) as one, closing(services[1]) as two:
        for service in (one, two):
            train_iris(service.url)
            _cost(service, 1, CONNECTIONS)
        for connections in (CONNECTIONS, 4 * CONNECTIONS):
            pairs = [(_cost(one, seconds, connections), _cost(two, seconds, connections)) for _ in range(rounds)]
            _show_ratio(f"{name}, {connections} connections", pairs)


def _show_ratio(name: str, pairs: list[tuple[Cost, Cost]]) -> None:
    ratios = [with_two.microseconds / with_one.microseconds for with_one, with_two in pairs]
    costs = [statistics.median(cost.microseconds for cost in costs) for costs in zip(*pairs, strict=True)]
    spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
    shares = ", ".join(f"{with_two.busiest_share:.2f}" for _, with_two in pairs)
    print(f"| {name} | {costs[0]:.1f} | {costs[1]:.1f} | {spread} | {shares} |", flush=True)


class Cost(NamedTuple):
    """Processor time of a request, and the busiest process's share of it."""

    microseconds: float
    busiest_share: float


def _cost(service: Service, seconds: float, connections: int) -> Cost:
    pid = service.process.process.pid
    before = cpu_seconds_below(pid)
    measurement = measure(service.url, requests.objects(1), pid, seconds, connections)
    cpu_seconds = [after - before.get(process, 0.0) for process, after in cpu_seconds_below(pid).items()]
    return Cost(measurement.cpu_microseconds, max(cpu_seconds) / sum(cpu_seconds))


def show_stream(folder: Path, rows: int) -> None:
    with closing(start_up(folder / "stream", workers=1)) as service:
        train_iris(service.url)
        above, seconds = peak_megabytes_above_idle(service.url, service.process.process.pid, rows)
        print(f"\n{rows:,} rows of CSV: {above:.0f} MiB above idle, {seconds:.1f} s, {rows / seconds:,.0f} rows/s")


@contextmanager
def closing(service: Service) -> Iterator[Service]:
    try:
        yield service
    finally:
        service.stop()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--only", choices=["latency", "processes", "stream"])
    return parser.parse_args()


if __name__ == "__main__":
    main()
