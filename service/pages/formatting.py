"""Formats of numbers, times and prose on a page."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

ABSENT = "–"


def figure(value: Any) -> str:
    """A number with four significant digits: 0.9533, 12,345, 1.235e-7."""
    if value is None:
        return ABSENT
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) < 1e-3:
        digits, exponent = f"{value:.3e}".split("e")
        return f"{digits}e{int(exponent)}"
    return f"{value:.4g}" if abs(value) < 1e3 else f"{value:,.0f}"


def score(value: float | None) -> str:
    """A metric, so that a column of them lines up: four decimals below ten, four digits above."""
    if value is None or abs(value) >= 10:
        return figure(value)
    return f"{value:.4f}"


def percent(share: float) -> str:
    """A share as 10 %, 0.5 % or 100 %."""
    return f"{share * 100:.3g} %"


def size(n_bytes: int) -> str:
    """Bytes as B, KiB, MiB or GiB."""
    amount, unit = float(n_bytes), "B"
    for larger in ("KiB", "MiB", "GiB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"


def duration(seconds: float | None) -> str:
    """0.4 s, 12 s, 3 min 5 s, 2 h 10 min, 4 d 2 h."""
    if seconds is None:
        return ABSENT
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    units = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    start = next(place for place, (_, length) in enumerate(units) if whole >= length)
    parts = []
    for unit, length in units[start : start + 2]:
        amount, whole = divmod(whole, length)
        parts += [f"{amount} {unit}"] if amount else []
    return " ".join(parts)


def age(moment: datetime, now: datetime) -> str:
    """How long ago a moment was, in its largest unit."""
    seconds = max(0.0, (now - moment).total_seconds())
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit} ago"
    return "just now" if seconds < 5 else f"{int(seconds)} s ago"


def prose(text: str | None) -> Markup:
    """A docstring's or problem's text; `words` in backticks become code."""
    pieces = re.split(r"`([^`]+)`", " ".join((text or "").split()))
    marked = [Markup("<code>{}</code>").format(piece) if i % 2 else escape(piece) for i, piece in enumerate(pieces)]
    return Markup("").join(marked)
