"""The same training by this library and by its peers: seconds for one update, and the mean loss of the last epoch."""

import warnings
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from _training_cases import SEED, Case

from models.training.loop import Training
from models.training.optimizers import optimizer_for

Measurement = tuple[float, float]


def ours(case: Case, dtype: str, clock: Callable[[], float]) -> Measurement:
    x, y = case.data()
    training = Training(case.network(dtype), case.training(), x, np.eye(case.outputs)[y], seed=SEED)
    started = clock()
    result = training.run()
    return (clock() - started) / case.steps, result.curve[-1].loss


def naive(case: Case, dtype: str, clock: Callable[[], float]) -> Measurement:
    """NumPy as a tutorial would write it: a list of matrices, new arrays at each step, an optimizer for each tensor."""
    return _plain_numpy(case, dtype, clock, flat=False)


def flat(case: Case, dtype: str, clock: Callable[[], float]) -> Measurement:
    """The naive gradient, gathered into one flat vector for this library's optimizer."""
    return _plain_numpy(case, dtype, clock, flat=True)


def _plain_numpy(case: Case, dtype: str, clock: Callable[[], float], flat: bool) -> Measurement:
    network = case.network(dtype)
    x, y = case.data()
    x, labels = x.astype(dtype), np.eye(case.outputs, dtype=dtype)[y]
    tensors = [network.tensors[f"{name}.{part}"] for name in network.dense_names for part in ("weight", "bias")]
    together = optimizer_for(case.optimizer, network.parameters)
    states = [[np.zeros_like(tensor), np.zeros_like(tensor)] for tensor in tensors]
    started, step, total = clock(), 0, 0.0
    for order in case.orders():
        total = 0.0
        for first in range(0, case.rows, case.batch_size):
            rows, step = order[first : first + case.batch_size], step + 1
            gradients, loss = _gradients(tensors, x[rows], labels[rows])
            total += loss * len(rows)
            if flat:
                together.gradient[...] = np.concatenate([gradient.ravel() for gradient in gradients])
                together.update(case.optimizer.learning_rate)
            else:
                for tensor, gradient, state in zip(tensors, gradients, states, strict=True):
                    _step(case, tensor, gradient, state, step)
    return (clock() - started) / case.steps, total / case.rows


def _gradients(tensors: list[np.ndarray], x: np.ndarray, labels: np.ndarray) -> tuple[list[np.ndarray], float]:
    weights, biases = tensors[::2], tensors[1::2]
    activations = [x]
    for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
        activations.append(np.maximum(activations[-1] @ weight + bias, 0))
    z = activations[-1] @ weights[-1] + biases[-1]
    z = z - z.max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    grad, gradients = (p - labels) / len(x), []
    for weight, a in zip(weights[::-1], activations[::-1], strict=True):
        gradients += [grad.sum(axis=0), a.T @ grad]
        grad = (grad @ weight.T) * (a > 0)
    return gradients[::-1], float(-np.mean(np.log((p * labels).sum(axis=1))))


def _step(case: Case, tensor: np.ndarray, gradient: np.ndarray, state: list[np.ndarray], t: int) -> None:
    rate = case.optimizer.learning_rate
    if case.optimizer.name == "sgd":
        state[0] = 0.9 * state[0] + gradient
        tensor -= rate * state[0]
        return
    state[0] = 0.9 * state[0] + 0.1 * gradient
    state[1] = 0.999 * state[1] + 0.001 * gradient**2
    tensor -= rate * (state[0] / (1 - 0.9**t)) / (np.sqrt(state[1] / (1 - 0.999**t)) + 1e-8)


def scikit_learn(case: Case, dtype: str, clock: Callable[[], float]) -> Measurement:
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore")
    x, y = case.data()
    sgd = {"solver": "sgd", "momentum": 0.9, "nesterovs_momentum": False} if case.optimizer.name == "sgd" else {}
    classifier = MLPClassifier(
        case.hidden,
        batch_size=case.batch_size,
        max_iter=case.epochs,
        learning_rate_init=case.optimizer.learning_rate,
        alpha=0.0,
        tol=0.0,
        n_iter_no_change=case.epochs + 1,
        random_state=SEED,
        **sgd,
    )
    x = x.astype(dtype)
    started = clock()
    classifier.fit(x, y)
    return (clock() - started) / case.steps, float(classifier.loss_curve_[-1])


def torch_eager(case: Case, dtype: str, clock: Callable[[], float]) -> Measurement:
    return _torch(case, dtype, clock, {})


def torch_fused(case: Case, dtype: str, clock: Callable[[], float]) -> Measurement:
    return _torch(case, dtype, clock, {"fused": True})


def torch_compiled(case: Case, dtype: str, clock: Callable[[], float]) -> Measurement:
    return _torch(case, dtype, clock, {"fused": True}, compiled=True)


def _torch(
    case: Case, dtype: str, clock: Callable[[], float], options: dict[str, bool], compiled: bool = False
) -> Measurement:
    import torch
    from torch import nn

    kind, network = getattr(torch, dtype), case.network(dtype)
    layers: list[nn.Module] = []
    for name in network.dense_names:
        weight, bias = network.tensors[f"{name}.weight"], network.tensors[f"{name}.bias"]
        dense = nn.Linear(*weight.shape, dtype=kind)
        dense.weight.data, dense.bias.data = torch.tensor(weight.T.copy()), torch.tensor(bias.copy())
        layers += [dense, nn.ReLU()]
    peer = nn.Sequential(*layers[:-1])
    choice = case.optimizer
    if choice.name == "sgd":
        optimizer: torch.optim.Optimizer = torch.optim.SGD(
            peer.parameters(), choice.learning_rate, choice.momentum, **options
        )
    else:
        optimizer = torch.optim.Adam(peer.parameters(), choice.learning_rate, **options)
    x, y = case.data()
    x_all, y_all = torch.tensor(x, dtype=kind), torch.tensor(y)

    def loss_of(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        return nn.functional.cross_entropy(peer(x), y)

    objective = torch.compile(loss_of) if compiled else loss_of
    for first in (0, case.rows // case.batch_size * case.batch_size):  # both batch sizes compiled before the clock runs
        objective(x_all[first : first + case.batch_size], y_all[first : first + case.batch_size]).backward()
        optimizer.zero_grad()
    started, total = clock(), 0.0
    for order in case.orders():
        x_epoch, y_epoch, total = x_all[order], y_all[order], 0.0
        for first in range(0, case.rows, case.batch_size):
            rows = slice(first, first + case.batch_size)
            optimizer.zero_grad()
            loss = objective(x_epoch[rows], y_epoch[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y_epoch[rows])
    return (clock() - started) / case.steps, total / case.rows


def products(case: Case, dtype: str, clock: Callable[[], float]) -> Measurement:
    """The matrix products of one update and nothing else: the lower limit for any library on this BLAS."""
    rng = np.random.default_rng(SEED)
    widths = (case.inputs, *case.hidden, case.outputs)
    calls = []
    for i, (before, after) in enumerate(pairwise(widths)):
        x, y = rng.standard_normal((before + 1, case.batch_size)), rng.standard_normal((after, case.batch_size))
        w = rng.standard_normal((before + 1, after))
        x, y, w = (matrix.astype(dtype) for matrix in (x, y, w))
        calls += [(w.T, x, y.copy()), (x, y.T, w.copy())] + ([(w[:-1], y, x[:-1].copy())] if i else [])
    started = clock()
    for _ in range(case.steps):
        for a, b, out in calls:
            np.dot(a, b, out)
    return (clock() - started) / case.steps, 0.0


PEERS = {
    "ours": ours,
    "products alone": products,
    "flat vector only": flat,
    "naive NumPy": naive,
    "scikit-learn": scikit_learn,
    "PyTorch eager": torch_eager,
    "PyTorch fused": torch_fused,
    "PyTorch compiled": torch_compiled,
}
