"""Losses by hand calculation."""

import numpy as np
import pytest

from models.training.losses.classification import BinaryCrossEntropy, CrossEntropy


def test_smoothing_moves_a_label_towards_the_even_share():
    y = np.array([[1.0, 0.0]])
    assert BinaryCrossEntropy(0.2).targets(y).tolist() == [pytest.approx([0.9, 0.1])]
    three = np.array([[1.0, 0.0, 0.0]])
    assert CrossEntropy(0.3).targets(three).tolist() == [pytest.approx([0.8, 0.1, 0.1])]
