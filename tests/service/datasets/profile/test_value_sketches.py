"""Distinct and commonest values of long columns: in bounded memory, near the truth, and marked as what they are."""

from collections import Counter

import numpy as np
import pytest

from service.datasets.profile.value_sketches import MOST_HASHES, MOST_VALUES, DistinctSketch, TopSketch


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


def test_as_many_distinct_values_as_are_kept_are_counted_exactly_and_one_more_is_an_estimate():
    sketch = DistinctSketch()
    sketch.add_numbers(np.arange(4096.0))
    assert (sketch.count(), sketch.is_exact) == (4096, True)
    sketch.add_numbers(np.arange(4096.0, 4196.0))
    assert not sketch.is_exact


def test_as_many_values_as_are_kept_have_exact_counts():
    sketch = TopSketch()
    sketch.add({f"value-{index}": 1 for index in range(10_000)})
    assert sketch.is_exact
    sketch.add({"one more": 1})
    assert not sketch.is_exact


def test_the_ten_commonest_values_are_listed_and_equal_ones_by_their_text():
    sketch = TopSketch()
    sketch.add(dict.fromkeys("lkjihgfedcba", 2) | {"z": 3})
    assert [entry["value"] for entry in sketch.top()] == list("zabcdefghi")


def test_long_values_are_cut_at_a_hundred_characters():
    sketch = TopSketch()
    sketch.add({"x" * 99 + "yz": 1})
    assert sketch.top() == [{"value": "x" * 99 + "y", "count": 1}]
