"""Trainings for the tests of checkpoints; as a script, it resumes trainings from saved states and prints digests."""

import hashlib
import sys
from pathlib import Path

import numpy as np

from models.network.network import Network
from models.specification import (
    Adagrad,
    Adam,
    AdamW,
    Cosine,
    EarlyStopping,
    Lbfgs,
    Lion,
    Nadam,
    NetworkSpecification,
    OneCycle,
    ReduceOnPlateau,
    RmsProp,
    Sgd,
    TrainingSpecification,
)
from models.training.loop import Training

NOISY = NetworkSpecification(hidden=(8, 8), activation="tanh", output="softmax", dropout=0.2)
CALM = NetworkSpecification(hidden=(8, 8), activation="tanh", output="softmax")
CASES: dict[str, tuple[NetworkSpecification, TrainingSpecification]] = {
    "sgd": (NOISY, TrainingSpecification(optimizer=Sgd())),
    "sgd, momentum": (NOISY, TrainingSpecification(optimizer=Sgd(momentum=0.9, nesterov=True))),
    "rmsprop": (NOISY, TrainingSpecification(optimizer=RmsProp(momentum=0.5))),
    "adagrad": (NOISY, TrainingSpecification(optimizer=Adagrad())),
    "adam": (NOISY, TrainingSpecification(optimizer=Adam())),
    "adamw": (NOISY, TrainingSpecification(optimizer=AdamW())),
    "nadam": (NOISY, TrainingSpecification(optimizer=Nadam())),
    "lion": (NOISY, TrainingSpecification(optimizer=Lion())),
    "lbfgs": (CALM, TrainingSpecification(optimizer=Lbfgs(history=3))),
    "batch norm": (NetworkSpecification(hidden=(8,), output="softmax", batch_norm=True), TrainingSpecification()),
    "averaged": (NOISY, TrainingSpecification(averaged_weights=0.9)),
    "one-cycle": (NOISY, TrainingSpecification(schedule=OneCycle(warm_up_epochs=2))),
    "cosine": (NOISY, TrainingSpecification(schedule=Cosine(period_epochs=3))),
    "reduce on plateau": (
        NOISY,
        TrainingSpecification(schedule=ReduceOnPlateau(patience=0, threshold=0.5), optimizer=Sgd(learning_rate=0.1)),
    ),
    "early stopping": (
        NOISY,
        TrainingSpecification(early_stopping=EarlyStopping(patience=3), optimizer=Sgd(learning_rate=2.0)),
    ),
}


def training_of(name: str) -> Training:
    """Twelve epochs of 50 rows in batches of 16, with 20 rows held out and a checkpoint every fifth epoch."""
    network_specification, choices = CASES[name]
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((70, 4)), np.eye(3)[rng.integers(0, 3, 70)]
    network = Network.create(network_specification, 4, 3, np.random.default_rng(5))
    twelve = {"epochs": 12, "batch_size": 16, "checkpoint_every": 5}
    specification = TrainingSpecification(**{name: getattr(choices, name) for name in choices.__slots__} | twelve)
    return Training(network, specification, x[:50], y[:50], validation=(x[50:], y[50:]), seed=5)


def end_of(training: Training) -> str:
    """A digest of the result of a whole training: parameters, buffers and the curve without its times."""
    result = training.run()
    digest = hashlib.sha256(training.network.parameters.tobytes() + training.network.running.tobytes())
    losses = [(point.epoch, point.loss, point.validation_loss, point.learning_rate) for point in result.curve]
    digest.update(repr((result.stopped, result.best_epoch, losses)).encode())
    return digest.hexdigest()


if __name__ == "__main__":
    for state_file in sys.argv[1:]:
        training = training_of(Path(state_file).stem)
        training.restore(Path(state_file).read_bytes())
        print(Path(state_file).stem, end_of(training), sep="\t")
