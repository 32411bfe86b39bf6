"""Layers of a trained network by hand calculation."""

import numpy as np
import pytest

from models.network.layers import BatchNorm, LayerNorm


def test_layer_norm_scales_and_shifts_each_row():
    layer = LayerNorm("norm", np.array([1.0, 2.0]), np.array([10.0, 20.0]))
    # mean 3 and variance 1 of the row, so x̂ = (−1, 1) but for the epsilon
    assert layer.forward(np.array([[2.0, 4.0]])).tolist() == [pytest.approx([9.0, 22.0], abs=1e-4)]


def test_batch_norm_scales_and_shifts_by_its_running_mean_and_variance():
    layer = BatchNorm("norm", np.array([3.0]), np.array([1.0]), np.array([2.0]), np.array([4.0]))
    # (6 − 2) / √4 · 3 + 1
    assert layer.forward(np.array([[6.0]])).tolist() == [pytest.approx([7.0], abs=1e-4)]
