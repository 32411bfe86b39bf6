"""Write a data directory and its answers with an installed Feedforward, for the tests of later ones.

Run once for each release, by hand, on the release's own command:

    .venv/bin/python -m tests.promises.earlier.make .venv/bin/feedforward

It adds `VERSION.zip` beside this file. A file that is there already is never made again: it is what users have.
"""

import argparse
import json
import math
import os
import platform
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx

from tests.promises.earlier.exchanges import Exchange, ask, get, post, post_csv, post_tensors
from tests.support.processes import PROJECT, environment

HERE = Path(__file__).parent
RUNNING, UNDISTURBED, WAITING = "in-mid-run", "undisturbed", "in-the-queue"
EPOCHS, HIT_AT = 400, 300
ENDED = ("succeeded", "failed", "cancelled")


class Feedforward:
    """A running `feedforward up` of the release."""

    def __init__(self, address: str, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.http = httpx.Client(base_url=address, timeout=60, trust_env=False)

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        response = self.http.request(method, path, **({"json": body} if body is not None else {}), **options)
        assert response.is_success, f"{method} {path}: {response.text}"
        return response.json() if response.content else None

    def finish(self, job: dict[str, Any], state: str = "succeeded") -> dict[str, Any]:
        while (found := self.call("GET", f"/jobs/{job['id']}"))["state"] not in ENDED:
            time.sleep(0.02)
        assert found["state"] == state, found
        return found

    def train(self, model: str, recipe: dict[str, Any], state: str = "succeeded") -> dict[str, Any]:
        return self.finish(self.call("POST", "/train", {"model": model} | recipe), state)


@contextmanager
def running(command: Path, data: Path, workers: int) -> Iterator[Feedforward]:
    """`feedforward up` on a folder until the end of the block; ended as an operator does."""
    arguments = [command, "up", "--data", data, "--port", "0", "--workers", str(workers)]
    process = subprocess.Popen(
        arguments,
        cwd=data.parent,
        env=environment(log_level="warning"),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        line = next(line for line in process.stdout if "http://" in line)
        service = Feedforward(line[line.index("http://") :].split()[0].rstrip("/.,"), process)
        with service.http:
            yield service
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def flowers() -> list[dict[str, Any]]:
    lines = [line.split(",") for line in (PROJECT / "examples" / "iris.csv").read_text().split()]
    rows = [dict(zip(lines[0], [*map(float, line[:4]), line[4]], strict=True)) for line in lines[1:]]
    return rows[::2]


def houses(chance: random.Random) -> list[dict[str, Any]]:
    """Text, dates, booleans and gaps, with the prices as label."""
    rows = []
    for number in range(80):
        size, town, garden = chance.uniform(40, 200), chance.choice(["Aachen", "Bern", "Côte"]), chance.random() < 0.5
        price = 1000 * size + (20_000 if town == "Bern" else 0) + chance.gauss(0, 500)
        sold = (date(2020, 1, 1) + timedelta(days=9 * number)).isoformat()
        rows.append(
            {
                "size": None if number % 9 == 4 else round(size, 1),
                "town": None if number % 11 == 5 else town,
                "garden": garden,
                "sold": sold,
                "price": round(price),
                "rent": round(price / 250),
                "large": size > 120,
            }
        )
    return rows


def waves(chance: random.Random) -> list[dict[str, Any]]:
    pairs = [(chance.uniform(-1, 1), chance.uniform(-1, 1)) for _ in range(400)]
    return [{"x": x, "y": y, "height": math.sin(3 * x) + y * y} for x, y in pairs]


def recipe(rows: list[dict[str, Any]], label: Any, features: list[str], **more: Any) -> dict[str, Any]:
    training = {"epochs": 15, "seed": 7} | more.pop("training", {})
    network = {"hidden": [6]} | more.pop("network", {})
    return {
        "data": {"rows": rows},
        "label": label,
        "features": features,
        "network": network,
        "training": training,
    } | more


FLOWERS = flowers()
FLOWER_FEATURES = list(FLOWERS[0])[:4]
HOUSES = houses(random.Random(3))
HOUSE_FEATURES = ["size", "town", "garden", "sold"]
WAVES = waves(random.Random(5))
DATES = {"sold": {"type": "date"}}
FLOWER_RECIPE = recipe(FLOWERS, "species", FLOWER_FEATURES)
LONG_RECIPE = recipe(
    WAVES,
    "height",
    ["x", "y"],
    network={"hidden": [16], "dropout": 0.1, "dtype": "float64"},
    training={"epochs": EPOCHS, "batch_size": 4, "schedule": "cosine", "checkpoint_every": 20},
)


def fill(service: Feedforward) -> None:
    """Everything that ends before the running job begins."""
    train_models(service)
    set_aliases(service)
    run_jobs(service)
    log_predictions(service)
    service.call("POST", "/webhooks", {"url": "https://hooks.example.org/feedforward", "events": ["model.drifted"]})
    content = "".join(json.dumps(row) + "\n" for row in FLOWERS)
    service.call("POST", "/datasets?name=flowers", content=content, headers={"Content-Type": "application/x-ndjson"})


def train_models(service: Feedforward) -> None:
    service.train("flowers", FLOWER_RECIPE | {"tags": {"team": "garden"}, "description": "The first."})
    second = recipe(FLOWERS, "species", FLOWER_FEATURES, network={"batch_norm": True}, training={"optimizer": "sgd"})
    service.train("flowers", second)
    service.train("prices", recipe(HOUSES, "price", HOUSE_FEATURES, columns=DATES, task="regression"))
    service.train("several", recipe(HOUSES, ["price", "rent"], HOUSE_FEATURES, columns=DATES))
    service.train("yes-or-no", recipe(HOUSES, ["large", "garden"], ["size", "town"], task="multilabel"))
    space = {"training.optimizer.learning_rate": {"choice": [0.001, 0.01, 0.1]}}
    service.train("searched", FLOWER_RECIPE | {"search": {"method": "grid", "trials": 3, "space": space}})
    service.train(UNDISTURBED, LONG_RECIPE)


def set_aliases(service: Feedforward) -> None:
    service.call("PUT", "/models/flowers/aliases/production", {"version": 1})
    service.call("PUT", "/models/flowers/aliases/production", {"version": 2})
    service.call("PUT", "/models/flowers/aliases/shared", {"split": {"1": 0.25, "2": 0.75}})
    service.call("PUT", "/models/flowers/aliases/shadowed", {"version": 1, "shadow": 2})
    service.call("PUT", "/models/flowers/retention", {"keep_last": 5})
    service.call("PATCH", "/models/flowers", {"description": "Kinds of iris.", "tags": {"public": "yes"}})


def run_jobs(service: Feedforward) -> None:
    """One of each kind, one that fails and one that is cancelled."""
    data = {"data": {"rows": FLOWERS[::3]}}
    version = "/models/flowers/versions/1"
    service.finish(service.call("POST", f"{version}/evaluate", data))
    service.finish(service.call("POST", f"{version}/batch", {"data": {"rows": inputs(FLOWERS, FLOWER_FEATURES)}}))
    service.finish(service.call("POST", f"{version}/reproduce"))
    hopeless = recipe(
        WAVES, "height", ["x"], scaling="none", training={"optimizer": {"name": "sgd", "learning_rate": 1e9}}
    )
    service.train("diverging", hopeless, "failed")
    later = service.call("POST", "/train", FLOWER_RECIPE | {"model": "never", "not_before": "2100-01-01T00:00:00Z"})
    service.call("POST", f"/jobs/{later['id']}/cancel")
    service.finish(later, "cancelled")


def log_predictions(service: Feedforward) -> None:
    """Rows in the log, some with their true labels."""
    service.call("PUT", "/models/prices/prediction-log", {"sample": 1, "keep_days": 3650})
    rows = inputs(HOUSES, HOUSE_FEATURES)
    service.call("POST", "/models/prices/predict", {"inputs": rows}, headers={"X-Request-ID": "earlier-1"})
    while service.call("GET", "/models/prices/prediction-log")["rows"] < len(rows):
        time.sleep(0.02)
    labels = [{"request": "earlier-1", "row": 0, "label": 90_000.0}]
    service.call("POST", "/models/prices/feedback", {"items": labels})


def inputs(rows: list[dict[str, Any]], features: list[str]) -> list[dict[str, Any]]:
    """A few rows, with and without gaps, as a caller sends them."""
    return [{name: row[name] for name in features} for row in rows[:10:2]]


def predictions() -> Iterator[Exchange]:
    """Each version asked in each form."""
    flower_rows, house_rows = inputs(FLOWERS, FLOWER_FEATURES), inputs(HOUSES, HOUSE_FEATURES)
    yes_or_no_rows = inputs(HOUSES, ["size", "town"])
    yield from predict_in_each_form("flowers", 1, flower_rows)
    yield from predict_in_each_form("flowers", 2, flower_rows)
    yield from predict_in_each_form("searched", 1, flower_rows)
    yield from predict_in_each_form("several", 1, house_rows)
    yield from predict_in_each_form("yes-or-no", 1, yes_or_no_rows)
    yield from predict_in_each_form("prices", 1, house_rows)
    for key in ("anna", "bert", "carla", "dora"):
        yield post("/models/flowers/versions/shared/predict", {"inputs": flower_rows[:1], "key": key})
    for alias in ("production", "shadowed"):
        yield post("/predict", {"model": "flowers", "version": alias, "inputs": flower_rows})


def predict_in_each_form(model: str, version: int, rows: list[dict[str, Any]]) -> Iterator[Exchange]:
    path = f"/models/{model}/versions/{version}/predict"
    yield post(path, {"inputs": rows})
    yield post_csv(path, rows)
    whole = [row for row in rows if None not in row.values()]
    yield post_tensors(f"/v2/models/{model}/versions/{version}/infer", whole)


def looks(service: Feedforward) -> Iterator[Exchange]:
    """Everything that can be read of what has ended."""
    yield get("/models")
    for model in [item["name"] for item in service.call("GET", "/models")["items"]]:
        yield from looks_at_model(service, model)
    for state in ENDED:
        yield get(f"/jobs?state={state}")
    jobs = [job for state in ENDED for job in service.call("GET", f"/jobs?state={state}")["items"]]
    for job in jobs:
        yield from (get(f"/jobs/{job['id']}{below}") for below in ("", "/events"))
        if job["kind"] in ("train", "search"):
            yield get(f"/jobs/{job['id']}/curve")
    yield get("/datasets")
    for dataset in service.call("GET", "/datasets")["items"]:
        yield from (get(f"/datasets/{dataset['id']}{below}") for below in ("", "/rows?limit=5", "/content"))
    yield from (
        get(f"/models/flowers/{below}") for below in ("retention", "compare?versions=1,2", "aliases/production/history")
    )
    yield from (get(f"/models/prices/{below}") for below in ("prediction-log", "predictions?limit=200"))
    yield from (get(path) for path in ("/webhooks", "/events?limit=200"))


def looks_at_model(service: Feedforward, model: str) -> Iterator[Exchange]:
    yield from (get(f"/models/{model}{below}") for below in ("", "/versions", "/aliases", "/events"))
    for version in service.call("GET", f"/models/{model}/versions")["items"]:
        path = f"/models/{model}/versions/{version['version']}"
        yield from (get(f"{path}{below}") for below in ("", "/curve", "/example", "/card", "/weights"))
        yield get(f"/v2{path}")


def start_what_stays_unfinished(service: Feedforward) -> dict[str, Any]:
    """A training that is hit when it has checkpoints behind it, and one in the queue."""
    running_job = service.call("POST", "/train", {"model": RUNNING} | LONG_RECIPE)
    waiting_job = service.call("POST", "/train", {"model": WAITING} | FLOWER_RECIPE)
    while (found := service.call("GET", f"/jobs/{running_job['id']}"))["state"] in ("queued", "running"):
        if found["state"] == "running" and (found["progress"] or {}).get("epoch", 0) >= HIT_AT:
            return {"running": running_job["id"], "waiting": waiting_job["id"]}
        time.sleep(0.005)
    raise AssertionError("the training ended before it was hit")


def read_unfinished(service: Feedforward) -> dict[str, Any]:
    """How the unfinished trainings must end: as the undisturbed ones of the same recipes did."""
    environment = service.call("GET", f"/models/{UNDISTURBED}/versions/1")["environment"]
    ends = {
        "running": read_end(service, UNDISTURBED, inputs(WAVES, ["x", "y"])) | {"model": RUNNING},
        "waiting": read_end(service, "flowers", inputs(FLOWERS, FLOWER_FEATURES)) | {"model": WAITING},
    }
    return {"environment": environment | {"libc": list(platform.libc_ver())}, "ends": ends}


def read_end(service: Feedforward, model: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    version = service.call("GET", f"/models/{model}/versions/1")
    curve = service.call("GET", f"/models/{model}/versions/1/curve")["items"]
    answer = service.call("POST", f"/models/{model}/versions/1/predict", {"inputs": rows})
    return {
        "weights_sha256": version["weights_sha256"],
        "losses": [[point["epoch"], point["loss"], point["validation_loss"]] for point in curve],
        "inputs": rows,
        "predictions": answer["predictions"],
    }


def write(command: Path, folder: Path) -> dict[str, Any]:
    """Fill `folder / "data"` and leave it as a power cut does; returns what must be true of it."""
    data = folder / "data"
    data.mkdir()
    with running(command, data, workers=1) as service:
        fill(service)
        record = read_unfinished(service)
        record["jobs"] = start_what_stays_unfinished(service)
        os.killpg(service.process.pid, signal.SIGKILL)
    tidy(data)
    again = folder / "again"
    shutil.copytree(data, again)
    with running(command, again, workers=0) as service:
        requests = [*looks(service), *predictions()]
        record["exchanges"] = [ask(service.http, request) for request in requests]
    refused = [exchange for exchange in record["exchanges"] if exchange["status"] != 200]
    assert not refused, refused
    return record


def tidy(data: Path) -> None:
    """The database as one small file."""
    with closing(sqlite3.connect(data / "feedforward.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("VACUUM")
    with closing(sqlite3.connect(data / "feedforward.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def pack(data: Path, record: dict[str, Any], target: Path) -> None:
    with zipfile.ZipFile(target, "x", zipfile.ZIP_LZMA) as archive:
        archive.writestr("record.json", json.dumps(record, indent=1))
        for file in sorted(data.rglob("*")):
            if file.is_file():
                archive.write(file, f"data/{file.relative_to(data)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("command", type=Path, help="The release's `feedforward`.")
    command = parser.parse_args().command.absolute()
    version = subprocess.check_output([command, "--version"], text=True).split()[-1]
    with tempfile.TemporaryDirectory() as folder:
        record = write(command, Path(folder))
        pack(Path(folder) / "data", record, HERE / f"{version}.zip")


if __name__ == "__main__":
    main()
