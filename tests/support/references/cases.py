"""The networks, batches, optimizers and schedules to compare with PyTorch, in NumPy alone.

`make.py` computes their references in PyTorch, the tests their values in this library.
"""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from models.network.network import Network
from models.specification import (
    ACTIVATION_NAMES,
    Adagrad,
    Adam,
    AdamW,
    BinaryCrossEntropy,
    Constant,
    Cosine,
    CrossEntropy,
    Exponential,
    GradientClip,
    Hinge,
    Huber,
    Lbfgs,
    Lion,
    Loss,
    Mae,
    Mse,
    Nadam,
    NetworkSpecification,
    OneCycle,
    Poisson,
    Polynomial,
    Quantile,
    ReduceOnPlateau,
    RmsProp,
    Schedule,
    Sgd,
    Step,
    TrainingSpecification,
)

N_INPUTS, N_OUTPUTS, N_ROWS = 3, 2, 7
STEPS = 100
LOSSES: dict[str, tuple[Loss, str]] = {
    "mse": (Mse(), "linear"),
    "mse of sigmoid": (Mse(), "sigmoid"),
    "mse of softmax": (Mse(), "softmax"),
    "mae": (Mae(), "linear"),
    "huber": (Huber(delta=0.7), "linear"),
    "quantile": (Quantile(quantile=0.8), "linear"),
    "binary cross-entropy": (BinaryCrossEntropy(), "sigmoid"),
    "binary cross-entropy, smoothed": (BinaryCrossEntropy(label_smoothing=0.1), "sigmoid"),
    "cross-entropy": (CrossEntropy(), "softmax"),
    "cross-entropy, smoothed": (CrossEntropy(label_smoothing=0.1), "softmax"),
    "hinge": (Hinge(), "linear"),
    "poisson": (Poisson(), "exponential"),
}
NORMS = ("plain", "batch norm", "layer norm")


@dataclass(frozen=True)
class GradientCase:
    """A network and a loss, with a batch."""

    norm: str
    activation: str
    loss: str

    @property
    def key(self) -> str:
        return f"gradient/{self.norm}/{self.activation}/{self.loss}"

    def network(self) -> Network:
        specification = NetworkSpecification(
            hidden=(4, 3),
            activation=self.activation,
            output=LOSSES[self.loss][1],
            batch_norm=self.norm == "batch norm",
            layer_norm=self.norm == "layer norm",
            dtype="float64",
        )
        network = Network(specification, N_INPUTS, N_OUTPUTS)
        network.parameters[...] = spread((network.parameters.size,), 1)
        for name, buffer in network.buffers.items():
            buffer[...] = 1.0 if name.endswith("variance") else 0.0
        return network

    def batch(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """x, y, and the weight of each row."""
        return 1.5 * spread((N_ROWS, N_INPUTS), 2), labels(self.loss), 1 + 0.5 * spread((N_ROWS, 1), 3)


def gradient_cases() -> list[GradientCase]:
    return [GradientCase(*choices) for choices in product(NORMS, ACTIVATION_NAMES, LOSSES)]


def spread(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Numbers between −1 and 1 that look random but are the same on every machine."""
    return np.sin(np.arange(np.prod(shape)) * 12.9898 + seed * 78.233).reshape(shape)


def labels(loss: str) -> np.ndarray:
    """One-hot rows, yes or no, counts or numbers, whichever the loss needs."""
    numbers = spread((N_ROWS, N_OUTPUTS), 4)
    if loss.startswith("cross-entropy") or loss.endswith("softmax"):
        return np.eye(N_OUTPUTS)[np.argmax(numbers, axis=1)]
    if loss == "poisson":
        return np.floor(3 * np.abs(numbers))
    return (numbers > 0).astype(float) if loss.startswith(("binary", "hinge")) else numbers


OPTIMIZERS = {
    "sgd": Sgd(learning_rate=0.1),
    "sgd, momentum": Sgd(learning_rate=0.05, momentum=0.9),
    "sgd, nesterov": Sgd(learning_rate=0.05, momentum=0.9, nesterov=True),
    "rmsprop": RmsProp(learning_rate=0.005),
    "rmsprop, momentum": RmsProp(learning_rate=0.002, momentum=0.5),
    "adagrad": Adagrad(learning_rate=0.05),
    "adam": Adam(learning_rate=0.01),
    "adam, large epsilon": Adam(learning_rate=0.01, epsilon=0.01),
    "adamw": AdamW(learning_rate=0.01, weight_decay=0.1),
    "nadam": Nadam(learning_rate=0.01),
    "lion": Lion(learning_rate=0.003, weight_decay=0.1),
    "lbfgs, fixed step": Lbfgs(learning_rate=0.3, history=5, line_search_steps=0),
}
SGD = Sgd(learning_rate=0.1, momentum=0.9)
SMALL = NetworkSpecification(hidden=(8,), activation="tanh", output="softmax", dtype="float64")


@dataclass(frozen=True)
class TrainingCase:
    """A training of 100 steps: five epochs of twenty batches of five rows, in the given order (all rows for L-BFGS)."""

    name: str
    training: TrainingSpecification
    network: NetworkSpecification = SMALL
    weighted: bool = False

    @property
    def key(self) -> str:
        return f"training/{self.name}"


def training_cases() -> list[TrainingCase]:
    plain = TrainingSpecification(epochs=5, batch_size=5, shuffle=False)
    cases = [
        TrainingCase(name, replace(plain, optimizer=optimizer))
        for name, optimizer in OPTIMIZERS.items()
        if optimizer.name != "lbfgs"
    ]
    full_batch = replace(plain, optimizer=OPTIMIZERS["lbfgs, fixed step"], epochs=STEPS)
    sgd = replace(plain, optimizer=SGD)
    return [
        *cases,
        TrainingCase("lbfgs, fixed step", full_batch, replace(SMALL, l2=0.1)),
        TrainingCase("clipped by norm", replace(sgd, gradient_clip=GradientClip(norm=0.1))),
        TrainingCase("clipped by value", replace(sgd, gradient_clip=GradientClip(value=0.02))),
        TrainingCase("averaged", replace(sgd, averaged_weights=0.9)),
        TrainingCase("l1 and l2", sgd, replace(SMALL, l1=0.01, l2=0.02)),
        TrainingCase("max-norm", sgd, replace(SMALL, max_norm=0.8)),
        TrainingCase("batch norm", sgd, replace(SMALL, batch_norm=True)),
        TrainingCase("weighted rows", sgd, weighted=True),
        TrainingCase("one-cycle, adam", replace(plain, optimizer=Adam(learning_rate=0.02), schedule=OneCycle())),
        TrainingCase("warm-up, cosine", replace(sgd, schedule=Cosine(warm_up_epochs=2))),
    ]


def training_data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """x of shape (100, 4), one-hot y of shape (100, 3), and a weight of mean 1 for each row."""
    x = spread((100, 4), 5)
    y = np.eye(3)[np.argmax(x @ spread((4, 3), 6) + 0.3 * spread((100, 3), 7), axis=1)]
    weight = 1 + 0.5 * spread((100,), 8)
    return x, y, weight / weight.mean()


def training_start(network: Network) -> None:
    """The parameters that every training starts from."""
    network.parameters[...] = 0.5 * spread((network.parameters.size,), 9)
    for name, tensor in (network.tensors | network.buffers).items():
        if name.endswith((".norm.scale", ".norm.variance")):
            tensor[...] = 1


SCHEDULES: dict[str, Schedule] = {
    "constant": Constant(),
    "step": Step(every_epochs=7, factor=0.5),
    "exponential": Exponential(factor=0.97),
    "cosine": Cosine(minimum=0.01),
    "cosine, restarts": Cosine(minimum=0.01, period_epochs=10, growth=2),
    "one-cycle": OneCycle(rise=0.25, start_divisor=10, end_divisor=100),
    "polynomial": Polynomial(power=2),
    "reduce on plateau": ReduceOnPlateau(factor=0.5, patience=3, threshold=0.01, minimum=0.001),
    "constant, warm-up": Constant(warm_up_epochs=10),
    "step, warm-up": Step(every_epochs=7, factor=0.5, warm_up_epochs=10),
    "exponential, warm-up": Exponential(factor=0.97, warm_up_epochs=10),
    "cosine, warm-up": Cosine(minimum=0.01, warm_up_epochs=10),
    "polynomial, warm-up": Polynomial(power=2, warm_up_epochs=10),
}
BASE_RATE = 0.5


def plateau_losses() -> np.ndarray:
    """A loss that falls, stays and falls again, for `reduce on plateau`."""
    t = np.arange(STEPS)
    return 1 / (1 + np.floor(t / 12)) + 0.001 * spread((STEPS,), 10)


def activation_inputs() -> np.ndarray:
    """From far below 0 to far above, without 0 itself, where PyTorch has other slopes for some kinks."""
    near = np.linspace(-9.7, 9.8, 41)
    return np.concatenate([[-800.0, -90.0, -30.0], near, [30.0, 90.0, 600.0]])


def extreme_logits() -> np.ndarray:
    """Logits for which an unstable formula overflows or takes the logarithm of 0."""
    return np.array([[1000.0, -1000.0], [-1000.0, 1000.0], [50.0, 49.0], [-80.0, -700.0], [0.0, 0.0]])


def extreme_labels() -> np.ndarray:
    return np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
