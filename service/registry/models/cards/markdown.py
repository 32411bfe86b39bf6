"""Markdown (GitHub's dialect) of arbitrary values: callers' names and texts never become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

LONGEST_TEXT = 200

_MARKUP = re.compile(r"[\\`*\[\]|~#]|(?<!\w)_|_(?!\w)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


def plain(value: Any, longest: int = LONGEST_TEXT) -> str:
    """A value as one line of plain text, with its markup escaped."""
    text = _CONTROL.sub(" ", value if isinstance(value, str) else as_text(value)).strip()
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKUP.sub(lambda match: f"\\{match.group()}", text)


def as_text(value: Any) -> str:
    """A value as people write it."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(map(as_text, value)) or "none"
    if isinstance(value, dict):
        items = (as_text(inner) if name == "name" else f"{name} {as_text(inner)}" for name, inner in value.items())
        return ", ".join(items) or "none"
    return str(value)


def as_metric(value: Any) -> str:
    """A metric with four significant digits."""
    return f"{value:.4g}" if isinstance(value, float) else plain(value)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def pairs(values: Iterable[tuple[str, Any]]) -> str:
    """A table of names and values."""
    return table(["", ""], ((plain(name), plain(value)) for name, value in values))


def bullets(texts: Iterable[str]) -> str:
    return "\n".join(f"- {text}" for text in texts)
