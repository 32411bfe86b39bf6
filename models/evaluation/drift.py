"""How far two samples of one quantity are apart: population stability index and Kolmogorov-Smirnov."""

from dataclasses import dataclass

import numpy as np

from models.arrays import Array

# The 0.999 quantile of the standard normal distribution.
NORMAL_QUANTILE = 3.0902323061678132
MOST_TERMS = 100
# χ² describes bins of at least so many rows, within 1 or 2 of 1,000 (measured).
LARGE_BIN = 50
DRAWS, SEED = 2000, 7
LEAST_SKEWNESS = 0.1


def population_stability_index(expected: Array, actual: Array) -> float:
    """PSI = Σ (a − e) ln(a / e) over the shares a and e of each bin (Siddiqi 2006), from counts of shape (n_bins,).

    A bin that is empty in one of the samples counts as half a row there, so that the sum is finite.
    """
    return float(_terms(expected, actual, expected.sum(), actual.sum()).sum())


def _terms(expected: Array, actual: Array, n_expected: int, n_actual: int) -> Array:
    """(a − e) ln(a / e) of each bin, 0 where neither sample has anything; of the shape of the counts."""
    e, a = np.maximum(expected, 0.5) / n_expected, np.maximum(actual, 0.5) / n_actual
    terms: Array = np.where((expected > 0) | (actual > 0), (a - e) * np.log(a / e), 0.0)
    return terms


def psi_of_one_distribution(expected: Array, actual: Array) -> float:
    """The 0.999 quantile of the PSI of two samples of the same distribution, from counts of shape (n_bins,).

    Where every bin is large it is `psi_by_chance`. In small bins the logarithm makes large values likelier than χ² has
    them, and half rows make others rarer: there it is found from samples drawn with the shares of both together.
    """
    filled = (expected > 0) | (actual > 0)
    both = (expected + actual)[filled]
    if both.size < 2:
        return 0.0
    shares, sizes = both / both.sum(), (int(expected.sum()), int(actual.sum()))
    if shares.min() * min(sizes) >= LARGE_BIN:
        return psi_by_chance(*sizes, both.size)
    return _quantile_by_moments(_drawn_psi(shares, *sizes))


def psi_by_chance(n_expected: int, n_actual: int, n_bins: int) -> float:
    """The 0.999 quantile of the PSI of two large samples of the same distribution.

    It is distributed as (1/N + 1/M) χ² with n_bins − 1 degrees of freedom (Yurdakul and Naranjo 2020).
    """
    if n_bins < 2:
        return 0.0
    return (1 / n_expected + 1 / n_actual) * _chi_square_quantile(n_bins - 1)


def _chi_square_quantile(freedom: float) -> float:
    """The 0.999 quantile of χ² (Wilson and Hilferty 1931)."""
    spread = 2 / (9 * freedom)
    return float(freedom * (1 - spread + NORMAL_QUANTILE * spread**0.5) ** 3)


def _drawn_psi(shares: Array, n_expected: int, n_actual: int) -> Array:
    """The PSI of pairs of samples drawn with the same shares, of shape (DRAWS,)."""
    rng = np.random.default_rng(SEED)
    expected, actual = rng.multinomial(n_expected, shares, DRAWS), rng.multinomial(n_actual, shares, DRAWS)
    return np.asarray(_terms(expected, actual, n_expected, n_actual).sum(axis=1))


def _quantile_by_moments(values: Array) -> float:
    """The 0.999 quantile of the shifted and scaled χ² with the mean, deviation and skewness of these values.

    (Pearson's type III.) It is far less noisy than the quantile of the values themselves.
    """
    mean, deviation = values.mean(), values.std()
    skewness = max(float((((values - mean) / deviation) ** 3).mean()), LEAST_SKEWNESS)
    freedom = 8 / skewness**2
    return float(mean + deviation * (_chi_square_quantile(freedom) - freedom) / (2 * freedom) ** 0.5)


@dataclass(frozen=True, slots=True)
class KolmogorovSmirnov:
    """D, and the probability that two samples of the same distribution are at least as far apart."""

    statistic: float
    p_value: float


def kolmogorov_smirnov(first: Array, second: Array) -> KolmogorovSmirnov:
    """D = sup |F(x) − G(x)| of the two samples' distribution functions, for values of shape (n,) and (m,).

    p = Q((√k + 0.12 + 0.11/√k) D) with k = n m / (n + m) (Stephens 1970; Press et al. 2007, section 14.3).
    """
    first, second = np.sort(first), np.sort(second)
    places = np.concatenate([first, second])
    difference = np.searchsorted(first, places, "right") / first.size - np.searchsorted(second, places, "right") / (
        second.size
    )
    statistic = float(np.abs(difference).max())
    root = (first.size * second.size / (first.size + second.size)) ** 0.5
    return KolmogorovSmirnov(statistic, kolmogorov_survival((root + 0.12 + 0.11 / root) * statistic))


def kolmogorov_survival(x: float) -> float:
    """Q(x) = 2 Σ (−1)^(j−1) exp(−2 j² x²); for small x by its other series (Press et al. 2007, section 6.14)."""
    if x <= 0.04:  # 1 − Q is below 10⁻³⁰⁰
        return 1.0
    j = np.arange(1, MOST_TERMS + 1)
    if x < 1.18:
        below = (2 * np.pi) ** 0.5 / x * np.exp(-((2 * j - 1) ** 2) * np.pi**2 / (8 * x * x)).sum()
        return float(1 - below)
    return float(2 * np.sum((-1.0) ** (j - 1) * np.exp(-2 * (j * x) ** 2)))


def number_edges(sample: Array, n_bins: int = 10) -> Array:
    """Upper ends of bins that each hold about the same share of the sample; the last bin is open.

    A frequent value has a bin of its own, so that constants and whole numbers keep their own counts.
    """
    shares = np.arange(1, n_bins) / n_bins
    edges = np.unique(np.quantile(sample, shares, method="inverted_cdf"))
    if edges[0] == sample.min():
        edges = np.insert(edges, 0, np.nextafter(edges[0], -np.inf))
    return edges


def count_numbers(values: Array, edges: Array) -> Array:
    """How many values are in each bin, of shape (n_edges + 1,)."""
    return np.bincount(np.searchsorted(edges, values, "left"), minlength=edges.size + 1)
