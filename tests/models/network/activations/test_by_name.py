"""Every activation against its formula as SciPy and NumPy compute it, and its slope against finite differences."""

import numpy as np
import pytest
from scipy import special

from models.network.activations import ACTIVATIONS

Z = np.array([[-3.5, -1.0, -0.2, 0.3], [0.5, 1.0, 2.5, 3.2], [-40.0, 40.0, -2.0, 2.0]])
ALPHA, SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al. 2017
FORMULAS = {
    "linear": lambda z: z,
    "sigmoid": special.expit,
    "tanh": np.tanh,
    "relu": lambda z: np.where(z > 0, z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, z / 100),
    "elu": lambda z: np.where(z > 0, z, special.expm1(z)),
    "selu": lambda z: SCALE * np.where(z > 0, z, ALPHA * special.expm1(z)),
    "gelu": lambda z: z / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3))),
    "silu": lambda z: z * special.expit(z),
    "mish": lambda z: z * np.tanh(np.logaddexp(0, z)),
    "softplus": lambda z: np.logaddexp(0, z),
    "softsign": lambda z: z / (1 + np.abs(z)),
    "hard_sigmoid": lambda z: np.clip(z / 6 + 0.5, 0, 1),
    "softmax": lambda z: special.softmax(z, axis=1),
    "exponential": np.exp,
}


def forward(name, z):
    return ACTIVATIONS[name].forward(z, np.empty_like(z))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_are_those_of_the_formula(name):
    np.testing.assert_allclose(forward(name, Z), FORMULAS[name](Z), rtol=1e-12, atol=1e-14)
    in_place = Z.copy()
    ACTIVATIONS[name].forward(in_place, in_place)
    np.testing.assert_allclose(in_place, FORMULAS[name](Z), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_gradient_is_that_of_finite_differences(name):
    z, step = Z[:2], 1e-6
    weight = np.random.default_rng(0).normal(size=z.shape)
    expected = np.zeros_like(z)
    for place in np.ndindex(z.shape):
        shift = np.zeros_like(z)
        shift[place] = step
        change = FORMULAS[name](z + shift) - FORMULAS[name](z - shift)
        expected[place] = np.sum(weight * change) / (2 * step)
    grad = weight.copy()
    ACTIVATIONS[name].backward(z, forward(name, z), grad)
    np.testing.assert_allclose(grad, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_transposed_rows_have_the_same_values_and_gradients(name):
    weight = np.random.default_rng(0).normal(size=Z.shape)
    a, grad = forward(name, Z), weight.copy()
    ACTIVATIONS[name].backward(Z, a, grad)
    z_t, grad_t = Z.T.copy(), weight.T.copy()
    a_t = ACTIVATIONS[name].transposed.forward(z_t, np.empty_like(z_t))
    ACTIVATIONS[name].transposed.backward(z_t, a_t, grad_t)
    np.testing.assert_allclose(a_t, a.T, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(grad_t, grad.T, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "z", "slope"),
    [
        ("relu", 0.0, 0.0),
        ("leaky_relu", 0.0, 0.01),
        ("hard_sigmoid", -3.0, 0.0),
        ("hard_sigmoid", 3.0, 0.0),
        ("hard_sigmoid", 0.0, 1 / 6),
        ("elu", 0.0, 1.0),
    ],
)
def test_the_slope_at_a_bend_is_the_documented_one(name, z, slope):
    value, grad = np.array([[z]]), np.array([[1.0]])
    ACTIVATIONS[name].backward(value, forward(name, value), grad)
    assert grad[0, 0] == pytest.approx(slope)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_far_out_are_finite_and_keep_their_type(name, dtype):
    z = np.array([[-1e4, 1e4, 0.0]], dtype)
    with np.errstate(over="raise", invalid="raise"):
        a = forward(name, z)
    assert a.dtype == dtype
    assert np.isfinite(a).all()
