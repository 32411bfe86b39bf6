"""What is fitted to the training rows before the first step: the preprocessing, and the target with its scale."""

from models.data.columns import Table, take_rows
from models.data.features import Preprocessing
from models.data.signature import ClassValue
from models.data.splits import Indices
from models.data.targets import TARGETS, Target
from models.errors import BadRecipe
from models.specification import Recipe


def fit_transforms(
    table: Table, rows: Indices, recipe: Recipe, classes: tuple[ClassValue, ...]
) -> tuple[Preprocessing, Target]:
    """Learn from these rows alone; `recipe` has its defaults filled in. `classes` are known from all rows."""
    training = take_rows(table, rows)
    assert recipe.task is not None
    target = TARGETS[recipe.task].fit([training[name] for name in recipe.labels], classes, recipe)
    return Preprocessing.fit(training, recipe.features or (), recipe.scaling, recipe.columns), target


def require_threshold(recipe: Recipe, n_classes: int, validates: bool) -> None:
    """Raises BadRecipe for a threshold without two classes, or without held-out rows to choose it on."""
    if recipe.threshold is None:
        return
    if n_classes != 2:
        raise BadRecipe("a threshold needs a classification with two classes; leave it out", ["threshold"])
    if not isinstance(recipe.threshold, float) and not validates:
        raise BadRecipe("a threshold is chosen on held-out rows, but none are held out; set a number", ["threshold"])
