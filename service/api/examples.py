"""Examples of what is sent and answered, from a real training of the iris data."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, list[dict[str, Any]]] = {}
