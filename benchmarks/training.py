"""How long one update takes, beside scikit-learn and PyTorch: the same data, start, order, optimizer and threads.

    .venv/bin/python benchmarks/training.py
    .venv/bin/python benchmarks/training.py --torch-python .venv-references/bin/python --rounds 5

Each figure comes from a process of its own; the peers take turns, and the median over the rounds is printed with its
spread. One-thread figures are processor time, which a busy machine disturbs less. Two-thread figures are wall time of
the fastest round, because one thread that has to wait stalls both.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

LIMITS = {"OPENBLAS_NUM_THREADS": "", "OMP_NUM_THREADS": "", "MKL_NUM_THREADS": ""}


def measure(peer: str, case: str, dtype: str, threads: int) -> None:
    """Inside a measuring process: print seconds for one update and the last epoch's loss."""
    from _training_cases import CASES
    from _training_peers import PEERS

    if peer.startswith("PyTorch"):
        import torch

        torch.set_num_threads(threads)
    clock = time.process_time if threads == 1 else time.perf_counter
    seconds, loss = PEERS[peer](CASES[case], dtype, clock)
    print(json.dumps([seconds, loss]))


def run(python: str, peer: str, case: str, dtype: str, threads: int) -> tuple[float, float]:
    command = [python, __file__, "--measure", peer, "--case", case, "--dtype", dtype, "--threads", str(threads)]
    environment = os.environ | dict.fromkeys(LIMITS, str(threads))
    process = subprocess.run(command, env=environment, capture_output=True, text=True)
    if process.returncode:
        raise SystemExit(process.stderr)
    seconds, loss = json.loads(process.stdout.splitlines()[-1])
    return seconds, loss


def table(cases: list[str], peers: dict[str, str], dtypes: list[str], threads: list[int], rounds: int) -> None:
    from _training_cases import CASES

    print("| case | type | threads | ours, µs | " + " | ".join(peer for peer in peers if peer != "ours") + " |")
    print("|---|---|---|---|" + "---|" * (len(peers) - 1))
    for case in cases:
        for dtype in dtypes:
            for count in threads:
                row, losses = compare(case, dtype, count, peers, rounds)
                print(f"| {CASES[case].shape}, {CASES[case].optimizer.name} | {dtype} | {count} | {row} |", flush=True)
                print(f"<!-- losses: {losses} -->", flush=True)


def compare(case: str, dtype: str, threads: int, peers: dict[str, str], rounds: int) -> tuple[str, str]:
    """Our time, then each peer's as a multiple of ours, with the smallest and largest of the rounds."""
    times: dict[str, list[float]] = {peer: [] for peer in peers}
    losses = {}
    for _ in range(rounds):
        for peer, python in peers.items():
            seconds, losses[peer] = run(python, peer, case, dtype, threads)
            times[peer].append(seconds)
    pick = median if threads == 1 else min
    cells = [f"{pick(times['ours']) * 1e6:.1f}"]
    for peer in peers:
        if peer != "ours":
            ratios = [theirs / mine for theirs, mine in zip(times[peer], times["ours"], strict=True)]
            cells.append(f"{pick(times[peer]) / pick(times['ours']):.2f} ({min(ratios):.2f}–{max(ratios):.2f})")
    loss_text = ", ".join(f"{peer} {loss:.6f}" for peer, loss in losses.items() if peer != "products alone")
    return " | ".join(cells), loss_text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--torch-python", help="an environment that has PyTorch")
    parser.add_argument("--compiled", action="store_true", help="torch.compile too (needs a C++ compiler)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--case", nargs="*", default=["small", "small-sgd", "middle", "wide"])
    parser.add_argument("--dtype", nargs="*", default=["float32"])
    parser.add_argument("--threads", nargs="*", type=int, default=[1])
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        return measure(arguments.measure, arguments.case[0], arguments.dtype[0], arguments.threads[0])
    here = ("ours", "products alone", "flat vector only", "naive NumPy", "scikit-learn")
    peers = dict.fromkeys(here, sys.executable)
    if arguments.torch_python:
        torches = ["PyTorch eager", "PyTorch fused"] + ["PyTorch compiled"] * arguments.compiled
        peers |= dict.fromkeys(torches, arguments.torch_python)
    return table(arguments.case, peers, arguments.dtype, arguments.threads, arguments.rounds)


if __name__ == "__main__":
    main()
