"""Profiles of many values: in bounded memory, near the truth, and marked as what they are."""

import numpy as np
import pytest

from service.datasets.profile.number_sketch import SAMPLE_SIZE, NumberSketch


def sketch_of(values: np.ndarray, size: int = 10_000) -> dict:
    sketch = NumberSketch()
    for start in range(0, values.size, size):
        sketch.add(values[start : start + size])
    return sketch.statistics()


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
