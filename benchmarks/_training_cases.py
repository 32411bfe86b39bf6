"""The trainings to time: sizes, data, and the initial parameters that every peer starts from."""

from dataclasses import dataclass

import numpy as np

from models.network.network import Network
from models.specification import Adam, NetworkSpecification, Sgd, TrainingSpecification

SEED = 1


@dataclass(frozen=True)
class Case:
    """One row of the table: a network, its data, an optimizer, and the epochs of one measurement."""

    name: str
    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    rows: int
    batch_size: int
    optimizer: Adam | Sgd
    epochs: int

    @property
    def steps(self) -> int:
        return -(-self.rows // self.batch_size) * self.epochs

    @property
    def shape(self) -> str:
        return "-".join(map(str, (self.inputs, *self.hidden, self.outputs)))

    def network(self, dtype: str) -> Network:
        specification = NetworkSpecification(hidden=self.hidden, output="softmax", dtype=dtype)
        return Network.create(specification, self.inputs, self.outputs, np.random.default_rng(SEED))

    def training(self) -> TrainingSpecification:
        return TrainingSpecification(epochs=self.epochs, batch_size=self.batch_size, optimizer=self.optimizer)

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Normally distributed features, and the classes of a random linear function with some noise."""
        rng = np.random.default_rng(SEED)
        x = rng.standard_normal((self.rows, self.inputs))
        teacher = rng.standard_normal((self.inputs, self.outputs)) / np.sqrt(self.inputs)
        return x, np.argmax(x @ teacher + 0.3 * rng.standard_normal((self.rows, self.outputs)), axis=1)

    def orders(self) -> list[np.ndarray]:
        """The order of the rows in each epoch, as this library draws it."""
        rng = np.random.default_rng([SEED, 1])
        return [rng.permutation(self.rows) for _ in range(self.epochs)]


MOMENTUM = Sgd(learning_rate=0.01, momentum=0.9)
CASES = {
    "small": Case("small", 4, (16,), 3, 150, 32, Adam(), 200),
    "small-sgd": Case("small-sgd", 4, (16,), 3, 150, 32, MOMENTUM, 200),
    "middle": Case("middle", 784, (128, 64), 10, 20_000, 128, Adam(), 1),
    "wide": Case("wide", 784, (512, 512), 10, 8192, 1024, Adam(), 1),
}
