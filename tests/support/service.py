"""A running Feedforward for a test: its address, an HTTP client, and the calls that most tests begin with."""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.support.processes import FeedforwardProcess

TERMINAL_STATES = ("succeeded", "failed", "cancelled")
LONG_ENOUGH_SECONDS = 120
POLL_SECONDS = 0.02


class JobEndedOtherwise(AssertionError):
    """A job did not end in the state that the test needs."""


class Service:
    """One or more processes that serve one database. The first one serves HTTP."""

    def __init__(self, processes: Sequence[FeedforwardProcess], data: Path, database: str) -> None:
        self.processes = list(processes)
        self.data = data
        self.database = database
        address = self.processes[0].wait_ready().rstrip("/")
        self.url = address.replace("//0.0.0.0:", "//127.0.0.1:")  # If it listens on all addresses, connect on loopback.
        self.http = httpx.Client(base_url=self.url, timeout=LONG_ENOUGH_SECONDS, trust_env=False)

    @property
    def process(self) -> FeedforwardProcess:
        return self.processes[0]

    @property
    def database_url(self) -> str:
        """The address of its database."""
        if self.database == "sqlite":
            return f"sqlite:///{self.data.absolute() / 'feedforward.db'}"
        variables = Path(f"/proc/{self.process.pid}/environ").read_text().split("\0")
        return next(value.partition("=")[2] for value in variables if value.startswith("FEEDFORWARD_DATABASE_URL="))

    def stop(self) -> None:
        """End all processes by SIGTERM, the workers first as a rolling stop would."""
        self.http.close()
        for process in reversed(self.processes):
            process.stop()

    close = stop

    def read_logs(self) -> str:
        return "\n".join(f"== {process.log}\n{process.read_log()}" for process in self.processes)

    def get(self, path: str, **options: Any) -> Any:
        return self._json(self.http.get(path, **options))

    def post(self, path: str, **options: Any) -> Any:
        return self._json(self.http.post(path, **options))

    def train(self, specification: Mapping[str, Any], *, state: str = "succeeded") -> dict[str, Any]:
        """POST /train with a JSON body and wait until the job has ended; returns the job."""
        return self.wait_for(self.post("/train", json=specification)["id"], state=state)

    def train_file(self, specification: Mapping[str, Any], file: Path, *, state: str = "succeeded") -> dict[str, Any]:
        """POST /train as a form with a file part and wait until the job has ended; returns the job."""
        with file.open("rb") as content:
            job = self.post("/train", data={"spec": json.dumps(specification)}, files={"file": (file.name, content)})
        return self.wait_for(job["id"], state=state)

    def wait_for(self, job_id: str, *, state: str = "succeeded") -> dict[str, Any]:
        """Poll a job until it has ended; returns it."""
        deadline = time.monotonic() + LONG_ENOUGH_SECONDS
        while (job := self.get(f"/jobs/{job_id}"))["state"] not in TERMINAL_STATES:
            if time.monotonic() > deadline:
                raise JobEndedOtherwise(f"job {job_id} is still {job['state']}; the logs:\n{self.read_logs()}")
            time.sleep(POLL_SECONDS)
        if job["state"] != state:
            raise JobEndedOtherwise(f"job {job_id} ended as {job['state']}, not {state}: {job['error']}")
        return job

    def profiled(self, dataset: str) -> dict[str, Any]:
        """Poll a dataset until its profile is complete; returns it."""
        deadline = time.monotonic() + LONG_ENOUGH_SECONDS
        while (response := self.get(f"/datasets/{dataset}"))["state"] == "profiling":
            assert time.monotonic() < deadline, f"{dataset} is still being profiled"
            time.sleep(POLL_SECONDS)
        return response

    def wait_logged(self, model: str, rows: int) -> None:
        """Poll the model's prediction log until it has at least so many rows."""
        deadline = time.monotonic() + LONG_ENOUGH_SECONDS
        while (logged := self.get(f"/models/{model}/prediction-log")["rows"]) < rows:
            assert time.monotonic() < deadline, f"{logged} of {rows} rows were logged"
            time.sleep(POLL_SECONDS)

    def predict(self, model: str, inputs: Sequence[Any], **fields: Any) -> dict[str, Any]:
        return self.post("/predict", json={"model": model, "inputs": inputs, **fields})

    def _json(self, response: httpx.Response) -> Any:
        assert response.is_success, (
            f"{response.request.method} {response.request.url} answered {response.status_code}: {response.text}"
        )
        return response.json()
