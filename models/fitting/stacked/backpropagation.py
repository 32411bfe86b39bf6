"""Backpropagation through many networks of one shape at once."""

import numpy as np

from models.arrays import Array, constant
from models.fitting.stacked.layout import Layout
from models.network.activations import ACTIVATIONS
from models.specification import NetworkSpecification
from models.training.losses import LossFunction


class StackedPass:
    """Backpropagation for k networks and batches of `n_rows` rows, in buffers that are built once.

    Batches are transposed, as in `models.training.backpropagation`: x of shape (n_inputs + 1, n_rows) with a last row
    of ones; all further signals are (k, width, n_rows). The formulas are those of `layers.dense` for each network.
    `out`, of shape (n_outputs, k, n_rows), is the input of the loss: losses and softmax work along the first axis.
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
        k, self._n_rows, dtype = layout.n_networks, n_rows, parameters.dtype
        self._first, *further = layout.blocks(parameters)
        self._first_gradient, *further_gradients = layout.blocks(gradient)
        self._weights, self._biases = [layer[:, :-1] for layer in further], [layer[:, -1, :, None] for layer in further]
        self._weight_gradients = [layer[:, :-1] for layer in further_gradients]
        self._bias_gradients = [layer[:, -1] for layer in further_gradients]
        self._z = [np.zeros((k, width, n_rows), dtype) for width in layout.widths[1:]]
        # The outputs are stored as (n_outputs, k, n_rows), as losses read them; matmul writes through a view of shape
        # (k, n_outputs, n_rows).
        if further:
            self._z[-1] = np.zeros((layout.widths[-1], k, n_rows), dtype).transpose(1, 0, 2)
        self.out = self._z[-1].transpose(1, 0, 2)
        # The first layers of all networks read the same x, so that one product fills all their signals.
        self._z0 = self._z[0].reshape(-1, n_rows)
        self._grads = [np.zeros_like(z) for z in self._z[:-1]]
        self._activations = [ACTIVATIONS[name] for name in specification.activations]
        self._a = [np.zeros_like(z) if f.keeps_z else z for f, z in zip(self._activations, self._z, strict=False)]
        self._loss, self._share = loss, constant(loss.share(n_rows, layout.widths[-1]), parameters)
        self._slope = np.zeros_like(self.out)
        output = specification.output or "linear"
        has_activation = not loss.on_logits and output != "linear"
        self._output_activation = ACTIVATIONS[output].transposed if has_activation else None

    def forward(self, x: Array) -> None:
        """Write logits, or outputs if the loss takes these, into `out`."""
        np.dot(self._first, x, self._z0)
        for i, activation in enumerate(self._activations):
            activation.forward(self._z[i], self._a[i])
            np.matmul(self._weights[i].swapaxes(1, 2), self._a[i], out=self._z[i + 1])
            np.add(self._z[i + 1], self._biases[i], out=self._z[i + 1])
        if self._output_activation is not None:
            self._output_activation.forward(self.out, self.out)

    def run(self, x: Array, y: Array, row_weight: Array | None) -> None:
        """Write the gradient of each network's mean loss on one batch; y has shape (n_outputs, 1, n_rows)."""
        self.forward(x)
        slope = self._slope
        self._loss.slope(self.out, y, slope)
        np.multiply(slope, self._share, out=slope)
        if row_weight is not None:
            np.multiply(slope, row_weight, out=slope)
        if self._output_activation is not None:
            self._output_activation.backward(self.out, self.out, slope)
        self._back(x, slope.transpose(1, 0, 2))

    def _back(self, x: Array, grad: Array) -> None:
        # grad is dL/dz of layer i + 1: with a the input of that layer, dL/dW = a gradᵀ and dL/da = W grad.
        for i in reversed(range(len(self._activations))):
            np.matmul(self._a[i], grad.swapaxes(1, 2), out=self._weight_gradients[i])
            np.add.reduce(grad, axis=2, out=self._bias_gradients[i])
            np.matmul(self._weights[i], grad, out=self._grads[i])
            grad = self._grads[i]
            self._activations[i].backward(self._z[i], self._a[i], grad)
        np.dot(grad.reshape(-1, self._n_rows), x.T, self._first_gradient)
