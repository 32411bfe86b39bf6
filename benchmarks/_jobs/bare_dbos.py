"""DBOS alone, with a workflow that does nothing, on the same PostgreSQL: `python bare_dbos.py ADDRESS JOBS SECONDS`.

Run it in an environment that has DBOS; it prints three figures as JSON. SECONDS is the interval at which DBOS polls its
queue, by default 1; all other options have their defaults.
"""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time

from dbos import DBOS

STARTS: dict[int, float] = {}
STARTED = threading.Condition()


@DBOS.workflow()
def nothing(number: int) -> None:
    with STARTED:
        STARTS[number] = time.perf_counter()
        STARTED.notify_all()


def wait_for(count: int) -> None:
    with STARTED:
        STARTED.wait_for(lambda: len(STARTS) >= count)


def measure(jobs: int) -> dict[str, float]:
    queue = DBOS.retrieve_queue("bench")
    latencies, waits = [], []
    for number in range(jobs):
        started = time.perf_counter()
        queue.enqueue(nothing, number)
        latencies.append(time.perf_counter() - started)
        wait_for(number + 1)
        waits.append(STARTS[number] - started)
    started = time.perf_counter()
    for number in range(jobs, 2 * jobs):
        queue.enqueue(nothing, number)
    wait_for(2 * jobs)
    rate = jobs / (time.perf_counter() - started)
    submit_ms, claim_ms = statistics.median(latencies) * 1000, statistics.median(waits) * 1000
    return {"submit_ms": submit_ms, "claim_ms": claim_ms, "per_second": rate}


if __name__ == "__main__":
    DBOS(config={"name": "bench", "system_database_url": sys.argv[1], "log_level": "ERROR"})
    DBOS.launch()
    DBOS.register_queue("bench", worker_concurrency=2, polling_interval_sec=float(sys.argv[3]))
    time.sleep(1)
    print(json.dumps(measure(int(sys.argv[2]))), flush=True)
    DBOS.destroy()
