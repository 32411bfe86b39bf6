"""The moving average by hand: the first update sets it, the others mix it with the parameters."""

import numpy as np

from models.training.weight_averaging import WeightAverage


def test_the_first_update_sets_the_average_and_the_next_ones_mix_it():
    parameters = np.array([5.0])
    average = WeightAverage(0.75, parameters)
    for value in (1.0, 3.0, 7.0):
        parameters[...] = value
        average.update()
    # 0.75 · (0.75 · 1 + 0.25 · 3) + 0.25 · 7
    assert average.arrays["average"].tolist() == [0.75 * (0.75 * 1 + 0.25 * 3) + 0.25 * 7]
    assert average.numbers == {"steps": 3}


def test_a_swap_is_undone_by_another_and_keep_is_for_good():
    parameters = np.array([1.0])
    average = WeightAverage(0.5, parameters)
    average.update()
    parameters[...] = 9.0
    average.swap()
    assert (parameters.tolist(), average.arrays["average"].tolist()) == ([1.0], [9.0])
    average.swap()
    assert (parameters.tolist(), average.arrays["average"].tolist()) == ([9.0], [1.0])
    average.keep()
    assert (parameters.tolist(), average.arrays["average"].tolist()) == ([1.0], [1.0])
