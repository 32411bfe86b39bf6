"""A period of load by wrk, on a core of its own, and its cost for the server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 16
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Request:
    """The request that is sent again and again."""

    path: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Measurement:
    """Requests a second, CPU microseconds of the server for one, and the median and 99th percentile of latencies."""

    rate: float
    cpu_microseconds: float
    p50_ms: float
    p99_ms: float


def measure(
    url: str, request: Request, pid: int, seconds: float, connections: int = CONNECTIONS, pause_ms: int = 0
) -> Measurement:
    """Each connection waits `pause_ms` on average before a request. Raises RuntimeError if a request fails."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "request.lua"
        script.write_text(_script(request, pause_ms))
        before = cpu_seconds_below(pid)
        command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--latency"]
        wrk = subprocess.run(
            [*command, "-s", str(script), url + request.path], capture_output=True, text=True, check=True
        )
        after = cpu_seconds_below(pid)
    return _parse(wrk.stdout, sum(seconds - before.get(process, 0.0) for process, seconds in after.items()))


def _parse(output: str, cpu: float) -> Measurement:
    if "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(output)
    requests = int(re.search(r"(\d+) requests in", output)[1])
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])
    return Measurement(rate, cpu / requests * 1e6, _latency(output, "50%"), _latency(output, "99%"))


def _latency(output: str, share: str) -> float:
    value, unit = re.search(rf"{share}\s+([\d.]+)(us|ms|s)", output).groups()
    return float(value) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[unit]


def _script(request: Request, pause_ms: int) -> str:
    lines = ['wrk.method = "POST"', f"wrk.body = {_lua(request.body)}"]
    lines += [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in request.headers.items()]
    if pause_ms:
        lines.append(f"function delay() return math.random(0, {2 * pause_ms}) end")
    return "\n".join(lines)


def _lua(content: bytes) -> str:
    return '"' + "".join(f"\\{byte:03d}" for byte in content) + '"'


def cpu_seconds_below(pid: int) -> dict[int, float]:
    """The processor time of the process and of each below it so far; processes that end meanwhile are left out."""
    cpu_seconds: dict[int, float] = {}
    waiting = [pid]
    while waiting:
        process = waiting.pop()
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
            waiting += map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())
        except FileNotFoundError:
            continue
        cpu_seconds[process] = (int(fields[11]) + int(fields[12])) / TICKS
    return cpu_seconds
