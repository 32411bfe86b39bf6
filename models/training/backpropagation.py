"""The gradient of the loss, by the chain rule from the last layer to the first (Rumelhart et al. 1986)."""

import numpy as np

from models.arrays import Array, constant
from models.network.layers import LayerWorkspace, WorkspaceSetting
from models.network.network import Network
from models.training.losses import LossFunction


class Backpropagation:
    """Forward, slope of the loss, and back, for batches of `n_rows` rows, in buffers that are built once.

    Batches are transposed: x of shape (n_inputs + 1, n_rows) with a last row of ones, labels and outputs
    (n_outputs, n_rows). `gradient` is a flat vector in the order of `network.parameters`; workspaces may share it.
    """

    def __init__(
        self, network: Network, loss: LossFunction, n_rows: int, gradient: Array, rng: np.random.Generator
    ) -> None:
        setting = WorkspaceSetting(n_rows, network.layer_views(gradient), network.dtype, rng)
        # Each workspace reads the signal that the one before it writes; the first gets x with every batch.
        hidden: list[LayerWorkspace] = []
        for layer in network.layers:
            hidden.append(layer.workspace(setting, hidden[-1].y if hidden else None))
        self._last = network.output_layer.workspace(setting, hidden[-1].y if hidden else None)
        self._first = hidden[0] if hidden else self._last
        self._out = self._last.y.values
        # A loss on logits includes its output activation; for others dL/dŷ goes back through that activation first.
        has_activation = not loss.on_logits and network.output_name != "linear"
        self._output_activation = network.output_activation.transposed if has_activation else None
        self._slope_of = loss.slope
        self._slope = setting.buffer(network.n_outputs)
        self._share = constant(loss.share(n_rows, network.n_outputs), gradient)
        self._forward = [workspace.forward for workspace in [*hidden, self._last]]
        self._backward = [workspace.backward for workspace in [self._last, *reversed(hidden)]]

    def forward(self, x: Array, out: Array) -> None:
        """Write logits, or outputs if the loss takes these, for x into `out`."""
        self._first.x = x  # type: ignore[attr-defined]  # the first layer is dense
        for step in self._forward:
            step()
        if self._output_activation is not None:
            self._output_activation.forward(self._out, self._out)
        out[...] = self._out

    def run(self, x: Array, y: Array, row_weight: Array | None, out: Array) -> None:
        """Compute the gradient of the mean loss of one batch; `row_weight` has shape (1, n_rows)."""
        self.forward(x, out)
        grad = self._slope
        self._slope_of(self._out, y, grad)
        np.multiply(grad, self._share, grad)
        if row_weight is not None:
            np.multiply(grad, row_weight, grad)
        if self._output_activation is not None:
            self._output_activation.backward(self._out, self._out, grad)
        # Each step writes the gradients of its parameters, and turns dL/dy of its layer into dL/dx.
        for step in self._backward:
            grad = step(grad)
