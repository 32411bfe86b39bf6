#!/usr/bin/env python3
"""Plants small faults in the code, one at a time, and counts those that its tests notice.

Works on a copy of the tree in a temporary folder: the checkout does not change, even if the script is interrupted.
`make mutate FILES="models/data/splits.py" COUNT=20 SEED=1`; without FILES the faults are drawn from models/ and
service/.
"""

import argparse
import ast
import copy
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
DRAWN_FROM = ("models", "service")
NOT_COPIED = shutil.ignore_patterns(".git", ".venv*", "*.egg-info", "__pycache__", ".*_cache", "demo-data")
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


@dataclass(frozen=True)
class Fault:
    """Other text for one node of a file; `start` and `stop` count bytes."""

    file: str
    line: int
    start: int
    stop: int
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.before} -> {self.after}"

    def apply(self, source: bytes) -> bytes:
        return source[: self.start] + self.after.encode() + source[self.stop :]


def main() -> int:
    arguments = parse_arguments()
    files = arguments.files or all_files()
    faults = [fault for file in files for fault in faults_of(file)]
    sample = sorted(random.Random(arguments.seed).sample(faults, min(arguments.count, len(faults))), key=str)
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        copy_of_tree = Path(folder) / "tree"
        shutil.copytree(PROJECT, copy_of_tree, ignore=NOT_COPIED)
        survivors = [fault for fault in sample if not is_noticed(fault, copy_of_tree, arguments.seconds)]
    share = 1 - len(survivors) / len(sample) if sample else 1.0
    print(
        f"\n{len(sample) - len(survivors)} of {len(sample)} faults noticed ({share:.0%}). Survivors:",
        *survivors,
        sep="\n",
    )
    return 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", nargs="*", help="where to plant faults, relative to the project")
    parser.add_argument("--seed", type=int, default=0, help="chooses the faults")
    parser.add_argument("--count", type=int, default=20, help="how many faults to plant")
    parser.add_argument("--seconds", type=float, default=120, help="tests that take longer count as failed")
    return parser.parse_args()


def all_files() -> list[str]:
    paths = (path for folder in DRAWN_FROM for path in (PROJECT / folder).rglob("*.py"))
    return sorted(path.relative_to(PROJECT).as_posix() for path in paths)


def faults_of(file: str) -> Iterator[Fault]:
    """All faults that can be planted in a file."""
    source = (PROJECT / file).read_bytes()
    line_starts = [0]
    for line in source.splitlines(keepends=True):
        line_starts.append(line_starts[-1] + len(line))
    for node in nodes_with_places(ast.parse(source)):
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = line_starts[node.lineno - 1] + node.col_offset
        stop = line_starts[node.end_lineno - 1] + node.end_col_offset
        before = " ".join(source[start:stop].decode().split())
        yield from (Fault(file, node.lineno, start, stop, before, after) for after in replacements(node))


def nodes_with_places(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """All expressions and statements except those in f-strings, whose places Python 3.11 does not know."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr):
            continue
        if isinstance(child, ast.expr | ast.stmt):
            yield child
        yield from nodes_with_places(child)


def replacements(node: ast.expr | ast.stmt) -> Iterator[str]:
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in COMPARISONS:
            yield with_fields(node, ops=[COMPARISONS[type(operator)]()])
        case ast.BinOp(op=ast.Add()):
            yield with_fields(node, op=ast.Sub())
        case ast.BinOp(op=ast.Sub()):
            yield with_fields(node, op=ast.Add())
        case ast.BoolOp(op=ast.And()):
            yield with_fields(node, op=ast.Or())
        case ast.BoolOp(op=ast.Or()):
            yield with_fields(node, op=ast.And())
        case ast.UnaryOp(op=ast.Not()):
            yield f"({ast.unparse(node.operand)})"
        case ast.Constant(value=int() as number) if not isinstance(number, bool):
            yield from (f"({number + 1})", f"({number - 1})")
        case ast.Raise() | ast.AugAssign() | ast.Expr(value=ast.Call()):
            yield "pass"


def with_fields(node: ast.expr, **fields: object) -> str:
    """The text of a node with other values of some fields."""
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return f"({ast.unparse(other)})"


def is_noticed(fault: Fault, tree: Path, seconds: float) -> bool:
    """Whether a test fails, or does not end, with the fault in the copy, which is restored afterwards."""
    path = tree / fault.file
    source = path.read_bytes()
    path.write_bytes(fault.apply(source))
    try:
        noticed = not passes(tests_of(fault.file, tree), tree, seconds)
    finally:
        path.write_bytes(source)
    print("noticed " if noticed else "SURVIVED", fault, flush=True)
    return noticed


def tests_of(file: str, tree: Path) -> list[str]:
    """The tests named after the file or its folders, and the nearest folder that mirrors its own."""
    folder, name = Path("tests", *Path(file).parent.parts), Path(file).stem
    tests: list[Path] = []
    while folder.name != "tests":
        tests += sorted((tree / folder).glob(f"test_{name}*.py"))
        if (tree / folder).is_dir() and folder.parent.name != "tests":
            tests.append(tree / folder)
        folder, name = folder.parent, folder.name
    return [path.relative_to(tree).as_posix() for path in tests] or ["/".join(("tests", Path(file).parts[0]))]


def passes(tests: Sequence[str], tree: Path, seconds: float) -> bool:
    """Run tests to their first failure, in a process group of their own so that their servers end with them."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=tree, env=environment, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        return process.wait(seconds) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


if __name__ == "__main__":
    sys.exit(main())
