"""From a table to a trained network with its metrics: `prepare`, then `fit`."""

from dataclasses import replace

from models.fitting.cross_validation import fit_with_folds
from models.fitting.search import search
from models.fitting.single import Fitted, fit_once
from models.fitting.split_record import split_record
from models.preparation.prepare import Prepared, prepare
from models.specification import Recipe
from models.specification.search_space import with_settings
from models.training.callbacks import NoCallback, TrainingCallback

__all__ = ["Fitted", "Prepared", "fit", "prepare"]


def fit(prepared: Prepared, callback: TrainingCallback | None = None, state: bytes | None = None) -> Fitted:
    """Train to the end, from the beginning or from a `state` of the callback. Raises Diverged and Interrupted."""
    fitted = _fit(prepared, callback or NoCallback(), state)
    return replace(fitted, split=split_record(prepared), recipe=_trained_recipe(prepared.recipe, fitted))


def _trained_recipe(recipe: Recipe, fitted: Fitted) -> Recipe:
    """The recipe that gave the network: after a search, the one with the settings of its best trial."""
    if fitted.best_trial is None:
        return recipe
    return replace(with_settings(recipe, fitted.best_trial["settings"]), search=recipe.search)


def _fit(prepared: Prepared, callback: TrainingCallback, state: bytes | None) -> Fitted:
    if prepared.recipe.search is not None:
        return search(prepared, callback, state)
    if prepared.folds:
        return fit_with_folds(prepared, callback, state)
    return fit_once(prepared, prepared.recipe.training, callback, state)
