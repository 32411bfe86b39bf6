"""Forward and back through many networks of one shape at once."""

import numpy as np

from models.activations import ACTIVATIONS
from models.arrays import Array, constant
from models.losses import LossFunction
from models.search.layout import Layout
from models.specification import NetworkSpecification


class StackedPass:
    """Backpropagation for k networks and batches of one number of rows, in buffers that are built once.

    As in `models.backpropagation`, batches stand on their side: x of shape (n_inputs + 1, n_rows) with a last row of
    ones; behind it each signal is (k, width, n_rows). The formulas are those of `models.layers.dense` for each network.
    """

    def __init__(
        self,
        layout: Layout,
        parameters: Array,
        gradient: Array,
        specification: NetworkSpecification,
        loss: LossFunction,
        n_rows: int,
    ) -> None:
        self._k, self._n_rows, dtype = layout.n_networks, n_rows, parameters.dtype
        first, *self._weights = layout.blocks(parameters)
        first_gradient, *self._gradients = layout.blocks(gradient)
        self._first_transposed = first.reshape(len(first), -1).T
        self._first_gradient = first_gradient.reshape(len(first), -1)
        self._z = [np.zeros((self._k, width, n_rows), dtype) for width in layout.widths[1:]]
        self._z0 = self._z[0].reshape(-1, n_rows)
        hidden = layout.widths[1:-1]
        self._with_ones = [np.ones((self._k, width + 1, n_rows), dtype) for width in hidden]
        self._grads = [np.zeros((self._k, width, n_rows), dtype) for width in hidden]
        self._activations = [ACTIVATIONS[name] for name in specification.activations]
        self._loss, self._share = loss, constant(loss.share(n_rows, layout.widths[-1]), parameters)
        self._slope = np.zeros_like(self._z[-1])
        output = specification.output or "linear"
        bends = not loss.on_logits and output != "linear"
        self._output_activation = ACTIVATIONS[output].sideways if bends else None

    def forward(self, x: Array) -> Array:
        """What the loss takes (logits, or outputs) for x, of shape (k, n_outputs, n_rows)."""
        np.dot(self._first_transposed, x, self._z0)
        for i, activation in enumerate(self._activations):
            activation.forward(self._z[i], self._with_ones[i][:, :-1])
            np.matmul(self._weights[i].swapaxes(1, 2), self._with_ones[i], out=self._z[i + 1])
        if self._output_activation is not None:
            out = _classes_first(self._z[-1])
            self._output_activation.forward(out, out)
        return self._z[-1]

    def run(self, x: Array, y: Array, row_weight: Array | None) -> Array:
        """Write the gradient of each network's mean loss on one batch; returns what `forward` does."""
        out, grad = self.forward(x), self._slope
        sideways, slope = _classes_first(out), _classes_first(grad)
        self._loss.slope(sideways, y[:, None], slope)
        np.multiply(grad, self._share, out=grad)
        if row_weight is not None:
            np.multiply(grad, row_weight, out=grad)
        if self._output_activation is not None:
            self._output_activation.backward(sideways, sideways, slope)
        self._back(x, grad)
        return out

    def _back(self, x: Array, grad: Array) -> None:
        for i in reversed(range(len(self._activations))):
            np.matmul(self._with_ones[i], grad.swapaxes(1, 2), out=self._gradients[i])
            np.matmul(self._weights[i][:, :-1], grad, out=self._grads[i])
            grad = self._grads[i]
            self._activations[i].backward(self._z[i], self._with_ones[i][:, :-1], grad)
        np.dot(x, grad.reshape(-1, self._n_rows).T, self._first_gradient)


def _classes_first(signal: Array) -> Array:
    """(k, n_outputs, n_rows) as (n_outputs, k, n_rows): losses and softmax work along the first axis."""
    return signal.transpose(1, 0, 2)
