"""`mlserver infer` sends a file of requests, one by one or in batches that it makes of them, and gets each answer."""

import json
import math
import subprocess
from pathlib import Path

import pytest

from tests.support.clients.environments import python_with
from tests.support.serving import networks

ROWS = [[float(k), k / 2] for k in range(10)]


@pytest.fixture(scope="session")
def database() -> str:
    """The command sees nothing of it."""
    return "sqlite"


@pytest.fixture(scope="module")
def infer(serving, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """`infer(model, requests, *options)` is the answers, by the id of their request."""
    command = [str(Path(python_with("mlserver", request.config)).with_name("mlserver")), "infer"]
    folder = tmp_path_factory.mktemp("mlserver")
    asked, answered = folder / "requests", folder / "answers"

    def run(model: str, requests: list, *options: str) -> dict:
        asked.write_text("".join(f"{json.dumps(one)}\n" for one in requests))
        address = serving.url.removeprefix("http://")
        places = ["-u", address, "-m", model, "-i", str(asked), "-o", str(answered)]
        done = subprocess.run([*command, *places, *options], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        answers = [json.loads(line) for line in answered.read_text().splitlines()]
        return {answer["id"]: {one["name"]: one["data"] for one in answer["outputs"]} for answer in answers}

    return run


def requests_of(rows: list) -> list:
    tensor = {"name": "inputs", "datatype": "FP64", "shape": [1, 2]}
    return [{"id": f"row-{place}", "inputs": [tensor | {"data": row}]} for place, row in enumerate(rows)]


@pytest.mark.parametrize("options", [["-s", "1"], ["-b", "-s", "3", "-w", "2"]], ids=" ".join)
def test_each_request_gets_its_numbers(serving, infer, options):
    """y = 2 a + 3 b + 1."""
    model = serving.register(networks.plane())
    answers = infer(model, requests_of(ROWS), *options)
    assert answers == {f"row-{k}": {"predictions": [2 * a + 3 * b + 1]} for k, (a, b) in enumerate(ROWS)}


def test_classes_are_told_by_name(serving, infer):
    model = serving.register(networks.thirds())
    answers = infer(model, requests_of([[math.log(2), 0.0], [0.0, math.log(4)], [-9.0, -9.0]]), "-s", "3")
    assert [answers[f"row-{k}"]["label"] for k in range(3)] == [["first"], ["second"], ["third"]]
    assert answers["row-0"]["probabilities"] == pytest.approx([0.5, 0.25, 0.25])
