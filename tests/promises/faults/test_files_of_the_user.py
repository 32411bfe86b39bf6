"""The folder in which the command is run belongs to the user: no file of it is run as one of the service's own."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.support.service import Service

# Modules of the service, of a library that each of its processes needs, and of Python itself.
NAMES = ("models.py", "service/__init__.py", "feedforward.py", "numpy.py", "sqlalchemy.py", "orjson.py", "queue.py")
RUN = "import pathlib, os\npathlib.Path(__file__).with_name('run').touch()\nos._exit(7)\n"
ROWS = 40_000  # some 470 kB: more than is read in the API's own process


@pytest.fixture(params=["sqlite", "postgresql"])
def service_among_files(request: pytest.FixtureRequest, tmp_path: Path) -> Service:
    """Started in a folder whose files are named like what the service imports."""
    for name in NAMES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(RUN)
    start: Callable[..., Service] = request.getfixturevalue(
        "start_server" if request.param == "sqlite" else "start_fleet_server"
    )
    return start()


def write_csv(path: Path, values: Sequence[int]) -> Path:
    path.write_text("x,y\n" + "".join(f"{value},{2 * value}\n" for value in values))
    return path


def test_a_folder_with_files_named_like_modules_trains_and_predicts(service_among_files: Service, tmp_path: Path):
    service = service_among_files
    assert {Path(f"/proc/{process.pid}/cwd").resolve() for process in service.processes} == {tmp_path}
    data = write_csv(tmp_path / "rows.csv", range(ROWS))
    with data.open("rb") as content:
        dataset = service.post("/datasets", files={"file": ("rows.csv", content)})
    specification = {"model": "line", "label": "y", "network": {"hidden": [2]}, "training": {"epochs": 1}}
    job = service.train_file(specification, data)
    assert service.profiled(dataset["id"])["rows"] == ROWS
    assert job["state"] == "succeeded"
    assert len(service.predict("line", [[1.0], [2.0]])["predictions"]) == 2
    assert not list(tmp_path.rglob("run"))
