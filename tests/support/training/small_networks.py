"""Networks that train within milliseconds."""

from models.fitting.fit import fit, prepare
from models.specification import NetworkSpecification, Poisson, Recipe, TrainingSpecification
from tests.support.training.tables import FEATURES


def trained(table, label, features=FEATURES, network=None, threshold=None, **training):
    recipe = Recipe(
        label=label,
        features=features,
        network=network or NetworkSpecification(hidden=(5, 3)),
        training=TrainingSpecification(epochs=3, **training),
        threshold=threshold,
        task="regression" if training.get("loss") == Poisson() else None,
    )
    return fit(prepare(table, recipe)).trained
