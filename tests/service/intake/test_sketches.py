"""Profiles of many values: in bounded memory, near the truth, and marked as what they are."""

from collections import Counter

import numpy as np
import pytest

from service.datasets.profile.number_sketch import SAMPLE_SIZE, NumberSketch
from service.datasets.profile.value_sketches import MOST_HASHES, MOST_VALUES, DistinctSketch, TopSketch


def sketch_of(values: np.ndarray, size: int = 10_000) -> dict:
    sketch = NumberSketch()
    for start in range(0, values.size, size):
        sketch.add(values[start : start + size])
    return sketch.figures()


def test_mean_and_deviation_of_blocks_are_those_of_the_whole():
    values = np.random.default_rng(1).normal(1e6, 1e-3, 50_000)
    figures = sketch_of(values, 777)
    assert figures["mean"] == pytest.approx(values.mean(), rel=1e-14)
    assert figures["standard_deviation"] == pytest.approx(values.std(ddof=1), rel=1e-6)
    assert (figures["minimum"], figures["maximum"]) == (values.min(), values.max())


def test_quantiles_of_many_values_are_near_and_said_to_be_approximate():
    values = np.random.default_rng(2).exponential(3, 40 * SAMPLE_SIZE)
    figures = sketch_of(np.sort(values), 100_000)
    assert figures["approximate"] == ["quantiles", "histogram"]
    for share, value in figures["quantiles"].items():
        assert np.mean(values <= value) == pytest.approx(float(share), abs=0.01)
    assert sum(figures["histogram"]["counts"]) == pytest.approx(values.size, rel=0.001)


def test_a_single_value_and_none_have_figures_too():
    assert sketch_of(np.array([])) == {}
    figures = sketch_of(np.array([2.5]))
    assert (figures["mean"], figures["standard_deviation"], figures["quantiles"]["0.5"]) == (2.5, 0.0, 2.5)


@pytest.mark.parametrize("values", [[1e308, -1e308], [1.7e308] * 3, [5e-324, 0.0]])
def test_extreme_numbers_give_json_numbers_or_nothing(values):
    for figure in sketch_of(np.array(values)).values():
        assert figure is None or isinstance(figure, dict | list) or np.isfinite(figure)


def test_few_distinct_values_are_counted_exactly_and_many_within_their_error():
    sketch = DistinctSketch()
    sketch.add_numbers(np.array([1.0, 2.0, 0.0, -0.0, 1.0]))
    assert (sketch.count(), sketch.is_exact) == (3, True)
    numbers = np.random.default_rng(3).permutation(300_000).astype(np.float64)
    for start in range(0, numbers.size, 7_000):
        sketch.add_numbers(numbers[start : start + 7_000])
        sketch.add_numbers(numbers[start : start + 7_000])
    assert not sketch.is_exact
    assert sketch.count() == pytest.approx(300_000, rel=5 / MOST_HASHES**0.5)


def test_texts_are_counted_alike():
    sketch = DistinctSketch()
    sketch.add_texts(f"user-{index}" for index in range(100_000))
    assert sketch.count() == pytest.approx(100_000, rel=5 / MOST_HASHES**0.5)


def test_the_commonest_values_stay_among_many_rare_ones():
    sketch = TopSketch()
    for block in range(30):
        sketch.add(Counter({"often": 50, "sometimes": 20} | {f"{block}-{index}": 1 for index in range(2_000)}))
    assert not sketch.is_exact
    assert sketch.top()[:2] == [{"value": "often", "count": 1500}, {"value": "sometimes", "count": 600}]
    assert len(sketch._counts) <= MOST_VALUES
