"""Which settings a search tries: drawn or enumerated from its space, and put into the recipe by their paths."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import is_dataclass, replace
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np

from models.errors import BadRecipe, did_you_mean
from models.specification import Choice, Range, Recipe, SearchSpecification, object_from_name
from models.specification.json_codec import to_json

TrialSettings = dict[str, Any]
"""One value for each path of the space."""

SEARCHABLE = ("network", "training", "scaling", "features")
FIXED = ("training.seed", "training.sample_weight", "training.warm_start", "training.threads")
DRAWS_FOR_EACH_TRIAL = 20


def trial_settings(recipe: Recipe, seed: int) -> list[TrialSettings]:
    """The settings to try, in order: all different, and the same for the same recipe and seed."""
    search = recipe.search
    assert search is not None
    candidates = _grid(search, recipe) if search.method == "grid" else _draws(search, recipe, seed)
    distinct: dict[str, TrialSettings] = {}
    for settings in candidates:
        plain = to_json(settings)
        assert isinstance(plain, dict)
        distinct.setdefault(repr(plain), plain)
        if len(distinct) == search.trials:
            break
    return list(distinct.values())


def with_settings(recipe: Recipe, settings: TrialSettings) -> Recipe:
    """The recipe of one trial. Raises BadRecipe where the settings do not fit together."""
    request = recipe.to_json()
    for path in sorted(settings, key=lambda path: path.count(".")):
        _put(request, path, settings[path])
    return replace(Recipe.from_json(request), search=None)


def check_space(recipe: Recipe) -> None:
    """Raises BadRecipe, with its place, for a path that leads nowhere or a value that cannot be trained."""
    search = recipe.search
    if search is None:
        return
    validation = recipe.validation
    if validation.dataset is None and validation.folds is None and validation.fraction == 0:
        raise BadRecipe("a search compares trials on held-out rows; set a fraction above 0", ["validation", "fraction"])
    for path, values in search.space.items():
        _require_first(path)
        if _is_below_another(path, search):
            continue
        _require_path(recipe, path)
        for value in values.choice if isinstance(values, Choice) else _points(values, 2, _is_whole(recipe, path)):
            _require_value(recipe, path, value)
    if search.method == "grid":
        _grid(search, recipe)
    if search.method == "halving" and "training.epochs" in search.space:
        message = "halving sets the epochs of each trial; remove them from the space"
        raise BadRecipe(message, ["search", "space", "training.epochs"])


def _require_first(path: str) -> None:
    first = path.split(".")[0]
    if first not in SEARCHABLE or path in FIXED:
        advice = did_you_mean(first, SEARCHABLE) if first not in SEARCHABLE else ""
        raise BadRecipe(f"{path!r} cannot be searched.{advice}", ["search", "space", path])


def _is_below_another(path: str, search: SearchSpecification) -> bool:
    """Whether an object that contains it is searched too, so that the path can only be checked in each trial."""
    return any(path.startswith(f"{other}.") for other in search.space)


def _require_path(recipe: Recipe, path: str) -> None:
    location = ["search", "space", path]
    parent = _parent(recipe, path)
    name = path.split(".")[-1]
    if parent is None or (not isinstance(parent, dict) and name not in get_type_hints(type(parent))):
        known = [] if parent is None or isinstance(parent, dict) else list(get_type_hints(type(parent)))
        raise BadRecipe(f"There is no {path!r} in the recipe.{did_you_mean(name, known)}", location)


def _require_value(recipe: Recipe, path: str, value: object) -> None:
    """Raises BadRecipe where the recipe is not valid with this value."""
    try:
        with_settings(recipe, {path: value})
    except BadRecipe as fault:
        raise BadRecipe(f"{value!r} cannot be tried: {fault.message}", ["search", "space", path]) from fault


def _parent(recipe: Recipe, path: str) -> Any:
    """The object that contains the last name of the path; None where there is none."""
    value: Any = recipe
    for name in path.split(".")[:-1]:
        value = value.get(name) if isinstance(value, dict) else getattr(value, name, None)
    return value


def _is_whole(recipe: Recipe, path: str) -> bool:
    """Whether the path leads to a whole number."""
    parent = _parent(recipe, path)
    hint = get_type_hints(type(parent)).get(path.split(".")[-1]) if is_dataclass(parent) else None
    kinds = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return int in kinds and float not in kinds


def _put(request: dict[str, Any], path: str, value: object) -> None:
    """Write the value; a name on its path, such as `"adam"`, becomes an object."""
    *parents, last = path.split(".")
    for name in parents:
        inner = object_from_name(request.get(name))
        request[name] = dict(inner) if isinstance(inner, dict) else {}
        request = request[name]
    request[last] = value


def _grid(search: SearchSpecification, recipe: Recipe) -> Iterator[TrialSettings]:
    """Every combination; a range becomes as many points as the number of trials allows, at least two."""
    n_choices = math.prod(len(values.choice) for values in search.space.values() if isinstance(values, Choice))
    n_ranges = sum(isinstance(values, Range) for values in search.space.values())
    n_points = max(2, int((search.trials / n_choices) ** (1 / n_ranges) + 1e-9)) if n_ranges else 0
    total = n_choices * n_points**n_ranges
    if total > search.trials:
        raise BadRecipe(f"the grid has {total} settings, more than trials; set trials to {total}", ["search", "trials"])
    axes = [
        values.choice if isinstance(values, Choice) else _points(values, n_points, _is_whole(recipe, path))
        for path, values in search.space.items()
    ]
    return (dict(zip(search.space, values, strict=True)) for values in itertools.product(*axes))


def _points(values: Range, n_points: int, whole: bool) -> list[float | int]:
    """Points of the range from end to end, evenly spaced on its scale."""
    return [_value_at(values, share, whole) for share in np.linspace(0, 1, n_points).tolist()]


def _value_at(values: Range, share: float, whole: bool) -> float | int:
    low, high = values.range
    if values.scale == "log":
        value = math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
    else:
        value = low + share * (high - low)
    value = min(max(value, low), high)
    return round(value) if whole else value


def _draws(search: SearchSpecification, recipe: Recipe, seed: int) -> Iterator[TrialSettings]:
    """Random settings, more than trials are needed, because settings of a small space repeat."""
    rng = np.random.default_rng([seed, 4])
    whole = {path: _is_whole(recipe, path) for path in search.space}
    for _ in range(search.trials * DRAWS_FOR_EACH_TRIAL):
        yield {path: _draw(values, whole[path], rng) for path, values in search.space.items()}


def _draw(values: Range | Choice, whole: bool, rng: np.random.Generator) -> Any:
    if isinstance(values, Choice):
        return values.choice[int(rng.integers(len(values.choice)))]
    return _value_at(values, float(rng.random()), whole)
