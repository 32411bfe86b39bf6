"""Continuing from a trained network, with its parameters, its preprocessing and its target."""

from dataclasses import replace

from models.data.columns import Table
from models.errors import BadLabel, BadRecipe
from models.inference.trained_network import TrainedNetwork
from models.network.network import tensor_shapes
from models.specification import NetworkSpecification, Recipe

LOCATION = ["training", "warm_start"]


def continued(recipe: Recipe, table: Table, start: TrainedNetwork | None) -> Recipe:
    """The recipe, with choices that it leaves out from `start`. Raises BadRecipe where the two do not fit together."""
    if start is None:
        if recipe.training.warm_start is not None:
            raise BadRecipe("the network to continue from is missing", LOCATION)
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
            type_ = table[feature.name].type
            message = f"{feature.name!r} is a {type_} column, but was {feature.type} when the network was trained"
            raise BadRecipe(message, ["columns", feature.name])
    start.read(table)


def _network(requested: NetworkSpecification, start: TrainedNetwork) -> NetworkSpecification:
    """The specification of `start`, or the requested one if the parameters of `start` fit it."""
    if requested == NetworkSpecification():
        return start.specification
    network = replace(requested, output=requested.output or start.specification.output)
    if _layout(network, start) != _layout(start.specification, start):
        raise BadRecipe(
            "the network to continue from has other layers; leave network out to use its layers", ["network"]
        )
    return network


def _layout(network: NetworkSpecification, start: TrainedNetwork) -> tuple[object, ...]:
    """What must be equal for two networks to share parameters: tensor shapes, dtype and output."""
    return tensor_shapes(network, start.preprocessing.n_inputs, start.target.n_outputs), network.dtype, network.output
