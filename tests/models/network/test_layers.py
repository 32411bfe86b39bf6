"""Layers of a trained network by hand calculation."""

import numpy as np
import pytest

from models.network.layers import BatchNorm, Dropout, LayerNorm, WorkspaceSetting


def test_layer_norm_scales_and_shifts_each_row():
    layer = LayerNorm("norm", np.array([1.0, 2.0]), np.array([10.0, 20.0]))
    # mean 3 and variance 1 of the row, so x̂ = (−1, 1) but for the epsilon
    assert layer.forward(np.array([[2.0, 4.0]])).tolist() == [pytest.approx([9.0, 22.0], abs=1e-4)]


def test_batch_norm_scales_and_shifts_by_its_running_mean_and_variance():
    layer = BatchNorm("norm", np.array([3.0]), np.array([1.0]), np.array([2.0]), np.array([4.0]))
    # (6 − 2) / √4 · 3 + 1
    assert layer.forward(np.array([[6.0]])).tolist() == [pytest.approx([7.0], abs=1e-4)]


def workspace_of(layer, x, gradients=None):
    """The layer's workspace for rows of x, which is transposed in it."""
    setting = WorkspaceSetting(len(x), gradients or {}, np.dtype(float), np.random.default_rng(0))
    signal = setting.signal(x.shape[1])
    signal.values[...] = x.T
    return layer.workspace(setting, signal)


def batch_norm(mean=2.0, variance=4.0):
    return BatchNorm("norm", np.array([3.0]), np.array([1.0]), np.array([mean]), np.array([variance]))


def gradients():
    return {"norm.scale": np.zeros(1), "norm.shift": np.zeros(1)}


def test_in_training_batch_norm_uses_the_batch_and_updates_its_running_statistics():
    layer = batch_norm()
    workspace = workspace_of(layer, np.array([[1.0], [5.0]]), gradients())
    workspace.forward()
    # mean 3 and variance 4 of the batch, so x̂ = (−1, 1); the unbiased variance is 8
    assert workspace.y.values[0].tolist() == pytest.approx([-2.0, 4.0], abs=1e-4)
    assert layer.mean.tolist() == pytest.approx([0.9 * 2 + 0.1 * 3])
    assert layer.variance.tolist() == pytest.approx([0.9 * 4 + 0.1 * 8])


def test_a_batch_of_one_row_is_normed_by_the_running_statistics_and_leaves_them():
    layer, written = batch_norm(), gradients()
    workspace = workspace_of(layer, np.array([[6.0]]), written)
    workspace.forward()
    assert workspace.y.values[0].tolist() == pytest.approx([7.0], abs=1e-4)
    assert (layer.mean.tolist(), layer.variance.tolist()) == ([2.0], [4.0])
    # the statistics do not depend on the row, so dL/dx = dL/dy · 3 / 2
    assert workspace.backward(np.array([[5.0]]))[0].tolist() == pytest.approx([7.5], abs=1e-4)
    assert (written["norm.scale"].tolist(), written["norm.shift"].tolist()) == (pytest.approx([10.0], abs=1e-4), [5.0])


def test_dropout_does_nothing_to_a_trained_network():
    x = np.array([[1.0, 2.0]])
    assert Dropout(0.5, 2).forward(x) is x


def test_dropout_forgets_and_its_gradient_with_it():
    workspace = workspace_of(Dropout(0.25, 100), np.ones((50, 100)))
    workspace.forward()
    y = workspace.y.values.copy()
    assert set(np.unique(y)) == {0.0, 1 / 0.75}
    assert np.mean(y == 0) == pytest.approx(0.25, abs=0.03)
    np.testing.assert_array_equal(workspace.backward(np.ones((100, 50))), y)
