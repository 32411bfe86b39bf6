"""The page of warnings names every code, and every warning has one of its codes."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import get_args

from models.coded_warnings import Subject, WarningCode
from service.schemas.prediction import InputWarning

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "models" / "coded_warnings.py"


def trees() -> dict[Path, ast.Module]:
    files = [path for folder in ("models", "service") for path in sorted((ROOT / folder).rglob("*.py"))]
    assert len(files) > 300
    return {path: ast.parse(path.read_text()) for path in files if path != CATALOGUE}


def test_the_page_is_made_from_the_codes():
    printed = subprocess.run(
        [sys.executable, "scripts/warnings_page.py"], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True
    )
    assert printed.returncode == 0, printed.stderr.decode()
    page = (ROOT / "docs" / "reference" / "warnings.md").read_bytes()
    assert printed.stdout == page, "run `make warnings-page`"
    assert all(f"| `{code.value}` |".encode() in page for code in WarningCode)


def test_every_code_is_used_and_no_warning_writes_its_own():
    used, written = set(), []
    for path, tree in trees().items():
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=ast.Name(id="WarningCode"), attr=name):
                    used.add(name)
                case ast.Call(func=ast.Name(id="CodedWarning"), args=[ast.Constant(), *_]):
                    written.append((path.name, node.lineno))
                case ast.Dict() if has_own_code(node):
                    written.append((path.name, node.lineno))
    assert used == set(WarningCode.__members__)
    assert written == []


def has_own_code(node: ast.Dict) -> bool:
    """Whether the JSON of a warning is written out, with a code of its own."""
    entries = {key.value: value for key, value in zip(node.keys, node.values, strict=True) if type(key) is ast.Constant}
    return {"code", "message"} <= entries.keys() and type(entries["code"]) is ast.Constant


def test_the_schema_of_input_warnings_has_the_codes_of_inputs():
    annotation = InputWarning.model_fields["code"].annotation
    assert set(get_args(annotation)) == {code.value for code in WarningCode if Subject.INPUT in code.subjects}
