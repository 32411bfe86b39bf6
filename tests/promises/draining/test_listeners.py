"""A server that is told to stop lets go of those who listen, and they go on at the next one."""

import threading
import time

import httpx

from service.registry.database import Database
from service.registry.jobs import jobs
from service.registry.jobs import progress as job_progress
from service.registry.jobs.jobs import Claim, NewJob


def test_a_listener_goes_on_after_a_restart(start_server, name: str):
    server = start_server(workers=0)
    registry = Database(f"sqlite:///{server.data.absolute() / 'feedforward.db'}")
    with registry.write() as session:
        claim = Claim(jobs.add(session, NewJob(kind="train", model=name, request={"model": name})).id, 1)
        jobs.claim(session, claim.job, "test", lease_seconds=3600)
    seen = hear(server.http, claim.job, None, stop=server.process.process.terminate)
    assert seen == [1, 2]
    assert server.process.wait() == 0
    with registry.write() as session:
        progress = dict.fromkeys(["epoch", "epochs", "loss", "validation_loss", "rows_per_second", "eta_seconds"])
        job_progress.emit(session, claim.job, "progress", progress)
        jobs.end(session, claim, "cancelled")
    registry.close()
    again = start_server(workers=0)
    assert hear(again.http, claim.job, 2) == [3, 4]


def hear(http: httpx.Client, job: str, after: int | None, stop=None) -> list[int]:
    """The ids of a job's events until its stream ends; `stop` is called once the first ones were heard."""
    seen: list[int] = []
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    begun = time.monotonic()
    with http.stream("GET", f"/jobs/{job}/events", headers=headers) as stream:
        for line in stream.iter_lines():
            if line.startswith("id: "):
                seen.append(int(line[4:]))
                if stop is not None and len(seen) == 2:
                    threading.Timer(0, stop).start()
    assert time.monotonic() - begun < 60  # the server waits thirty seconds for requests that do not end
    return seen
