"""The output of the demo."""

import json
import math
import shutil
import time

import calls
import httpx
from calls import Json
from iris import Flower
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

POLL_SECONDS = 0.05
TINY = 1e-12
BARS = "▁▂▃▄▅▆▇█"

_console = Console(highlight=False)


def say(text: str) -> None:
    _console.print(text, markup=False, soft_wrap=True)


def follow(http: httpx.Client, job: Json) -> Json:
    """Show the progress of GET /jobs/{id} as a bar until the job has ended; returns the job."""
    say("Training on the other 147 flowers: POST /train")
    with _progress_bar() as bar:
        task = bar.add_task("epochs", total=None, loss="")
        while job["state"] in ("queued", "running"):
            time.sleep(POLL_SECONDS)
            job = calls.job(http, job["id"])
            _advance(bar, task, job["progress"] or {})
    if job["state"] != "succeeded":
        raise calls.RequestFailed(f"The training {job['state']}: {job['error']}")
    return job


def _progress_bar() -> Progress:
    columns = (TextColumn("epoch {task.completed:.0f}"), BarColumn(), TextColumn("loss {task.fields[loss]}"))
    return Progress(*columns, TimeElapsedColumn(), console=_console)


def _advance(bar: Progress, task: TaskID, progress: Json) -> None:
    if progress.get("epoch") is not None and progress.get("loss") is not None:
        bar.update(task, total=progress["epochs"], completed=progress["epoch"], loss=f"{progress['loss']:.4f}")


def show_curve(job: Json, curve: list[Json]) -> None:
    losses = [point["loss"] for point in curve]
    say(f"\nThe loss fell from {losses[0]:.3f} to {losses[-1]:.4f}:  {_sparkline(losses)}")
    say(f"The network is version {job['version']} of the model iris, under the alias production.\n")


def _sparkline(losses: list[float]) -> str:
    """A bar for each loss, on a logarithmic scale, since the first epochs have most of the fall."""
    heights = [math.log(max(loss, TINY)) for loss in losses]
    low, high = min(heights), max(heights)
    scale = (len(BARS) - 1) / (high - low or 1)
    return "".join(BARS[round((height - low) * scale)] for height in heights)


def show_predictions(flowers: list[Flower], by_number: list[Json], by_alias: list[Json]) -> None:
    table = Table(title="Three flowers that it never saw: POST /predict", title_justify="left", title_style="bold")
    for heading in ("petal, cm", "species", "by version number", "by alias", "probability"):
        table.add_column(heading)
    for flower, first, second in zip(flowers, by_number, by_alias, strict=True):
        petal = f"{flower.measures['petal_length']} × {flower.measures['petal_width']}"
        probability = first["probabilities"][first["label"]]
        table.add_row(petal, flower.species, first["label"], second["label"], f"{probability:.3f}")
    _console.print(table)


def show_next_steps(address: str, flower: Flower) -> None:
    say(f"\nDashboard:  {address}/\nAPI:        {address}/docs\n\nThree commands to try next, from this folder:")
    if not shutil.which("curl"):
        say("(they need curl: sudo apt-get install -y curl)")
    for command in next_commands(address, flower):
        say(f"  {command}")


def next_commands(address: str, flower: Flower) -> tuple[str, str, str]:
    """Predict one flower; train a deeper network, which becomes version 2; see both versions."""
    prediction = json.dumps({"model": "iris", "inputs": [flower.measures]})
    specification = json.dumps({"model": "iris", "label": "species", "network": {"hidden": [32, 16]}})
    return (
        f"curl --json '{prediction}' {address}/predict",
        f"curl -F file=@examples/iris.csv -F 'spec={specification}' {address}/train",
        f"curl {address}/models/iris/versions",
    )
