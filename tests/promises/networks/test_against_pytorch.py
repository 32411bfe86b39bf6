"""Gradients, optimizers and schedules agree with PyTorch's, as stored by `make references`."""

from pathlib import Path

import numpy as np
import pytest

from models.network.activations import ACTIVATIONS
from models.network.network import Network
from models.training.backpropagation import Backpropagation
from models.training.batches import with_ones
from models.training.loop import Training
from models.training.losses import loss_function
from models.training.schedules import schedule_for
from tests.support.references import cases

REFERENCES = Path(cases.__file__).parent


@pytest.fixture(scope="module")
def pytorch() -> dict[str, np.ndarray]:
    with np.load(REFERENCES / "pytorch.npz") as stored:
        return dict(stored)


def loss_and_gradient(case: cases.GradientCase, network: Network) -> np.ndarray:
    x, y, weight = case.batch()
    loss, gradient, out = (
        loss_function(cases.LOSSES[case.loss][0]),
        np.zeros_like(network.parameters),
        np.zeros(y.T.shape),
    )
    targets = loss.targets(y)
    workspace = Backpropagation(network, loss, len(x), gradient, np.random.default_rng(0))
    workspace.run(with_ones(x, x.dtype).T, targets.T, weight.T, out)
    return np.concatenate([[np.mean(loss.values(out.T, targets) * weight[:, 0])], gradient])


@pytest.mark.parametrize("norm", cases.NORMS)
def test_every_gradient_is_pytorchs(norm, pytorch):
    for case in cases.gradient_cases():
        if case.norm == norm:
            ours = loss_and_gradient(case, case.network())
            assert ours == pytest.approx(pytorch[case.key], abs=1e-10, rel=0), case.key


@pytest.mark.parametrize("norm", cases.NORMS)
def test_every_gradient_is_what_finite_differences_give(norm):
    """Along five directions d: (L(θ + h d) − L(θ − h d)) / 2h = g · d, up to about h² and 1e-16/h."""
    for case in cases.gradient_cases():
        if case.norm == norm:
            network = case.network()
            gradient = loss_and_gradient(case, network)[1:]
            for seed in range(5):
                direction = cases.spread(gradient.shape, 20 + seed)
                slope = finite_difference(case, network, direction)
                assert gradient @ direction == pytest.approx(slope, abs=1e-7, rel=1e-7), case.key


def finite_difference(case: cases.GradientCase, network: Network, direction: np.ndarray) -> float:
    x, y, weight = case.batch()
    loss, out = loss_function(cases.LOSSES[case.loss][0]), np.zeros(y.T.shape)
    targets, start, h = loss.targets(y), network.parameters.copy(), 1e-6
    workspace = Backpropagation(network, loss, len(x), np.zeros_like(start), np.random.default_rng(0))

    def loss_at(distance: float) -> float:
        network.parameters[...] = start + distance * direction
        workspace.forward(with_ones(x, x.dtype).T, out)
        network.parameters[...] = start
        return float(np.mean(loss.values(out.T, targets) * weight[:, 0]))

    return (loss_at(h) - loss_at(-h)) / (2 * h)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_and_its_slope_are_pytorchs(name, pytorch):
    z = cases.activation_inputs()
    z = z[:45].reshape(9, 5) if name == "softmax" else z[:, None]
    a = ACTIVATIONS[name].forward(z, np.empty_like(z))
    grad = np.zeros_like(z)
    grad[:, 0] = 1
    ACTIVATIONS[name].backward(z, a, grad)
    stored = pytorch[f"activation/{name}"].reshape(2, *z.shape)
    assert a == pytest.approx(stored[0], rel=1e-12, abs=1e-12)
    assert grad == pytest.approx(stored[1], rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("name", ["binary cross-entropy", "cross-entropy", "hinge"])
def test_losses_far_out_are_pytorchs(name, pytorch):
    loss, z, y = loss_function(cases.LOSSES[name][0]), cases.extreme_logits(), cases.extreme_labels()
    slope = np.empty_like(z)
    loss.slope(z.T, y.T, slope.T)
    ours = np.concatenate([loss.values(z, y)[:, None], slope * loss.share(1, 2)], axis=1)
    assert ours == pytest.approx(pytorch[f"extreme/{name}"], rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("case", cases.training_cases(), ids=lambda case: case.name)
def test_a_hundred_steps_end_where_pytorchs_end(case, pytorch):
    network = Network(case.network, 4, 3)
    cases.training_start(network)
    x, y, weight = cases.training_data()
    Training(network, case.training, x, y, sample_weight=weight if case.weighted else None, seed=0).run()
    assert network.parameters == pytest.approx(pytorch[case.key], abs=1e-9, rel=0)


@pytest.mark.parametrize("name", cases.SCHEDULES)
def test_a_hundred_epochs_of_every_schedule_are_pytorchs(name, pytorch):
    schedule = schedule_for(cases.SCHEDULES[name], cases.BASE_RATE, cases.STEPS)
    rates = []
    for epoch, loss in enumerate(cases.plateau_losses()):
        rates.append(schedule.rate(epoch, 0, 1))
        schedule.on_epoch_end(loss)
    assert rates == pytest.approx(pytorch[f"schedule/{name}"], abs=1e-12, rel=0)
