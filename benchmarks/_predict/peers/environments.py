"""An environment for each peer, created once under .venv-bench with uv."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from _predict import servers

HERE = Path(__file__).parent
HOME = servers.PROJECT / ".venv-bench"
VERSIONS = {"litserve": "0.2.19", "bentoml": "1.4.40", "mlserver": "1.7.1", "mlflow": "3.17.*"}


def bin_of(peer: str) -> Path:
    """The folder of programs of the peer's environment, which is created if it is missing."""
    home = HOME / peer
    marker = home / ".complete"
    if not marker.exists():
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(home)], check=True)
        packages = [f"{peer}=={VERSIONS[peer]}", "numpy"]
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--python", str(home / "bin" / "python"), *packages], check=True
        )
        marker.touch()
    return home / "bin"


@contextmanager
def litserve() -> Iterator[servers.Server]:
    with servers.script("peers/litserve_server.py", str(bin_of("litserve") / "python")) as server:
        yield server


@contextmanager
def bentoml() -> Iterator[servers.Server]:
    command = [str(bin_of("bentoml") / "bentoml"), "serve", "bentoml_service:Flowers", "--port"]
    with servers.program(lambda port: [*command, str(port)], folder=HERE) as server:
        yield server


@contextmanager
def mlserver() -> Iterator[servers.Server]:
    model = {"name": "iris", "implementation": "mlserver_runtime.Flowers"}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "model-settings.json").write_text(json.dumps(model))
        (Path(folder) / "mlserver_runtime.py").write_text((HERE / "mlserver_runtime.py").read_text())
        (Path(folder) / "network.py").write_text((HERE.parent / "network.py").read_text())

        def command(port: int) -> list[str]:
            ports = {"http_port": port, "grpc_port": servers.free_port(), "metrics_port": servers.free_port()}
            settings = {"parallel_workers": 0, "debug": False} | ports
            (Path(folder) / "settings.json").write_text(json.dumps(settings))
            return [str(bin_of("mlserver") / "mlserver"), "start", folder]

        with servers.program(command, folder=Path(folder)) as server:
            yield server


@contextmanager
def mlflow() -> Iterator[servers.Server]:
    programs = bin_of("mlflow")
    with tempfile.TemporaryDirectory() as folder:
        model = str(Path(folder) / "model")
        subprocess.run([str(programs / "python"), str(HERE / "mlflow_model.py"), model], check=True, cwd=folder)
        serve = [str(programs / "mlflow"), "models", "serve", "-m", model, "--env-manager", "local", "-w", "1", "-p"]
        with servers.program(lambda port: [*serve, str(port)], folder=Path(folder), path=programs) as server:
            yield server
