"""Which trials are trained together: those whose networks have the same shape and read the rows in the same steps."""

from collections.abc import Sequence
from dataclasses import replace

from models.fitting.search.trials import Trial
from models.fitting.stacked.optimizer import at_rate_one
from models.specification import Lbfgs, NetworkSpecification, Recipe

LARGEST_STACK = 128
PARAMETERS_IN_A_STACK = 1 << 20
"""Wide networks gain little from a stack: products take most of their time, and checkpoints contain all networks."""
OUTPUTS_IN_A_STACK = 1 << 24
"""The outputs of all networks for all rows are kept until the end of the epoch."""


def in_groups(trials: Sequence[Trial]) -> list[list[Trial]]:
    """Groups of trials to train together, in the order of their first trials; each trial is in one group."""
    groups: dict[str, list[list[Trial]]] = {}
    for trial in trials:
        alike = groups.setdefault(_key(trial), [])
        if not alike or len(alike[-1]) >= _room(trial):
            alike.append([])
        alike[-1].append(trial)
    return sorted((group for alike in groups.values() for group in alike), key=lambda group: group[0].number)


def _key(trial: Trial) -> str:
    recipe = trial.prepared.recipe
    if not can_be_stacked(recipe):
        return f"alone {trial.number}"
    training = replace(recipe.training, optimizer=at_rate_one(recipe.training.optimizer))
    plain = replace(recipe, network=replace(recipe.network, l1=0.0, l2=0.0), training=training)
    return repr(plain.to_json())


def can_be_stacked(recipe: Recipe) -> bool:
    """Whether the network can be trained in a stack: not with dropout, norms, folds, clipping, limits or L-BFGS."""
    training, network = recipe.training, recipe.network
    is_alone = (
        isinstance(training.optimizer, Lbfgs)
        or training.gradient_clip is not None
        or training.time_limit_seconds is not None
        or recipe.validation.folds is not None
    )
    return not is_alone and _is_plain(network)


def _is_plain(network: NetworkSpecification) -> bool:
    normed = network.batch_norm or network.layer_norm or network.max_norm is not None
    return not normed and not any(network.dropouts) and "softmax" not in network.activations


def _room(trial: Trial) -> int:
    """The largest number of networks like that of this trial in a stack."""
    prepared = trial.prepared
    if not can_be_stacked(prepared.recipe):
        return 1
    by_parameters = PARAMETERS_IN_A_STACK // prepared.n_parameters
    by_outputs = OUTPUTS_IN_A_STACK // (prepared.target.n_outputs * prepared.split.training.size)
    return max(1, min(LARGEST_STACK, by_parameters, by_outputs))
