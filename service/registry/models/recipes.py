"""What the network library has to know of a version's stored request: its recipe, and how it reads rows."""

from __future__ import annotations

from dataclasses import fields

from models.data.reading.numbers import NumberForm
from models.data.reading.options import ReadingOptions
from models.data.reading.text_column import number_form
from models.inference.trained_network import TrainedNetwork
from models.specification import Recipe
from service.schemas.strict import JsonObject

RECIPE_FIELDS = tuple(field.name for field in fields(Recipe))


def recipe_of(request: JsonObject) -> Recipe:
    """The library's part of a stored request."""
    return Recipe.from_json({name: value for name, value in request.items() if name in RECIPE_FIELDS})


def label_forms(request: JsonObject | None) -> dict[str, NumberForm]:
    """How the numbers of each label were written in the training table, where that is not plainly."""
    if request is None:
        return {}
    recipe = recipe_of(request)
    readings = {name: recipe.columns[name] for name in recipe.labels if name in recipe.columns}
    return {name: number_form(reading) for name, reading in readings.items() if reading.has_number_form}


def reading_options(request: JsonObject | None, trained: TrainedNetwork) -> ReadingOptions:
    """How a version reads rows: as those that it was trained on were read. An imported version has no request."""
    recipe = None if request is None else recipe_of(request)
    target = trained.target
    return ReadingOptions.of_version(recipe, trained.signature.features, target.names, target.label_type)
