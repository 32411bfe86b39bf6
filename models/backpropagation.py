"""The gradient of the loss, by the chain rule from the last layer to the first (Rumelhart et al. 1986)."""

import numpy as np

from models.arrays import Array, constant
from models.layers import ActivationLayer, WorkspaceSetting
from models.losses import LossFunction
from models.network import Network, views


class Backpropagation:
    """Forward, slope of the loss, and back, for batches of one number of rows, in buffers that are built once.

    `gradient` is a flat vector in the order of `network.parameters`; several workspaces may share it.
    """

    def __init__(
        self, network: Network, loss: LossFunction, n_rows: int, gradient: Array, rng: np.random.Generator
    ) -> None:
        setting = WorkspaceSetting(n_rows, views(gradient, network.shapes), network.dtype, rng)
        self._hidden = [layer.workspace(setting, needs_grad_x=i > 0) for i, layer in enumerate(network.layers)]
        self._last = [network.output_layer.workspace(setting, needs_grad_x=bool(self._hidden))]
        if not loss.on_logits and network.output_name != "linear":
            layer = ActivationLayer(network.output_activation, network.n_outputs)
            self._last.append(layer.workspace(setting, needs_grad_x=True))  # type: ignore[arg-type]  # both are LayerWorkspaces
        self._slope_of = loss.slope
        self._slope = setting.buffer(network.n_outputs)
        self._share = constant(loss.share(n_rows, network.n_outputs), gradient)
        self._forward = [one.forward for one in self._hidden]
        self._forward_last = [one.forward for one in self._last]
        self._backward = [one.backward for one in reversed([*self._hidden, *self._last])]

    def forward(self, x: Array, out: Array) -> None:
        """Write what the loss takes (logits or outputs) for x, of shape (n_rows, n_inputs), into `out`."""
        for step in self._forward:
            x = step(x)
        for last_step in self._forward_last:
            x = last_step(x, out)

    def run(self, x: Array, y: Array, row_weight: Array | None, out: Array) -> None:
        """Compute the gradient of the mean loss of one batch; `row_weight` has shape (n_rows, 1)."""
        self.forward(x, out)
        grad = self._slope
        self._slope_of(out, y, grad)
        np.multiply(grad, self._share, out=grad)
        if row_weight is not None:
            np.multiply(grad, row_weight, out=grad)
        for step in self._backward:
            grad = step(grad)
