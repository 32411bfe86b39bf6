"""L-BFGS against the dense formulas of the book and SciPy's line search and minimizer."""

import numpy as np
import pytest
from scipy import optimize

from models import specification
from models.training.optimizers.lbfgs import Lbfgs, Point, strong_wolfe

C1, C2 = 1e-4, 0.9


def along(function, slope):
    """A function of one number as the line search sees it."""
    return lambda t: Point(t, function(t), slope(t), np.array([slope(t)]))


LINES = {
    "a parabola": (lambda t: (t - 3) ** 2, lambda t: 2 * (t - 3)),
    "a steep start": (lambda t: -t / (t**2 + 2), lambda t: (t**2 - 2) / (t**2 + 2) ** 2),
    "many valleys": (lambda t: 0.1 * t**2 - t + np.cos(3 * t), lambda t: 0.2 * t - 1 - 3 * np.sin(3 * t)),
    "far away": (lambda t: np.cosh((t - 500) / 100), lambda t: np.sinh((t - 500) / 100) / 100),
}


@pytest.mark.parametrize("first", [1e-4, 0.1, 1.0, 50.0])
@pytest.mark.parametrize("name", LINES)
def test_a_line_search_ends_where_both_strong_wolfe_conditions_hold(name, first):
    function, slope = LINES[name]
    at = along(function, slope)
    end = strong_wolfe(at, at(0.0), first, 60)
    assert function(end.distance) <= function(0) + C1 * end.distance * slope(0)
    assert abs(slope(end.distance)) <= C2 * abs(slope(0))


def test_without_enough_looks_the_lowest_point_seen_is_taken():
    function, slope = LINES["far away"]
    at, seen = along(function, slope), []

    def watched(t):
        seen.append(t)
        return at(t)

    end = strong_wolfe(watched, at(0.0), 1e-3, 3)
    assert seen == [1e-3, 2e-3, 4e-3]
    assert end.distance == 4e-3


def test_a_step_at_which_the_loss_is_infinite_is_taken_back():
    at = along(lambda t: -t if t < 0.3 else np.inf, lambda t: -1.0)
    assert 0 < strong_wolfe(at, at(0.0), 1.0, 10).distance < 0.3


def test_a_line_that_only_rises_has_no_lower_point():
    at = along(lambda t: t, lambda t: -1.0)  # a slope that is wrong, as rounding may make it
    assert strong_wolfe(at, at(0.0), 1.0, 10).distance == 0.0


def quadratic(n=6, seed=0):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(n, n))
    return root @ root.T + np.eye(n), rng.normal(size=n)


@pytest.mark.parametrize("history", [1, 2, 3, 10])
def test_the_direction_is_that_of_the_dense_inverse_hessian_of_the_last_pairs(history):
    """Nocedal and Wright 2006, equation 7.16: H ← Vᵀ H V + ρ s sᵀ, from γ I with the newest pair's γ = sᵀy / yᵀy."""
    matrix, rng = quadratic()[0], np.random.default_rng(1)
    optimizer = Lbfgs(specification.Lbfgs(history=history), np.zeros(6))
    pairs = [(s, matrix @ s) for s in rng.normal(size=(5, 6))]
    for s, y in pairs:
        optimizer._remember(s, y)
    optimizer._gradient[...] = gradient = rng.normal(size=6)
    s, y = pairs[-1]
    inverse = np.eye(6) * (s @ y) / (y @ y)
    for s, y in pairs[-history:]:
        v = np.eye(6) - np.outer(y, s) / (s @ y)
        inverse = v.T @ inverse @ v + np.outer(s, s) / (s @ y)
    np.testing.assert_allclose(optimizer._direction(), -inverse @ gradient, rtol=1e-9)


def test_a_pair_without_curvature_is_not_remembered():
    optimizer = Lbfgs(specification.Lbfgs(), np.zeros(2))
    for change, n_pairs in [([-1.0, 0.0], 0), ([0.0, 1.0], 0), ([1e-10, 0.0], 0), ([1.1e-10, 0.0], 1), ([1.0, 0.0], 2)]:
        optimizer._remember(np.array([1.0, 0.0]), np.array(change))
        assert optimizer.numbers["pairs"] == n_pairs


def minimized(function, start, n_steps, **choices):
    parameters = np.array(start, float)
    optimizer = Lbfgs(specification.Lbfgs(**choices), parameters)
    for _ in range(n_steps):
        optimizer.step(parameters, function, 1.0)
    return parameters, optimizer


def rosenbrock(x):
    return float(optimize.rosen(x)), optimize.rosen_der(x)


@pytest.mark.parametrize("history", [2, 10])
def test_it_finds_the_minimum_that_scipy_finds(history):
    start = [1.3, 0.7, 0.8, 1.9, 1.2]
    peer = optimize.minimize(optimize.rosen, start, jac=optimize.rosen_der, method="L-BFGS-B")
    ours, optimizer = minimized(rosenbrock, start, 200, history=history)
    np.testing.assert_allclose(ours, 1.0, atol=1e-5)
    assert optimizer.numbers["loss"] <= peer.fun + 1e-9


def test_at_the_minimum_the_parameters_rest():
    matrix, target = quadratic()
    looks = []

    def function(x):
        looks.append(1)
        return float(0.5 * x @ matrix @ x - target @ x), matrix @ x - target

    ours, optimizer = minimized(function, np.zeros(6), 40)
    np.testing.assert_allclose(ours, np.linalg.solve(matrix, target), rtol=1e-5)
    assert optimizer.numbers["rests"]
    n_looks = len(looks)
    optimizer.step(ours, function, 1.0)
    assert len(looks) == n_looks


def test_without_a_line_search_the_first_step_is_the_gradient_shortened_to_1():
    gradient = np.array([3.0, -1.0])
    ours, _ = minimized(lambda x: (0.0, gradient), [0.0, 0.0], 1, line_search_steps=0)
    np.testing.assert_allclose(ours, -gradient / 4)  # the sum of absolute values is 4
    ours, _ = minimized(lambda x: (0.0, gradient / 10), [0.0, 0.0], 1, line_search_steps=0)
    np.testing.assert_allclose(ours, -gradient / 10)  # shorter than 1 already
