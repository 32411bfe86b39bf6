"""Range checks of the specifications; each raises ValueError with a message that says what to choose instead."""

import math

STRICT: dict[str, object] = {"extra": "forbid", "strict": True}


def require_positive(**values: float | None) -> None:
    """Each value that is not None must be a finite number above 0."""
    for name, value in values.items():
        if value is not None and not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name} must be a number above 0")


def require_not_negative(**values: float | None) -> None:
    """Each value that is not None must be a finite number, 0 or above."""
    for name, value in values.items():
        if value is not None and not (math.isfinite(value) and value >= 0):
            raise ValueError(f"{name} must be 0 or above")


def require_share(**values: float | None) -> None:
    """Each value that is not None must be at least 0 and below 1, such as a rate of dropout or a momentum."""
    for name, value in values.items():
        if value is not None and not 0 <= value < 1:
            raise ValueError(f"{name} must be at least 0 and below 1")


def require_inside(**values: float | None) -> None:
    """Each value that is not None must be strictly between 0 and 1."""
    for name, value in values.items():
        if value is not None and not 0 < value < 1:
            raise ValueError(f"{name} must be above 0 and below 1")


def require_count(**values: int | None) -> None:
    """Each value that is not None must be a whole number, 1 or above."""
    for name, value in values.items():
        if value is not None and value < 1:
            raise ValueError(f"{name} must be a whole number, 1 or above")
