"""Drift by hand calculation and against scipy."""

import numpy as np
import pytest
from scipy import special, stats

from models.evaluation.drift import (
    count_numbers,
    kolmogorov_smirnov,
    kolmogorov_survival,
    number_edges,
    population_stability_index,
    psi_by_chance,
    psi_of_one_distribution,
)


def test_psi_is_the_sum_worked_out_by_hand():
    # (0.25 − 0.5) ln 0.5 + (0.75 − 0.5) ln 1.5 = 0.25 ln 3
    psi = population_stability_index(np.array([50, 50]), np.array([25, 75]))
    assert psi == pytest.approx(0.25 * np.log(3), rel=1e-12)


def test_psi_of_equal_shares_is_zero_whatever_the_number_of_rows():
    assert population_stability_index(np.array([1, 2, 3, 0]), np.array([100, 200, 300, 0])) == 0


def test_an_empty_bin_counts_half_a_row():
    # e = (0.5, 0.5), a = (0.995 of 100 rows would be 99.5, but all 100 are there; half a row stands for the other bin)
    psi = population_stability_index(np.array([50, 50]), np.array([100, 0]))
    assert psi == pytest.approx(0.5 * np.log(2) - 0.495 * np.log(0.01), rel=1e-12)


def test_psi_is_the_sum_of_both_relative_entropies():
    rng = np.random.default_rng(1)
    expected, actual = rng.integers(1, 100, 8), rng.integers(1, 100, 8)
    e, a = expected / expected.sum(), actual / actual.sum()
    entropies = stats.entropy(a, e) + stats.entropy(e, a)
    assert population_stability_index(expected, actual) == pytest.approx(entropies, rel=1e-12)


@pytest.mark.parametrize("n_bins", [2, 3, 5, 10, 20])
def test_chance_is_the_quantile_of_chi_square(n_bins):
    exact = stats.chi2.ppf(0.999, n_bins - 1) * (1 / 300 + 1 / 700)
    assert psi_by_chance(300, 700, n_bins) == pytest.approx(exact, rel=0.035)


def test_samples_of_one_distribution_seldom_exceed_chance():
    rng = np.random.default_rng(2)
    shares = np.full(10, 0.1)
    psis = [population_stability_index(rng.multinomial(400, shares), rng.multinomial(250, shares)) for _ in range(2000)]
    exceeding = np.mean(np.array(psis) > psi_by_chance(400, 250, 10))
    assert exceeding < 0.005  # 0.001 is promised for large samples


def psi_in_each_row(expected, actual):
    """Siddiqi's sum for many pairs of samples at once, half a row standing for none."""
    e = np.maximum(expected, 0.5) / expected.sum(axis=1, keepdims=True)
    a = np.maximum(actual, 0.5) / actual.sum(axis=1, keepdims=True)
    return np.where((expected > 0) | (actual > 0), (a - e) * np.log(a / e), 0.0).sum(axis=1)


@pytest.mark.parametrize(("n_expected", "n_actual"), [(100, 100), (1000, 100), (10_000, 200)])
@pytest.mark.parametrize(
    "shares", [[0.1] * 10, [0.05] * 20, [0.84, 0.08, 0.08], [0.95, 0.05]], ids=["tenths", "twentieths", "rare", "two"]
)
def test_two_of_1000_small_samples_of_one_distribution_exceed_chance_at_most(n_expected, n_actual, shares):
    rng = np.random.default_rng(5)

    def drawn(times):
        return rng.multinomial(n_expected, shares, times), rng.multinomial(n_actual, shares, times)

    psis = psi_in_each_row(*drawn(50_000))
    limits = [psi_of_one_distribution(expected, actual) for expected, actual in zip(*drawn(12), strict=True)]
    assert np.mean([np.mean(psis > limit) for limit in limits]) <= 0.002
    assert np.mean([np.mean(psis > 0.8 * limit) for limit in limits]) >= 0.001  # and the limit is not a wide one


def test_chance_of_large_samples_is_the_quantile_of_chi_square():
    expected, actual = np.array([5000, 3000, 2000]), np.array([600, 250, 150])
    exact = stats.chi2.ppf(0.999, 2) * (1 / 10_000 + 1 / 1000)
    assert psi_of_one_distribution(expected, actual) == pytest.approx(exact, rel=0.035)


def test_chance_counts_only_bins_that_hold_rows_and_is_nothing_in_one_bin():
    expected, actual = np.array([40, 60, 0]), np.array([30, 70, 0])
    assert psi_of_one_distribution(expected, actual) == psi_of_one_distribution(expected[:2], actual[:2])
    assert psi_of_one_distribution(np.array([50, 0]), np.array([20, 0])) == 0.0


@pytest.mark.parametrize(("n", "m", "shift"), [(100, 100, 0.0), (300, 150, 0.2), (1000, 5000, 0.05), (200, 100, 2.0)])
def test_kolmogorov_smirnov_agrees_with_scipy(n, m, shift):
    rng = np.random.default_rng(n + m)
    first, second = rng.normal(size=n), rng.normal(shift, size=m)
    peer = stats.ks_2samp(first, second, method="exact")
    ours = kolmogorov_smirnov(first, second)
    assert ours.statistic == pytest.approx(peer.statistic, abs=1e-12)
    assert ours.p_value == pytest.approx(peer.pvalue, abs=0.03)


def test_equal_values_count_as_equal():
    # F jumps to 1/2 at 0 and to 1 at 1, G to 1/4 at 0 and to 1 at 1: D is 1/4
    ours = kolmogorov_smirnov(np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.0, 1.0, 1.0, 1.0]))
    assert ours.statistic == 0.25


@pytest.mark.parametrize("x", [0.05, 0.3, 0.6, 1.0, 1.17, 1.19, 1.5, 2.0, 3.0])
def test_the_distribution_of_kolmogorov_is_scipys(x):
    assert kolmogorov_survival(x) == pytest.approx(special.kolmogorov(x), rel=1e-9, abs=1e-15)


def test_bins_hold_equal_shares_of_the_sample():
    sample = np.arange(1.0, 101.0)
    edges = number_edges(sample)
    assert edges.tolist() == [10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert count_numbers(sample, edges).tolist() == [10] * 10


def test_a_constant_has_a_bin_of_its_own():
    edges = number_edges(np.full(50, 7.0))
    assert count_numbers(np.array([6.9, 7.0, 7.0, 7.1]), edges).tolist() == [1, 2, 1]


def test_whole_numbers_have_bins_of_their_own():
    edges = number_edges(np.array([0.0] * 30 + [1.0] * 70))
    assert count_numbers(np.array([-1.0, 0.0, 0.0, 1.0, 2.0]), edges).tolist() == [1, 2, 1, 1]


def test_every_bin_is_counted_even_if_nothing_is_in_it():
    edges = np.array([1.0, 2.0, 3.0])
    assert count_numbers(np.array([0.5]), edges).tolist() == [1, 0, 0, 0]
    assert count_numbers(np.array([]), edges).tolist() == [0, 0, 0, 0]
    assert count_numbers(np.array([1.0, 1.5, 2.0, 3.0, 3.5]), edges).tolist() == [1, 2, 1, 1]


def test_chance_explains_no_difference_in_a_single_bin():
    assert psi_by_chance(100, 100, 1) == 0.0
    assert psi_by_chance(100, 100, 2) > 0.0


@pytest.mark.parametrize(("n_bins", "edges"), [(2, [50]), (4, [25, 50, 75]), (10, list(range(10, 100, 10)))])
def test_bins_are_as_many_as_asked_for(n_bins, edges):
    assert number_edges(np.arange(1.0, 101.0), n_bins).tolist() == edges


def test_the_other_series_begins_where_the_first_is_no_longer_exact():
    for x in (1.18, np.nextafter(1.18, 0), 0.041, 0.04, 0.0):
        assert kolmogorov_survival(x) == pytest.approx(special.kolmogorov(x), abs=1e-14)


def test_half_a_row_stands_for_an_empty_bin_of_either_sample_and_none_for_a_bin_of_neither():
    # e = (10/20, 0.5/20, 10/20), a = (0.5/40, 20/40, 20/40); the last bin is empty in both
    e, a = np.array([10, 0.5, 10]) / 20, np.array([0.5, 20, 20]) / 40
    expected = np.sum((a - e) * np.log(a / e))
    found = population_stability_index(np.array([10, 0, 10, 0]), np.array([0, 20, 20, 0]))
    assert found == pytest.approx(expected, rel=1e-12)
