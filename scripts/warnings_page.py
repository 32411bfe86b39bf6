"""Prints docs/reference/warnings.md from the codes of the library."""

from models.coded_warnings import Subject, WarningCode

HEAD = """\
# Warnings

A warning never stops anything. It has a `code` for programs and a `message` for people. This page is made from
`models/coded_warnings.py` by `make warnings-page`.
"""


def page() -> str:
    return "\n".join([HEAD, *(section(subject) for subject in Subject)])


def section(subject: Subject) -> str:
    codes = [code for code in WarningCode if subject in code.subjects]
    lines = [f"| `{code.value}` | {code.meaning} |" for code in codes]
    return "\n".join([f"## {subject.value}", "", "| code | meaning |", "| --- | --- |", *lines, ""])


if __name__ == "__main__":
    print(page(), end="")
