"""Labels to what a network is trained on, and its outputs back to what a caller reads: one kind of label a file.

No feature and no metric lives here. Start with `classification.py`; `decoding.py` is the way back.
"""

from models.data.targets.classification import ClassTarget, learn_classes
from models.data.targets.multilabel import LabelsTarget
from models.data.targets.regression import NumberTarget, learn_scale, numbers
from models.errors import BadRecipe, shorten
from models.specification.json_codec import from_json, to_json

__all__ = [
    "ClassTarget",
    "LabelsTarget",
    "NumberTarget",
    "Target",
    "learn_classes",
    "learn_scale",
    "numbers",
    "target_from_json",
    "target_to_json",
]

Target = ClassTarget | NumberTarget | LabelsTarget
_TARGETS: dict[str, type[Target]] = {
    "classification": ClassTarget,
    "regression": NumberTarget,
    "multilabel": LabelsTarget,
}


def target_to_json(target: Target) -> object:
    """Plain JSON values; `target_from_json` gives an equal target."""
    return to_json(target)


def target_from_json(value: object) -> Target:
    """The target that was written; raises BadRecipe with the place of a fault."""
    task = value.get("task") if isinstance(value, dict) else None
    if not isinstance(task, str) or task not in _TARGETS:
        raise BadRecipe(f"{shorten(task)} is no task", ["target"])
    target = from_json(_TARGETS[task], value, ["target"])
    assert isinstance(target, ClassTarget | NumberTarget | LabelsTarget)
    return target
