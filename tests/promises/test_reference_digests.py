"""Trainings whose bits are known: a change of the code that is none of the arithmetic changes no bit of a network.

The digests stand in reference_digests.json with the environment in which they were made. Elsewhere the last bits may
differ, so that there figures of each network are compared instead. A change of the arithmetic that is wanted
is written down by

    .venv/bin/python -m tests.promises.test_reference_digests
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import threadpoolctl

from models.data.columns import Table, infer_table
from models.fitting.fit import Fitted, fit, prepare
from models.inference.trained_network import TrainedNetwork
from models.specification import Recipe
from tests.support.bits import bits_environment, gives_the_same_bits, is_close
from tests.support.training.tables import DATES, FEATURES, iris_raw, mixed_raw

STORED = Path(__file__).with_name("reference_digests.json")
# An epsilon so large that it moves the weights by more than the last bits.
OPTIMIZERS: list[dict[str, Any]] = [
    {"name": "sgd", "learning_rate": 0.01},
    {"name": "lion", "learning_rate": 0.01, "weight_decay": 0.1},
    *(
        {"name": name, "learning_rate": 0.01, "epsilon": 0.01}
        for name in ("rmsprop", "adagrad", "adam", "adamw", "nadam")
    ),
]
MOMENTUM = {"name": "sgd", "learning_rate": 0.02, "momentum": 0.9, "nesterov": True}


def flowers(network: Mapping[str, Any] | None = None, **training: Any) -> dict[str, Any]:
    """A classification of iris in a few epochs."""
    return {
        "label": "species",
        "network": {"hidden": [8]} | dict(network or {}),
        "training": {"epochs": 12, "batch_size": 32, "seed": 3} | training,
    }


def amounts(network: Mapping[str, Any] | None = None, **training: Any) -> dict[str, Any]:
    """A regression on numbers, booleans, texts and dates with gaps."""
    return flowers(network, **training) | {
        "label": "amount",
        "features": FEATURES,
        "columns": {"when": {"type": "date"}},
    }


RATES = {"range": [0.001, 0.1], "scale": "log"}
RECIPES: dict[str, dict[str, Any]] = {
    **{chosen["name"]: flowers(optimizer=chosen) for chosen in OPTIMIZERS},
    "nesterov and a schedule": flowers(optimizer=MOMENTUM, schedule="one_cycle", gradient_clip={"norm": 1.0}),
    "lbfgs": amounts(optimizer="lbfgs", epochs=8),
    "float64": amounts({"dtype": "float64", "activation": "tanh", "l2": 0.01}, loss="huber"),
    "dropout": amounts({"hidden": [8, 8], "dropout": 0.2, "init": "he_normal"}),
    "batch norm": flowers({"batch_norm": True, "activation": "gelu"}),
    "layer norm": flowers({"layer_norm": True, "activation": "silu", "l1": 0.001, "max_norm": 2.0}),
    "early stopping of averaged weights": flowers(
        epochs=60,
        averaged_weights=0.9,
        early_stopping={"patience": 3},
        optimizer={"name": "adam", "learning_rate": 0.1},
    ),
    "class weights": flowers(class_weight={"setosa": 1.0, "versicolor": 2.0, "virginica": 3.0}, loss="hinge"),
    "several yes or no": amounts() | {"label": ["bought", "old"], "task": "multilabel"},
    "folds": flowers(epochs=4) | {"validation": {"folds": 3}},
    "a search": flowers(epochs=5)
    | {
        "search": {
            "trials": 4,
            "space": {"training.optimizer.learning_rate": RATES, "network.hidden": {"choice": [[4], [8]]}},
        }
    },
    "successive halving": flowers(epochs=8)
    | {"search": {"method": "halving", "trials": 4, "space": {"training.optimizer.learning_rate": RATES}}},
    "everything left out": {"label": "species", "training": {"epochs": 5}},
}
WARM_START = "warm start"
ALL = (*RECIPES, WARM_START)


def train(name: str) -> Fitted:
    """One of the reference trainings, on one thread as the service does."""
    with threadpoolctl.threadpool_limits(1):
        if name != WARM_START:
            return _fit(RECIPES[name])
        again = flowers(epochs=4, warm_start={"model": "flowers", "version": 1})
        return _fit(again, _fit(RECIPES["adam"]).trained)


def _fit(recipe: Mapping[str, Any], start: TrainedNetwork | None = None) -> Fitted:
    read = Recipe.from_json(recipe)
    return fit(prepare(_table_of(read), read, start=start))


def _table_of(recipe: Recipe) -> Table:
    return infer_table(iris_raw()) if recipe.label == "species" else infer_table(mixed_raw(), DATES)


def digest(fitted: Fitted) -> str:
    """Of every number that a prediction needs, and of what was told of each epoch."""
    network = fitted.trained.network
    found = hashlib.sha256(network.parameters.tobytes())
    found.update(network.running.tobytes())
    found.update(repr([(point.epoch, point.loss, point.validation_loss) for point in fitted.curve]).encode())
    return found.hexdigest()


def figures(fitted: Fitted) -> dict[str, Any]:
    """A few numbers that move with any weight."""
    network, last = fitted.trained.network, fitted.curve[-1]
    weights = network.parameters.astype(np.float64)
    return {
        "dtype": str(network.dtype),
        "size": int(weights.size),
        "sum": float(weights.sum()),
        "length": float(np.sqrt((weights**2).sum())),
        "waves": float((weights * np.cos(np.arange(weights.size))).sum()),
        "some": weights[:: max(1, weights.size // 5)].tolist(),
        "running": float(network.running.astype(np.float64).sum()),
        "epochs": len(fitted.curve),
        "loss": float(last.loss),
        "validation_loss": None if last.validation_loss is None else float(last.validation_loss),
    }


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    return json.loads(STORED.read_text())


@pytest.mark.parametrize("name", ALL)
def test_a_training_gives_the_bits_that_it_always_gave(stored, name):
    fitted, known = train(name), stored["trainings"][name]
    if gives_the_same_bits(stored["environment"]):
        assert digest(fitted) == known["digest"], f"the bits changed; was a change of the arithmetic wanted? {__doc__}"
    assert is_close(figures(fitted), known["figures"]), f"{figures(fitted)} and not {known['figures']}"


def test_each_reference_training_is_stored(stored):
    assert set(stored["trainings"]) == set(ALL)


def test_no_two_trainings_have_the_same_digest(stored):
    """Else one of them would say nothing of what it is named for."""
    digests = [known["digest"] for known in stored["trainings"].values()]
    assert len(set(digests)) == len(digests)


def write() -> None:
    """Store what this environment gives."""
    trainings = {}
    for name in ALL:
        fitted = train(name)
        trainings[name] = {"digest": digest(fitted), "figures": figures(fitted)}
    stored = {"environment": bits_environment(), "trainings": trainings}
    STORED.write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    write()
