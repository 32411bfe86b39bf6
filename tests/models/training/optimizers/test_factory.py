"""Three steps of every optimizer against the update rule of its paper, written out in plain NumPy."""

import numpy as np
import pytest

from models.specification import Adagrad, Adam, AdamW, Lion, Nadam, RmsProp, Sgd
from models.training.optimizers import optimizer_for

START = np.array([1.0, -2.0, 0.5])
GRADIENTS = np.array([[0.3, -1.0, 2.0], [0.1, 0.4, -1.0], [-0.2, 0.3, 0.05]])
RATE = 0.1


def sgd(theta, momentum=0.0, nesterov=False):
    v = np.zeros(3)
    for g in GRADIENTS:
        v = momentum * v + g
        theta = theta - RATE * (g + momentum * v if nesterov else v)
    return theta


def rmsprop(theta, decay=0.9, momentum=0.0, epsilon=1e-3):
    v, u = np.zeros(3), np.zeros(3)
    for g in GRADIENTS:
        v = decay * v + (1 - decay) * g**2
        u = momentum * u + g / (np.sqrt(v) + epsilon)
        theta = theta - RATE * u
    return theta


def adagrad(theta, epsilon=1e-3):
    s = np.zeros(3)
    for g in GRADIENTS:
        s = s + g**2
        theta = theta - RATE * g / (np.sqrt(s) + epsilon)
    return theta


def adam(theta, beta1=0.8, beta2=0.9, epsilon=1e-3, weight_decay=0.0):
    m, v = np.zeros(3), np.zeros(3)
    for t, g in enumerate(GRADIENTS, start=1):
        theta = theta * (1 - RATE * weight_decay)
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        theta = theta - RATE * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + epsilon)
    return theta


def nadam(theta, beta1=0.8, beta2=0.9, epsilon=1e-3, momentum_decay=0.5):
    m, v, product = np.zeros(3), np.zeros(3), 1.0

    def mu(t):
        return beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))

    for t, g in enumerate(GRADIENTS, start=1):
        product *= mu(t)
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        ahead = (1 - mu(t)) / (1 - product) * g + mu(t + 1) / (1 - product * mu(t + 1)) * m
        theta = theta - RATE * ahead / (np.sqrt(v / (1 - beta2**t)) + epsilon)
    return theta


def lion(theta, beta1=0.8, beta2=0.9, weight_decay=0.0):
    m = np.zeros(3)
    for g in GRADIENTS:
        theta = theta - RATE * (np.sign(beta1 * m + (1 - beta1) * g) + weight_decay * theta)
        m = beta2 * m + (1 - beta2) * g
    return theta


MOMENTS = {"beta1": 0.8, "beta2": 0.9, "epsilon": 1e-3}
CASES = {
    "sgd": (Sgd(), sgd, {}),
    "momentum": (Sgd(momentum=0.7), sgd, {"momentum": 0.7}),
    "nesterov": (Sgd(momentum=0.7, nesterov=True), sgd, {"momentum": 0.7, "nesterov": True}),
    "rmsprop": (RmsProp(decay=0.9, epsilon=1e-3), rmsprop, {}),
    "rmsprop with momentum": (RmsProp(decay=0.9, momentum=0.7, epsilon=1e-3), rmsprop, {"momentum": 0.7}),
    "adagrad": (Adagrad(epsilon=1e-3), adagrad, {}),
    "adam": (Adam(**MOMENTS), adam, {}),
    "adamw": (AdamW(**MOMENTS, weight_decay=0.5), adam, {"weight_decay": 0.5}),
    "nadam": (Nadam(**MOMENTS, momentum_decay=0.5), nadam, {}),
    "lion": (Lion(beta1=0.8, beta2=0.9), lion, {}),
    "lion with decay": (Lion(beta1=0.8, beta2=0.9, weight_decay=0.5), lion, {"weight_decay": 0.5}),
}


@pytest.mark.parametrize("case", CASES)
def test_steps_follow_the_rule_of_the_paper(case):
    choice, rule, choices = CASES[case]
    parameters = START.copy()
    optimizer = optimizer_for(choice, parameters)
    for gradient in GRADIENTS:
        optimizer.gradient[...] = gradient
        optimizer.update(RATE)
    np.testing.assert_allclose(parameters, rule(START, **choices), rtol=1e-12)


@pytest.mark.parametrize("size", [(1 << 15) - 1, 1 << 15, (1 << 15) + 1])
def test_many_parameters_are_all_updated(size):
    parameters = np.ones(size)
    optimizer = optimizer_for(Adam(), parameters)
    optimizer.gradient[...] = 1.0
    optimizer.update(RATE)
    np.testing.assert_allclose(parameters, 1 - RATE, rtol=1e-6)  # the first step is η in the gradient's direction


@pytest.mark.parametrize("case", CASES)
def test_a_restored_optimizer_takes_the_same_steps(case):
    def steps(optimizer, gradients):
        for gradient in gradients:
            optimizer.gradient[...] = gradient
            optimizer.update(RATE)

    whole, rough = START.copy(), START.copy()
    steps(optimizer_for(CASES[case][0], whole), GRADIENTS)
    first = optimizer_for(CASES[case][0], rough)
    steps(first, GRADIENTS[:1])
    second = optimizer_for(CASES[case][0], rough)
    for name, array in second.arrays.items():
        array[...] = first.arrays[name]
    second.numbers.update(first.numbers)
    steps(second, GRADIENTS[1:])
    assert rough.tobytes() == whole.tobytes()
