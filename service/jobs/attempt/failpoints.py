"""Places where a test can have a process killed, to show that nothing is lost there.

FEEDFORWARD_FAILPOINT names one place and a marker file, such as `after-claim@/path`: the first process that passes the
place creates the file and dies as by `kill -9`; later ones go on. Without the variable, a place costs one comparison.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

PLACES = (
    "before-claim",
    "after-claim",
    "before-checkpoint",
    "after-checkpoint",
    "before-registration",
    "before-commit",
    "after-commit",
)
_place, _, _marker = os.environ.get("FEEDFORWARD_FAILPOINT", "").partition("@")


def failpoint(place: str) -> None:
    """Die here, if a test requests it and no process has died here yet."""
    if place == _place:
        _die_once(Path(_marker))


def _die_once(marker: Path) -> None:
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
