"""How fast predictions are served, as a share of the roof: a bare ASGI application that returns a constant.

    python benchmarks/predict.py [--rounds 3] [--seconds 5] [--peers]

With `--peers` MLServer, LitServe, BentoML and MLflow are measured too, each in an environment of its own that is
created under .venv-bench if it is missing (gigabytes).

Needs wrk and two cores: each server has one, wrk the other. The contestants take turns, so that other work on the
machine affects all of them equally; the figures are medians with the least and the greatest.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass

from _predict import requests, servers
from _predict.load import Measurement, Request, measure
from _predict.peers import environments


@dataclass(frozen=True)
class Case:
    """One form of request to one contestant."""

    name: str
    server: str
    request: Request


SERVERS: dict[str, Callable[[], AbstractContextManager[servers.Server]]] = {
    "roof": lambda: servers.script("roof.py"),
    "plain FastAPI": lambda: servers.script("plain_fastapi.py"),
    "Feedforward": servers.feedforward,
}
CASES = [
    Case("roof", "roof", requests.objects(1)),
    Case("plain FastAPI, one row", "plain FastAPI", requests.objects(1)),
    Case("Feedforward, one row, object", "Feedforward", requests.objects(1)),
    Case("Feedforward, one row, list", "Feedforward", requests.lists(1)),
    Case("Feedforward, one row, V2 JSON", "Feedforward", requests.v2_json(1)),
    Case("plain FastAPI, 1,000 rows, objects", "plain FastAPI", requests.objects(1000)),
    Case("Feedforward, 1,000 rows, objects", "Feedforward", requests.objects(1000)),
    Case("Feedforward, 1,000 rows, lists", "Feedforward", requests.lists(1000)),
    Case("Feedforward, 1,000 rows, columns", "Feedforward", requests.columns(1000)),
    Case("Feedforward, 1,000 rows, V2 JSON", "Feedforward", requests.v2_json(1000)),
    Case("Feedforward, 1,000 rows, V2 binary", "Feedforward", requests.v2_binary(1000)),
]

PEERS = {
    "MLServer": environments.mlserver,
    "LitServe": environments.litserve,
    "BentoML": environments.bentoml,
    "MLflow": environments.mlflow,
}
PEER_CASES = [
    Case(f"{peer}, {count:,} row{'s' if count > 1 else ''}", peer, request(count))
    for peer, request in {
        "MLServer": requests.v2_json,
        "LitServe": requests.bare_lists,
        "BentoML": requests.bare_lists,
        "MLflow": lambda count: requests.bare_lists(count, "/invocations"),
    }.items()
    for count in (1, 1000)
]


def main() -> None:
    arguments = _arguments()
    SERVERS.update(PEERS)
    candidates = CASES + PEER_CASES if arguments.peers else CASES
    cases = [
        case for case in candidates if arguments.only is None or case.server == "roof" or arguments.only in case.name
    ]
    with ExitStack() as running:
        started = {name: running.enter_context(SERVERS[name]()) for name in {case.server for case in cases}}
        for case in cases:
            _measure(case, started, 1.0)
        rounds = [[_measure(case, started, arguments.seconds) for case in cases] for _ in range(arguments.rounds)]
    print("| case | of the roof | spread | requests/s | CPU µs a request | p50 ms | p99 ms |")
    print("|---|---|---|---|---|---|---|")
    for place, case in enumerate(cases):
        _print_row(case, [results[place] for results in rounds], [results[0] for results in rounds])


def _measure(case: Case, started: dict[str, servers.Server], seconds: float) -> Measurement:
    server = started[case.server]
    return measure(server.url, case.request, server.pid, seconds)


def _print_row(case: Case, measurements: list[Measurement], roof: list[Measurement]) -> None:
    shares = [own.rate / top.rate for own, top in zip(measurements, roof, strict=True)]
    figures = [
        f"{statistics.median(shares):.3f}",
        f"{min(shares):.3f} to {max(shares):.3f}",
        f"{statistics.median(measurement.rate for measurement in measurements):,.0f}",
        f"{statistics.median(measurement.cpu_microseconds for measurement in measurements):,.1f}",
        f"{statistics.median(measurement.p50_ms for measurement in measurements):.2f}",
        f"{statistics.median(measurement.p99_ms for measurement in measurements):.2f}",
    ]
    print(f"| {case.name} | {' | '.join(figures)} |", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--peers", action="store_true", help="Measure the peers too.")
    parser.add_argument("--only", help="Only cases whose name contains this, and the roof.")
    return parser.parse_args()


if __name__ == "__main__":
    main()
