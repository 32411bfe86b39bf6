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


def test_a_fixed_step_looks_once_at_the_loss_and_the_first_one_twice():
    matrix, target = quadratic()
    looks = []

    def function(x):
        looks.append(x.copy())
        return float(0.5 * x @ matrix @ x - target @ x), matrix @ x - target

    parameters = np.zeros(6)
    optimizer = Lbfgs(specification.Lbfgs(line_search_steps=0), parameters)
    for n_looks in (2, 3, 4):
        optimizer.step(parameters, function, 0.5)
        assert len(looks) == n_looks
        assert looks[-1].tolist() == parameters.tolist()


def test_a_direction_that_does_not_go_down_is_replaced_by_the_negative_gradient():
    optimizer = Lbfgs(specification.Lbfgs(line_search_steps=0), np.zeros(2))
    optimizer.numbers |= {"steps": 1, "pairs": 1}
    optimizer._gradient[...] = [0.25, 0.0]
    optimizer._moves[0], optimizer._changes[0] = [1.0, 0.0], [-1.0, 0.0]  # negative curvature: −H g points uphill
    parameters = np.zeros(2)
    optimizer.step(parameters, lambda x: (0.0, np.array([0.25, 0.0])), 1.0)
    np.testing.assert_allclose(parameters, [-0.25, 0.0])


def visited(*scripted, first=1.0):
    """The distances at which the line search looks when it meets these losses and slopes, one after the other.

    The loss at 0 is 0 and its slope −1, so that a point needs a loss of −0.0001 t and a slope of 0.9 at most.
    """
    distances = []

    def at(distance):
        loss, slope = scripted[len(distances)]
        distances.append(distance)
        return Point(distance, loss, slope, np.array([slope]))

    strong_wolfe(at, Point(0.0, 0.0, -1.0, np.array([-1.0])), first, len(scripted))
    return distances


def least_point(low, loss, slope, high, loss_at_high):
    """Of the parabola through a loss and a slope at `low` and a loss at `high`."""
    rows = np.array([[1, low, low**2], [0, 1, 2 * low], [1, high, high**2]])
    _, linear, square = np.linalg.solve(rows, [loss, slope, loss_at_high])
    return pytest.approx(-linear / (2 * square))


ENOUGH = (-1.0, 0.0)


@pytest.mark.parametrize("point", [(-1.0, 0.9), (-1.0, -0.9), (-1e-4, 0.0)])
def test_a_point_that_meets_both_conditions_exactly_is_taken(point):
    assert visited(point, ENOUGH) == [1.0]


def test_a_fall_that_is_too_small_is_followed_by_a_look_between():
    assert visited((-5e-5, -0.5), ENOUGH) == [1.0, least_point(0, 0, -1, 1, -5e-5)]


def test_while_it_goes_down_the_distance_doubles():
    assert visited((-1.0, -0.95), (-2.0, -0.95), ENOUGH) == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(("loss", "slope"), [(-0.5, 0.95), (-1.0, 0.5)])
def test_a_point_no_lower_than_the_last_is_the_other_end(loss, slope):
    assert visited((-1.0, -0.95), (loss, slope), ENOUGH) == [1.0, 2.0, least_point(1, -1, -0.95, 2, loss)]


def test_a_lower_point_that_rises_has_the_last_one_as_its_other_end():
    second = least_point(2, -2, 0.95, 1, -1)
    assert visited((-1.0, -0.95), (-2.0, 0.95), ENOUGH) == [1.0, 2.0, second]


def test_the_other_end_changes_sides_with_the_slope():
    between = 2 - 0.95 / 3.9  # the least point of the parabola through φ(2) = −2, φ′(2) = 0.95 and φ(1) = −1
    assert visited((-1.0, -0.95), (-2.0, 0.95), (-2.1, -0.95), ENOUGH) == [
        1.0,
        2.0,
        pytest.approx(between),
        least_point(between, -2.1, -0.95, 2, -2),
    ]
    assert visited((-1.0, -0.95), (-2.0, 0.95), (-3.0, 0.95), ENOUGH)[3] == least_point(between, -3, 0.95, 1, -1)


@pytest.mark.parametrize(("loss", "expected"), [(100.0, 0.1), (np.inf, 0.1), (0.0, 0.5)])
def test_a_look_between_keeps_a_tenth_away_from_both_ends(loss, expected):
    assert visited((loss, 0.0), ENOUGH) == [1.0, pytest.approx(expected)]
