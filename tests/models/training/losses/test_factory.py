"""Every loss against its formula, its slope against finite differences, and its place among the outputs."""

import numpy as np
import pytest
from scipy import special

from models.specification import (
    BinaryCrossEntropy,
    CrossEntropy,
    Hinge,
    Huber,
    Mae,
    Mse,
    Poisson,
    Quantile,
)
from models.training.losses import default_loss, loss_function

RNG = np.random.default_rng(0)
OUT, NUMBERS = RNG.normal(size=(6, 3)), RNG.normal(size=(6, 3))
YES, ONE_HOT = (RNG.random((6, 3)) < 0.5).astype(float), np.eye(3)[[0, 1, 2, 0, 1, 2]]
COUNTS = RNG.integers(0, 5, (6, 3)).astype(float)


def huber(d):
    return np.where(np.abs(d) <= 0.7, d**2 / 2, 0.7 * (np.abs(d) - 0.35))


CASES = {
    "mse": (Mse(), NUMBERS, lambda out, y: np.mean((out - y) ** 2, axis=1)),
    "mae": (Mae(), NUMBERS, lambda out, y: np.mean(np.abs(out - y), axis=1)),
    "huber": (Huber(delta=0.7), NUMBERS, lambda out, y: np.mean(huber(out - y), axis=1)),
    "quantile": (
        Quantile(quantile=0.8),
        NUMBERS,
        lambda out, y: np.mean(np.where(y >= out, 0.8 * (y - out), 0.2 * (out - y)), axis=1),
    ),
    "binary cross-entropy": (
        BinaryCrossEntropy(),
        YES,
        lambda out, y: -np.mean(special.log_expit(np.where(y == 1, out, -out)), axis=1),
    ),
    "cross-entropy": (
        CrossEntropy(),
        ONE_HOT,
        lambda out, y: -np.sum(y * special.log_softmax(out, axis=1), axis=1),
    ),
    "hinge": (Hinge(), YES, lambda out, y: np.mean(np.maximum(0, 1 - np.where(y == 1, out, -out)), axis=1)),
    "poisson": (Poisson(), COUNTS, lambda out, y: np.mean(np.exp(out) - y * out, axis=1)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_loss_of_each_row_is_that_of_the_formula(case):
    choice, y, formula = CASES[case]
    np.testing.assert_allclose(loss_function(choice).values(OUT, y), formula(OUT, y), rtol=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_the_slope_times_its_share_is_that_of_the_mean(case):
    choice, y, formula = CASES[case]
    loss, step, expected = loss_function(choice), 1e-6, np.zeros_like(OUT)
    for place in np.ndindex(OUT.shape):
        shift = np.zeros_like(OUT)
        shift[place] = step
        expected[place] = np.mean(formula(OUT + shift, y) - formula(OUT - shift, y)) / (2 * step)
    slope = np.zeros_like(OUT.T)
    loss.slope(OUT.T.copy(), y.T.copy(), slope)
    np.testing.assert_allclose(slope.T * loss.share(*OUT.shape), expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("choice", "out", "y", "slope"),
    [
        (Mae(), 1.0, 1.0, 0.0),
        (Huber(delta=0.5), 1.5, 1.0, 0.5),
        (Hinge(), 1.0, 1.0, 0.0),  # exactly at the margin there is nothing to gain
        (Hinge(), -1.0, 0.0, 0.0),
        (Hinge(), 0.999, 1.0, -1.0),
        (Quantile(quantile=0.8), 1.0, 1.0, 0.0),
    ],
)
def test_the_slope_at_a_bend(choice, out, y, slope):
    written = np.full((1, 1), np.nan)
    loss_function(choice).slope(np.array([[out]]), np.array([[y]]), written)
    assert written[0, 0] == slope


@pytest.mark.parametrize(
    ("output", "choice"),
    [("linear", Mse()), ("sigmoid", BinaryCrossEntropy()), ("softmax", CrossEntropy()), ("exponential", Poisson())],
)
def test_each_output_has_the_loss_of_its_likelihood(output, choice):
    assert default_loss(output) == choice
    assert output in loss_function(choice).outputs


def test_smoothed_labels_still_sum_to_1():
    smoothed = loss_function(CrossEntropy(label_smoothing=0.3)).targets(ONE_HOT)
    np.testing.assert_allclose(smoothed.sum(axis=1), 1.0)
    np.testing.assert_allclose(smoothed[0], [0.8, 0.1, 0.1])
    np.testing.assert_array_equal(loss_function(Mse()).targets(NUMBERS), NUMBERS)


@pytest.mark.parametrize("case", ["binary cross-entropy", "cross-entropy", "poisson"])
def test_logits_far_out_have_a_finite_loss(case):
    choice, y, _ = CASES[case]
    with np.errstate(over="raise", invalid="raise"):
        assert np.isfinite(loss_function(choice).values(np.array([[700.0, -700.0, 0.0]]), y[:1])).all()
