"""The cost of one row: a forward pass, and one update of the tutorial's 2-2-1 network beside the tutorial's own code.

.venv/bin/python benchmarks/one_row.py
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

os.environ["OPENBLAS_NUM_THREADS"] = "1"
sys.path[:0] = [str(Path(__file__).parents[1])]

import numpy as np  # noqa: E402  # after the number of threads is set

from models.data.columns import infer_table  # noqa: E402
from models.fitting.fit import fit, prepare  # noqa: E402
from models.network.network import Network  # noqa: E402
from models.specification import Mse, NetworkSpecification, Recipe, Sgd, TrainingSpecification  # noqa: E402
from models.training.loop import Training  # noqa: E402

PEOPLE = np.array([[-2.0, -1.0], [25.0, 6.0], [17.0, 4.0], [-15.0, -6.0]])
GENDER = np.array([1.0, 0.0, 0.0, 1.0])
EPOCHS, ROUNDS = 1000, 5


def sigmoid(x: float) -> float:
    return 1 / (1 + np.exp(-x))


def slope(x: float) -> float:
    fx = sigmoid(x)
    return fx * (1 - fx)


def plain_neurons() -> None:
    """Scalar by scalar, each derivative by itself, as such tutorials write it."""
    w1, w2, w3, w4, w5, w6, b1, b2, b3 = np.random.default_rng(0).standard_normal(9)
    for _ in range(EPOCHS):
        for x, y in zip(PEOPLE, GENDER, strict=True):
            s1, s2 = w1 * x[0] + w2 * x[1] + b1, w3 * x[0] + w4 * x[1] + b2
            h1, h2 = sigmoid(s1), sigmoid(s2)
            s3 = w5 * h1 + w6 * h2 + b3
            d = -2 * (y - sigmoid(s3))
            d_w5, d_w6, d_b3 = h1 * slope(s3), h2 * slope(s3), slope(s3)
            d_h1, d_h2 = w5 * slope(s3), w6 * slope(s3)
            d_w1, d_w2, d_b1 = x[0] * slope(s1), x[1] * slope(s1), slope(s1)
            d_w3, d_w4, d_b2 = x[0] * slope(s2), x[1] * slope(s2), slope(s2)
            w1, w2, b1 = w1 - 0.1 * d * d_h1 * d_w1, w2 - 0.1 * d * d_h1 * d_w2, b1 - 0.1 * d * d_h1 * d_b1
            w3, w4, b2 = w3 - 0.1 * d * d_h2 * d_w3, w4 - 0.1 * d * d_h2 * d_w4, b2 - 0.1 * d * d_h2 * d_b2
            w5, w6, b3 = w5 - 0.1 * d * d_w5, w6 - 0.1 * d * d_w6, b3 - 0.1 * d * d_b3


def ours() -> None:
    specification = NetworkSpecification(
        hidden=(2,), activation="sigmoid", output="sigmoid", init="normal", dtype="float64"
    )
    steps = TrainingSpecification(
        epochs=EPOCHS, batch_size=1, shuffle=False, loss=Mse(), optimizer=Sgd(learning_rate=0.1)
    )
    network = Network.create(specification, 2, 1, np.random.default_rng(0))
    Training(network, steps, PEOPLE, GENDER[:, None], seed=0).run()


def seconds_of(work: Callable[[], object], repeats: int = 1) -> float:
    """Processor time, which a busy machine disturbs less than the clock."""
    started = time.process_time()
    for _ in range(repeats):
        work()
    return (time.process_time() - started) / repeats


def prediction_with_scaling() -> Callable[[], object]:
    """A function that predicts one row by a trained 4-16-3 network and its scaling."""
    rng = np.random.default_rng(0)
    raw = {f"x{i}": rng.standard_normal(150) for i in range(4)} | {"y": [str(i % 3) for i in range(150)]}
    recipe = Recipe(
        label="y", network=NetworkSpecification(hidden=(16,)), training=TrainingSpecification(epochs=2, seed=0)
    )
    trained = fit(prepare(infer_table(raw, {}), recipe)).trained
    row = rng.standard_normal((1, 4))
    return lambda: trained.predict_matrix(row)


def main() -> None:
    network = Network.create(NetworkSpecification(hidden=(16,), output="softmax"), 4, 3, np.random.default_rng(0))
    row, predict = np.ones((1, 4), np.float32), prediction_with_scaling()
    rounds = [
        (
            seconds_of(plain_neurons) / (4 * EPOCHS),
            seconds_of(ours) / (4 * EPOCHS),
            seconds_of(lambda: network.forward(row), 20_000),
            seconds_of(predict, 20_000),
        )
        for _ in range(ROUNDS)
    ]
    names = ("2-2-1 update, plain neurons", "2-2-1 update, ours", "4-16-3 forward", "4-16-3 forward with scaling")
    for name, times in zip(names, zip(*rounds, strict=True), strict=True):
        microseconds = [1e6 * seconds for seconds in times]
        print(f"{name}: {median(microseconds):.1f} µs ({min(microseconds):.1f}–{max(microseconds):.1f})")


if __name__ == "__main__":
    main()
