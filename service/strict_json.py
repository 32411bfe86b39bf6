"""JSON from callers: numbers that fit float64, a bounded depth, and nothing that a database can't store."""

from __future__ import annotations

from typing import Any

import orjson

from service.problems import UnreadableBody, shorten

DEEPEST_JSON = 64


def parse_json(raw: bytes, deepest: int = DEEPEST_JSON) -> Any:
    """The JSON value, with numbers that fit float64 only and never NaN. Raises UnreadableBody.

    If a key is given twice, the last one wins.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise UnreadableBody(_what_is_wrong(raw, error)) from None
    if is_deeper_than(value, deepest):
        raise UnreadableBody(f"The JSON is nested deeper than {deepest} levels (FEEDFORWARD_MAX_JSON_DEPTH).")
    if b"\\u0000" in raw and holds_nul(value):
        raise UnreadableBody("The JSON contains the character U+0000, which not every database can store. Remove it.")
    return value


def holds_nul(value: Any) -> bool:
    """Whether any string in it, or the name of a field, contains U+0000."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(holds_nul(part) for pair in value.items() for part in pair)
    return isinstance(value, list) and any(map(holds_nul, value))


def _what_is_wrong(raw: bytes, error: orjson.JSONDecodeError) -> str:
    if not raw.strip():
        return "The body is empty. Send JSON."
    near = shorten(raw[max(error.pos - 20, 0) : error.pos + 20].decode("utf-8", "replace"))
    return f"This is not JSON in UTF-8: {error.msg} at line {error.lineno} column {error.colno}, near {near!r}."


def is_deeper_than(value: Any, levels: int) -> bool:
    """Whether lists and objects are nested deeper than `levels`. Stops at the first that is."""
    layer = [value] if isinstance(value, dict | list) else []
    while layer:
        if levels == 0:
            return True
        levels -= 1
        layer = [child for parent in layer for child in children_of(parent) if isinstance(child, dict | list)]
    return False


def children_of(parent: Any) -> Any:
    return parent.values() if isinstance(parent, dict) else parent
