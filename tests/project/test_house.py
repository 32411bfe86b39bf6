"""The house rules: how large folders and files are, what they are called, and that tests lie where their code lies.

Each exception is listed with its reason; one that is no longer needed fails too, so that the lists can only shrink.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.processes import PROJECT

CODE = ("feedforward", "models", "service")
MOST_FILES = 15  # a folder is one subject, and as many names as a reader takes in at a glance
MOST_LINES = 400  # a file is one idea
MEANINGLESS = {"base", "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}
IMPORT_OF_CONFTEST = re.compile(r"^\s*(from|import) .*\bconftest\b", re.M)

DEFINING_FACES = {
    "feedforward/command_line/__init__.py",  # the group of commands
    "models/__init__.py",  # imports the estimators when they are asked for
    "models/data/targets/__init__.py",  # the choice by name
}
REPEATING_NAMES = {
    "feedforward/processes/api_process.py",  # beside `process_tree`, `api` alone says less
    "feedforward/processes/process_tree.py",  # the operating system's own word
    "models/network/layers/layer_norm.py",  # the literature's own word
    "service/pages/problem_pages.py",  # the pages that explain problems
}
MEANINGLESS_NAMES = {"service/registry/tables/base.py"}  # SQLAlchemy's own word: the base of all tables


def test_a_folder_has_at_most_fifteen_files():
    crowded = {path(folder) for folder in code_folders() if len(modules(folder)) > MOST_FILES}
    agree(crowded, set(), f"more than {MOST_FILES} files beside __init__.py: divide the folder by subject")


def test_a_file_has_at_most_four_hundred_lines():
    long = {path(file) for file in files(*CODE, "tests") if len(file.read_text().splitlines()) > MOST_LINES}
    agree(long, set(), f"more than {MOST_LINES} lines: give each idea a file of its own")


def test_a_folder_says_what_lives_in_it():
    missing = {path(folder / "__init__.py") for folder in code_folders() if not (folder / "__init__.py").is_file()}
    agree(missing, set(), "not there: write it, with a docstring that says what lives in the folder and where to start")
    short = {path(face) for face in faces() if is_short(docstring(face))}
    agree(short, set(), "its docstring needs two sentences: what lives here, what may not, where to start")


def test_the_face_of_a_folder_defines_nothing():
    defining = {path(face) for face in faces() if defines(face)}
    agree(defining, DEFINING_FACES, "defines a function or a class: move it to a file with a name, and import it")


def test_no_file_repeats_the_name_of_its_folder():
    repeating = {path(file) for file in files(*CODE) if repeats(file.stem, file.parent.name)}
    agree(repeating, REPEATING_NAMES, "repeats its folder's name: `jobs/queue.py`, not `jobs/job_queue.py`")


def test_every_name_says_something():
    named = [*files(*CODE, "tests"), *code_folders()]
    empty = {path(one) for one in named if MEANINGLESS & set(one.stem.split("_"))}
    agree(empty, MEANINGLESS_NAMES, "this name fits anything: name the subject")


def test_tests_lie_where_their_code_lies():
    known = code_folders()
    lost = {path(file.parent) for file in files(*mirrors()) if code_of(file.parent) not in known}
    agree(lost, set(), "no folder of the code has this path below `tests/`: move its tests to where their code lies")


def test_a_test_is_named_after_its_module():
    nameless = {path(file) for file in code_tests() if not is_about_a_module(file)}
    advice = "name it test_<module>.py or test_<module>_<aspect>.py; promises across files go to tests/promises"
    agree(nameless, set(), advice)


def test_beside_tests_of_code_there_are_fixtures_alone():
    helpers = {path(file) for file in files(*mirrors()) if not is_test(file) and file.name != "conftest.py"}
    agree(helpers, set(), "neither a test nor a conftest.py: helpers lie in tests/support")


def test_no_test_imports_a_conftest():
    importing = {path(file) for file in files("tests") if IMPORT_OF_CONFTEST.search(file.read_text())}
    agree(importing, set(), "imports a conftest: move what it needs to tests/support")


def agree(found: set[str], listed: set[str], advice: str) -> None:
    faults = [f"{one}: {advice}" for one in sorted(found - listed)]
    needless = [f"{one}: keeps the rule now; take it off the list of exceptions" for one in sorted(listed - found)]
    assert not faults + needless, "\n" + "\n".join(faults + needless)


def path(one: Path) -> str:
    return one.relative_to(PROJECT).as_posix()


def files(*tops: str) -> Iterator[Path]:
    for top in tops:
        yield from (PROJECT / top).rglob("*.py")


def code_folders() -> list[Path]:
    return sorted({file.parent for file in files(*CODE)})


def faces() -> Iterator[Path]:
    return (file for file in files(*CODE) if file.name == "__init__.py")


def modules(folder: Path) -> list[Path]:
    return [file for file in folder.glob("*.py") if file.name != "__init__.py"]


def docstring(face: Path) -> str:
    return ast.get_docstring(ast.parse(face.read_text())) or ""


def is_short(text: str) -> bool:
    """Less than two lines, and less than two sentences."""
    return len(text.splitlines()) < 2 and len(re.findall(r"[.!?](?:\s|$)", text)) < 2


def defines(face: Path) -> bool:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return any(isinstance(node, kinds) for node in ast.walk(ast.parse(face.read_text())))


def repeats(name: str, folder: str) -> bool:
    """Whether a name begins or ends with its folder's, in the singular or the plural, and has more words than that."""
    return any(name.startswith(f"{word}_") or name.endswith(f"_{word}") for word in forms(folder))


def forms(word: str) -> set[str]:
    return {word, f"{word}s", word.removesuffix("s"), word.removesuffix("es"), re.sub("ies$", "y", word)}


def mirrors() -> list[str]:
    return [f"tests/{top}" for top in CODE]


def code_of(folder: Path) -> Path:
    """The folder of the code that a folder of tests is about."""
    return PROJECT / folder.relative_to(PROJECT / "tests")


def is_test(file: Path) -> bool:
    return file.name.startswith("test_")


def code_tests() -> Iterator[Path]:
    return filter(is_test, files(*mirrors()))


def is_about_a_module(test: Path) -> bool:
    """Whether the first words after `test_` name a file or a folder of the code."""
    words, folder = test.stem.split("_")[1:], code_of(test.parent)
    names = ["_".join(words[:count]) for count in range(1, len(words) + 1)]
    return any((folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file() for name in names)
