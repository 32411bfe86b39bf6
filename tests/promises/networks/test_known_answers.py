"""What the papers and textbooks say must come out."""

import math

import numpy as np
import pytest

from models.network.activations import ACTIVATIONS
from models.network.network import Network
from models.specification import (
    Adagrad,
    Adam,
    AdamW,
    BinaryCrossEntropy,
    CrossEntropy,
    Huber,
    Lbfgs,
    Lion,
    Loss,
    Mae,
    Mse,
    NetworkSpecification,
    Optimizer,
    Poisson,
    Quantile,
    RmsProp,
    Sgd,
    TrainingSpecification,
)
from models.training.loop import Training
from models.training.losses import loss_function
from models.training.optimizers import optimizer_for

COUNTS = np.array([0.0, 1.0, 1.0, 2.0, 3.0, 3.0, 4.0, 6.0, 7.0])[:, None]
ANSWERS = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0])[:, None]


def test_selu_keeps_mean_zero_and_variance_one():
    """The fixed point that its two constants are made for (Klambauer et al. 2017, section 2)."""
    z = np.linspace(-12, 12, 200_001)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    a = ACTIVATIONS["selu"].forward(z, np.empty_like(z))
    assert np.trapezoid(a * density, z) == pytest.approx(0.0, abs=1e-7)
    assert np.trapezoid(a**2 * density, z) == pytest.approx(1.0, abs=1e-7)


def best_constant(loss: Loss, y: np.ndarray, output: str) -> float:
    """The output of a network that sees nothing, after it has learnt."""
    network = Network.create(
        NetworkSpecification(hidden=(), output=output, dtype="float64"), 1, 1, np.random.default_rng(0)
    )
    chosen = TrainingSpecification(epochs=4000, batch_size=9, loss=loss, optimizer=Sgd(learning_rate=0.02))
    Training(network, chosen, np.zeros((9, 1)), y, seed=0).run()
    return network.forward(np.zeros((1, 1))).item()


@pytest.mark.parametrize(
    ("loss", "y", "output", "answer", "tolerance"),
    [
        (Mse(), COUNTS, "linear", 3.0, 1e-6),  # the mean
        (Mae(), COUNTS, "linear", 3.0, 0.02),  # the median
        (Quantile(quantile=0.7), COUNTS, "linear", 4.0, 0.02),  # the seventh of nine values
        (Huber(delta=100.0), COUNTS, "linear", 3.0, 1e-6),  # all errors below delta: the mean
        (Poisson(), COUNTS, "exponential", 3.0, 1e-6),  # the mean count
        (BinaryCrossEntropy(), ANSWERS, "sigmoid", 6 / 9, 1e-6),  # the share of ones
        (BinaryCrossEntropy(label_smoothing=0.1), ANSWERS, "sigmoid", 0.9 * 6 / 9 + 0.05, 1e-6),
    ],
)
def test_a_loss_is_least_at_the_figure_that_it_stands_for(loss, y, output, answer, tolerance):
    assert best_constant(loss, y, output) == pytest.approx(answer, abs=tolerance)


def test_the_cross_entropy_of_knowing_nothing_is_the_logarithm_of_the_number_of_classes():
    values = loss_function(CrossEntropy()).values(np.zeros((2, 7)), np.eye(7)[[0, 3]])
    assert values == pytest.approx([math.log(7)] * 2, abs=1e-15)


@pytest.mark.parametrize(
    "chosen", [Adam(learning_rate=0.1), AdamW(learning_rate=0.1, weight_decay=0.0), Lion(learning_rate=0.1)]
)
def test_the_first_step_is_as_long_as_the_learning_rate_whatever_the_gradient(chosen):
    """Kingma and Ba 2015, section 2.1; for Lion it is the sign that makes it so."""
    parameters = np.zeros(3)
    optimizer = optimizer_for(chosen, parameters)
    optimizer.gradient[...] = [1e-3, -5.0, 2e4]
    optimizer.update(0.1)
    assert parameters == pytest.approx([-0.1, 0.1, -0.1], rel=1e-4)


def test_adagrad_steps_shrink_as_one_over_the_root_of_their_number():
    parameters, path = np.zeros(1), [0.0]
    optimizer = optimizer_for(Adagrad(), parameters)
    for _ in range(5):
        optimizer.gradient[...] = 2.0
        optimizer.update(1.0)
        path.append(float(parameters[0]))
    assert -np.diff(path) == pytest.approx(1 / np.sqrt(np.arange(1, 6)), rel=1e-9)


@pytest.mark.parametrize("chosen", [Sgd(momentum=0.9), Sgd(momentum=0.9, nesterov=True)])
def test_momentum_comes_to_ten_times_the_plain_step(chosen):
    """A constant gradient is summed up to 1 / (1 − 0.9) times itself."""
    parameters = np.zeros(1)
    optimizer = optimizer_for(chosen, parameters)
    for _ in range(400):
        before = float(parameters[0])
        optimizer.gradient[...] = 1.0
        optimizer.update(0.01)
    assert before - float(parameters[0]) == pytest.approx(0.1, rel=1e-9)


@pytest.mark.parametrize("chosen", [Adam(), RmsProp(), Adagrad(), Sgd(momentum=0.5)])
def test_parameters_without_a_gradient_stay(chosen: Optimizer):
    parameters = np.array([1.0, -2.0])
    optimizer = optimizer_for(chosen, parameters)
    for _ in range(3):
        optimizer.gradient[...] = 0.0
        optimizer.update(0.1)
    assert parameters.tolist() == [1.0, -2.0]


def test_lbfgs_finds_the_minimum_of_rosenbrocks_valley():
    """f = (1 − x)² + 100 (y − x²)², least at (1, 1); gradient descent takes thousands of steps there."""
    parameters = np.array([-1.2, 1.0])
    optimizer = optimizer_for(Lbfgs(), parameters)

    def valley(at: np.ndarray) -> tuple[float, np.ndarray]:
        x, y = at
        slope = np.array([-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)])
        return float((1 - x) ** 2 + 100 * (y - x * x) ** 2), slope

    for _ in range(60):
        optimizer.step(parameters, valley, 1.0)
    assert parameters == pytest.approx([1.0, 1.0], abs=1e-6)
