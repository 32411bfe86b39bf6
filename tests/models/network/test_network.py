"""What holds for every network, whatever its layers: shapes, rows, batches, and what its parts are known for."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.network.activations import ACTIVATIONS
from models.network.initializers import initial_bias, initial_weight
from models.network.network import Network
from models.preparation.defaults import choose_threads
from models.specification import ACTIVATION_NAMES, INIT_NAMES, Mse, NetworkSpecification
from models.training.backpropagation import Backpropagation
from models.training.batches import Batches, Rows, with_ones
from models.training.losses import default_loss, loss_function

specifications = st.builds(
    NetworkSpecification,
    hidden=st.lists(st.integers(1, 5), max_size=3).map(tuple),
    activation=st.sampled_from(ACTIVATION_NAMES),
    output=st.sampled_from(["linear", "sigmoid", "softmax"]),
    layer_norm=st.booleans(),
    dtype=st.just("float64"),
)
sizes = st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(2, 9))
ROUNDING = 1e-8
"""A layer norm of values that are nearly equal makes a last bit 1/√1e-5 times larger, three layers 3e7 times."""
brief = settings(max_examples=60, deadline=None)


def network_and_rows(specification: NetworkSpecification, size: tuple[int, int, int]) -> tuple[Network, np.ndarray]:
    n_inputs, n_outputs, n_rows = size
    rng = np.random.default_rng(0)
    return Network.create(specification, n_inputs, n_outputs, rng), rng.standard_normal((n_rows, n_inputs))


@given(specifications, sizes)
@brief
def test_outputs_have_a_row_for_each_row_and_activations_a_width_for_each_layer(specification, size):
    network, x = network_and_rows(specification, size)
    layers = network.activations(x)
    assert [layer.shape for layer in layers] == [(size[2], width) for width in (*specification.hidden, size[1])]
    assert np.array_equal(layers[-1], network.forward(x))
    assert np.all(np.isfinite(layers[-1]))


@given(specifications, sizes, st.randoms(use_true_random=False))
@brief
def test_permuted_rows_give_permuted_outputs(specification, size, random):
    network, x = network_and_rows(specification, size)
    order = random.sample(range(size[2]), size[2])
    assert network.forward(x[order]) == pytest.approx(network.forward(x)[order], abs=ROUNDING)


@given(specifications, sizes, st.integers(1, 8))
@brief
def test_a_batch_in_two_parts_gives_the_same_outputs(specification, size, cut):
    network, x = network_and_rows(specification, size)
    cut = min(cut, size[2] - 1)
    parts = np.concatenate([network.forward(x[:cut]), network.forward(x[cut:])])
    assert parts == pytest.approx(network.forward(x), abs=ROUNDING)


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_inputs", [1, 128, 129])
def test_a_row_alone_has_the_outputs_that_it_has_among_many_others(n_inputs, dtype, batch_norm):
    specification = NetworkSpecification(hidden=(8, 5), output="softmax", batch_norm=batch_norm, dtype=dtype)
    rng = np.random.default_rng(0)
    network, x = Network.create(specification, n_inputs, 3, rng), rng.standard_normal((5000, n_inputs))
    alone = np.concatenate([network.forward(x[k : k + 1]) for k in range(0, 5000, 250)])
    assert network.forward(x)[::250] == pytest.approx(alone, abs=1e-6 if dtype == "float32" else 1e-12)
    assert network.logits(x).shape == network.forward(x).shape == (5000, 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(1, 4), (16, 4096), (2, 4097), (5000, 3)])
def test_relu_is_zero_below_zero_and_the_number_itself_above_whatever_the_shape(shape, dtype):
    z = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    a = ACTIVATIONS["relu"].forward(z, np.empty_like(z))
    assert a.dtype == dtype
    assert np.array_equal(a, np.where(z > 0, z, 0))


@given(specifications, sizes, st.integers(1, 8))
@brief
def test_the_gradient_of_a_batch_is_the_mean_of_the_gradients_of_its_parts(specification, size, cut):
    network, x = network_and_rows(specification, size)
    y = np.eye(size[1])[np.arange(size[2]) % size[1]]
    cut = min(cut, size[2] - 1)
    first, second = gradient(network, x[:cut], y[:cut]), gradient(network, x[cut:], y[cut:])
    whole = gradient(network, x, y)
    largest = max(1, *(np.abs(one).max() for one in (first, second)))
    assert (cut * first + (size[2] - cut) * second) / size[2] == pytest.approx(whole, abs=ROUNDING * largest)


def gradient(network: Network, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    loss, flat = loss_function(default_loss(network.output_name)), np.zeros_like(network.parameters)
    workspace = Backpropagation(network, loss, len(x), flat, np.random.default_rng(0))
    workspace.run(with_ones(x, x.dtype).T, np.ascontiguousarray(y.T), None, np.zeros(y.T.shape))
    return flat


@given(sizes, st.floats(0.01, 100))
@brief
def test_scaling_the_weights_of_a_relu_network_scales_its_output_once_for_each_layer(size, factor):
    network, x = network_and_rows(NetworkSpecification(hidden=(4, 3), dtype="float64"), size)
    before = network.forward(x)
    network.parameters *= factor  # the biases are 0
    assert network.forward(x) == pytest.approx(before * factor**3, rel=1e-10, abs=1e-12)


@given(st.integers(1, 40), st.integers(1, 50), st.booleans(), st.booleans())
@brief
def test_batches_hold_every_row_once_in_the_order_asked_for(n_rows, batch_size, shuffled, weighted):
    x = np.arange(n_rows, dtype=float)[:, None]
    rows = Rows(with_ones(x, x.dtype), np.r_[x.T, -x.T], 2 * x.T if weighted else None)
    order = np.random.default_rng(0).permutation(n_rows) if shuffled else None
    batches = Batches(rows, batch_size)
    for _ in range(2):
        met = [batch for block in batches.blocks(order) for batch in block.batches]
        assert len(met) == batches.n_batches == math.ceil(n_rows / batch_size)
        seen = np.concatenate([batch.x[0] for batch in met])
        assert seen.tolist() == (np.arange(n_rows) if order is None else order).tolist()
        assert np.concatenate([batch.y[1] for batch in met]).tolist() == (-seen).tolist()
        assert not weighted or np.concatenate([batch.weight[0] for batch in met]).tolist() == (2 * seen).tolist()


def test_a_block_sums_the_losses_of_outputs_that_its_batches_wrote():
    x, y = np.zeros((7, 1)), np.arange(14.0).reshape(7, 2)
    block = next(Batches(Rows(with_ones(x, x.dtype), y.T, None), 3).blocks(None))
    for batch in block.batches:
        batch.out[...] = batch.y + 2
    assert block.loss_sum(loss_function(Mse())) == 7 * 4


def test_tensors_are_views_of_the_flat_vector_in_the_order_of_their_names():
    network = Network(NetworkSpecification(hidden=(3,), batch_norm=True), 2, 1)
    network.parameters[...] = np.arange(network.parameters.size)
    shapes = {name: tensor.shape for name, tensor in network.tensors.items()}
    assert shapes == {
        "hidden.0.weight": (2, 3),
        "hidden.0.bias": (3,),
        "hidden.0.norm.scale": (3,),
        "hidden.0.norm.shift": (3,),
        "output.weight": (3, 1),
        "output.bias": (1,),
    }
    assert np.concatenate([one.ravel() for one in network.tensors.values()]).tolist() == list(range(19))
    assert list(network.buffers) == ["hidden.0.norm.mean", "hidden.0.norm.variance"]


@pytest.mark.parametrize(
    ("init", "variance"),
    [
        ("glorot_uniform", 2 / 500),
        ("glorot_normal", 2 / 500),
        ("he_uniform", 2 / 300),
        ("he_normal", 2 / 300),
        ("lecun_uniform", 1 / 300),
        ("lecun_normal", 1 / 300),
        ("uniform", 1 / 900),
        ("normal", 1.0),
        ("zeros", 0.0),
    ],
)
def test_first_weights_have_the_mean_and_variance_of_their_rule(init, variance):
    """The variance of 60,000 values is known to 0.6 % (normal) and better; four of those are allowed."""
    weight = initial_weight(init, 300, 200, np.random.default_rng(1))
    assert weight.shape == (300, 200)
    assert abs(weight.mean()) <= 4 * math.sqrt(variance / weight.size)
    assert weight.var() == pytest.approx(variance, rel=0.025)
    assert np.any(initial_bias(init, 5, np.random.default_rng(1))) == (init == "normal")


def test_every_name_of_an_init_has_a_rule():
    for init in INIT_NAMES:
        network = Network.create(NetworkSpecification(init=init, hidden=(2,)), 3, 1, np.random.default_rng(0))
        assert np.any(network.tensors["output.weight"]) == (init != "zeros")


def test_batch_norm_predicts_by_its_running_figures():
    network = Network.create(
        NetworkSpecification(hidden=(2,), activation="linear", batch_norm=True, dtype="float64"),
        2,
        1,
        np.random.default_rng(0),
    )
    network.layer_views(network.parameters)["hidden.0"][...] = [[1, 0], [0, 1], [0, 0]]
    network.buffers["hidden.0.norm.mean"][...] = [1.0, 2.0]
    network.buffers["hidden.0.norm.variance"][...] = [4.0 - 1e-5, 9.0 - 1e-5]
    assert network.activations(np.array([[3.0, 8.0]]))[0] == pytest.approx(np.array([[1.0, 2.0]]), abs=1e-14)


def test_dropout_keeps_the_mean_while_training_and_is_left_out_afterwards():
    specification = NetworkSpecification(hidden=(1,), activation="linear", dropout=0.3, dtype="float64")
    network = Network.create(specification, 1, 1, np.random.default_rng(0))
    network.layer_views(network.parameters)["hidden.0"][...] = [[1.0], [0.0]]
    network.layer_views(network.parameters)["output"][...] = [[1.0], [0.0]]
    x, out = np.ones((40_000, 1)), np.zeros((1, 40_000))
    workspace = Backpropagation(
        network, loss_function(Mse()), 40_000, np.zeros_like(network.parameters), np.random.default_rng(0)
    )
    workspace.forward(with_ones(x, x.dtype).T, out)
    assert np.unique(out) == pytest.approx([0.0, 1 / 0.7], abs=1e-12)
    assert out.mean() == pytest.approx(1.0, abs=4 * math.sqrt(0.3 / 0.7 / 40_000))
    assert np.all(network.forward(x) == 1.0)


def test_a_forward_pass_warns_of_nothing_far_out():
    for activation in ACTIVATION_NAMES:
        specification = NetworkSpecification(hidden=(3,), activation=activation, output="sigmoid")
        network = Network.create(specification, 1, 1, np.random.default_rng(0))
        assert np.all(np.isfinite(network.forward(np.array([[-1e6], [1e6]]))))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n_classes", [1, 2, 3, 7, 8, 12])
def test_softmax_of_many_rows_has_the_bits_that_it_has_of_each(n_classes, dtype):
    softmax = ACTIVATIONS["softmax"]
    z = np.random.default_rng(3).normal(0, 30, (200, n_classes)).astype(dtype)
    together = softmax.forward(z, np.empty_like(z))
    alone = [softmax.forward(row, np.empty_like(row)) for row in z[:, np.newaxis]]
    assert together.tobytes() == b"".join(row.tobytes() for row in alone)


def test_threads_are_chosen_by_size():
    wide = NetworkSpecification(hidden=(512, 512))
    assert choose_threads(NetworkSpecification(hidden=(16,)), 4, 3, 32, available=8) == 1
    assert choose_threads(wide, 784, 10, 1024, available=2) == 2
    assert choose_threads(replace(wide, hidden=()), 784, 10, 16, available=8) == 1
