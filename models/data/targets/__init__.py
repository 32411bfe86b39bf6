"""Labels to what a network is trained on, and its outputs back to decisions: one kind of label a file.

No feature and no metric lives here. Start with `target.py`, then `classification.py`; `decoding.py` is the way back.
"""

from typing import cast

from models.data.targets.classification import ClassTarget
from models.data.targets.multilabel import LabelsTarget
from models.data.targets.regression import NumberTarget
from models.data.targets.target import Target
from models.errors import BadRecipe, shorten
from models.specification import TaskName
from models.specification.json_codec import from_json, to_json

__all__ = [
    "TARGETS",
    "ClassTarget",
    "LabelsTarget",
    "NumberTarget",
    "Target",
    "target_from_json",
    "target_to_json",
]

TARGETS: dict[TaskName, type[Target]] = {
    "classification": ClassTarget,
    "regression": NumberTarget,
    "multilabel": LabelsTarget,
}


def target_to_json(target: Target) -> object:
    """The target as plain JSON values; `target_from_json` returns an equal target."""
    return to_json(target)


def target_from_json(value: object) -> Target:
    """The target that `target_to_json` wrote. Raises BadRecipe with the place of the error."""
    task = value.get("task") if isinstance(value, dict) else None
    if not isinstance(task, str) or task not in TARGETS:
        raise BadRecipe(f"{shorten(task)} is not a task", ["target"])
    return cast(Target, from_json(TARGETS[task], value, ["target"]))
