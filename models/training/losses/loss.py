"""What every loss computes: each row's value, and the slope that backpropagation starts from."""

from typing import ClassVar, Protocol

from models.arrays import Array


class LossFunction(Protocol):
    """A mean over rows, of outputs ŷ or of logits z and labels y, all of shape (n_samples, n_outputs).

    Where `on_logits` is true the loss takes the logits and includes the output activation: the two together are
    simpler and cannot overflow, as softmax and cross-entropy, whose slope is softmax(z) − y.
    """

    on_logits: ClassVar[bool]
    outputs: ClassVar[tuple[str, ...]]
    """The output activations that the loss can be trained with."""

    def targets(self, y: Array) -> Array:
        """The labels as the loss uses them, for example smoothed; called once, before the first epoch."""

    def values(self, out: Array, y: Array) -> Array:
        """The loss of each row, of shape (n_samples,)."""

    def slope(self, out: Array, y: Array, slope: Array) -> None:
        """Write the slope without the factor `share` into `slope`; all arrays are transposed, (n_outputs, n_rows)."""

    def share(self, n_rows: int, n_outputs: int) -> float:
        """The factor that makes the slope that of the mean over the rows."""
