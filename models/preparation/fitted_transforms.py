"""What the training rows teach before any step: the preprocessing, and the target with its scale."""

from collections.abc import Sequence

from models.data.columns import Column, Table, take_rows
from models.data.features import Preprocessing
from models.data.signature import ClassValue
from models.data.splits import Indices
from models.data.targets import ClassTarget, LabelsTarget, NumberTarget, Target, learn_scale
from models.errors import BadLabel, BadRecipe
from models.specification import Poisson, Recipe


def fit_transforms(
    table: Table, rows: Indices, recipe: Recipe, classes: tuple[ClassValue, ...]
) -> tuple[Preprocessing, Target]:
    """Learn from these rows alone; `recipe` has its defaults filled in. `classes` are known from all rows."""
    training = take_rows(table, rows)
    target = _target(recipe, [training[name] for name in recipe.labels], classes)
    return Preprocessing.fit(training, recipe.features or (), recipe.scaling, recipe.columns), target


def _target(recipe: Recipe, labels: Sequence[Column], classes: tuple[ClassValue, ...]) -> Target:
    output, loss = recipe.network.output or "linear", recipe.training.loss
    if recipe.task == "classification":
        return ClassTarget(recipe.labels[0], classes, output, threshold=fixed_threshold(recipe))
    if recipe.task == "multilabel":
        return LabelsTarget(recipe.labels, output)
    shift, scale = learn_scale(labels, standardise=_is_standardised(recipe))
    tells_logarithm = isinstance(loss, Poisson) and output == "linear"
    return NumberTarget(recipe.labels, shift, scale, "exp" if tells_logarithm else "identity")


def fixed_threshold(recipe: Recipe) -> float | None:
    """Where it is a number; one that held-out rows choose is known after the training."""
    return recipe.threshold if isinstance(recipe.threshold, float) else None


def require_threshold(recipe: Recipe, n_classes: int, validates: bool) -> None:
    """Raises BadRecipe where there is none to tell two classes by, or are no rows to choose it on."""
    if recipe.threshold is None:
        return
    if n_classes != 2:
        raise BadRecipe("a threshold is for a classification of two classes; leave it out", ["threshold"])
    if not isinstance(recipe.threshold, float) and not validates:
        raise BadRecipe("a threshold is chosen on held-out rows, and there are none; give a number", ["threshold"])


def _is_standardised(recipe: Recipe) -> bool:
    """Not where the caller scales by hand, nor where the output has a range of its own, nor for counts."""
    by_hand = isinstance(recipe.scaling, dict) or recipe.scaling == "none"
    return not by_hand and recipe.network.output == "linear" and not isinstance(recipe.training.loss, Poisson)


def require_range(labels: Sequence[Column], recipe: Recipe) -> None:
    """Raises BadLabel where a number to predict is none that the output or the loss can take."""
    output, loss = recipe.network.output, recipe.training.loss
    for column in labels if recipe.task == "regression" else ():
        low, high = column.values.min(), column.values.max()
        if isinstance(loss, Poisson) and low < 0:
            raise BadLabel(f"{column.name!r} holds negative numbers, and the loss poisson is for counts")
        if output in ("sigmoid", "softmax") and not (low >= 0 and high <= 1):
            raise BadLabel(f"{column.name!r} leaves the range 0 to 1 that output {output!r} can give; leave output out")
