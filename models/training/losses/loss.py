"""What every loss gives: each row's value, and the slope that backpropagation starts from."""

from typing import ClassVar, Protocol

from models.arrays import Array


class LossFunction(Protocol):
    """A mean over rows, of outputs ŷ or of logits z and labels y, all of shape (n_samples, n_outputs).

    Where `on_logits` is true the loss takes the logits and stands for its output activation too: the two together
    are simpler and cannot overflow, as softmax and cross-entropy, whose slope is softmax(z) − y.
    """

    on_logits: ClassVar[bool]
    outputs: ClassVar[tuple[str, ...]]
    """The output activations that the loss can be trained with."""

    def targets(self, y: Array) -> Array:
        """The labels as the loss takes them (smoothed, for instance); done once, before the first epoch."""

    def values(self, out: Array, y: Array) -> Array:
        """The loss of each row, of shape (n_samples,)."""

    def slope(self, out: Array, y: Array, slope: Array) -> None:
        """Write the slope into `slope`, up to the factor `share`; here all stand on their side, (n_outputs, n_rows)."""

    def share(self, n_rows: int, n_outputs: int) -> float:
        """What the slope is to be multiplied by, so that it belongs to the mean over the rows."""
