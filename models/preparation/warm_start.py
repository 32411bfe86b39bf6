"""Going on from a trained network: its parameters, its preprocessing and its target are those to begin with."""

from dataclasses import replace

from models.data.columns import Table
from models.errors import BadLabel, BadRecipe
from models.inference.trained_network import TrainedNetwork
from models.network.network import tensor_shapes
from models.specification import NetworkSpecification, Recipe

PLACE = ["training", "warm_start"]


def continued(recipe: Recipe, table: Table, start: TrainedNetwork | None) -> Recipe:
    """The recipe with what it leaves open taken from `start`. Raises BadRecipe where the two do not fit together."""
    if start is None:
        if recipe.training.warm_start is not None:
            raise BadRecipe("the network to continue from is missing", PLACE)
        return recipe
    if recipe.labels != start.target.names:
        raise BadLabel(f"the network to continue from predicts {', '.join(start.target.names)}")
    _require_features(recipe, table, start)
    label = start.target.names[0] if start.classes else recipe.label
    network = _network(recipe.network, start)
    return replace(recipe, label=label, features=start.signature.feature_names, task=start.task, network=network)


def _require_features(recipe: Recipe, table: Table, start: TrainedNetwork) -> None:
    names = start.signature.feature_names
    if recipe.features is not None and recipe.features != names:
        raise BadRecipe(f"the network to continue from has the features {', '.join(names)[:200]}", ["features"])
    for feature in start.signature.features:
        if feature.name in table and table[feature.name].type != feature.type:
            now = table[feature.name].type
            message = f"{feature.name!r} is a {now} column, but was {feature.type} when the network was trained"
            raise BadRecipe(message, ["columns", feature.name])
    start.read(table)


def _network(requested: NetworkSpecification, start: TrainedNetwork) -> NetworkSpecification:
    """The one of `start`, or another that its parameters fit."""
    if requested == NetworkSpecification():
        return start.specification
    chosen = replace(requested, output=requested.output or start.specification.output)
    n_inputs, n_outputs = start.preprocessing.n_inputs, start.target.n_outputs
    shapes = [tensor_shapes(one, n_inputs, n_outputs) for one in (chosen, start.specification)]
    if shapes[0] != shapes[1] or (chosen.dtype, chosen.output) != (
        start.specification.dtype,
        start.specification.output,
    ):
        raise BadRecipe(
            "the network to continue from has other layers; leave network out to use its layers", ["network"]
        )
    return chosen
