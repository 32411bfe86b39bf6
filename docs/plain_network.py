"""The tutorial's network in sixty plain lines of NumPy: what `models/` computes, without the code that makes it fast.

Read it beside `from-the-tutorial.md`; a test checks that both reach the same weights. `python docs/plain_network.py`
trains on the tutorial's four people.
"""

from itertools import pairwise

import numpy as np


def sigmoid(z):
    """σ(z) = 1 / (1 + e⁻ᶻ), whose derivative is σ(z) (1 − σ(z))."""
    return 1 / (1 + np.exp(-z))


class PlainNetwork:
    """Layers of sigmoid neurons; the weights of a layer have shape (n_inputs, n_outputs), its biases (n_outputs,)."""

    def __init__(self, widths, rng):
        self.weights = [rng.normal(size=(n_inputs, n_outputs)) for n_inputs, n_outputs in pairwise(widths)]
        self.biases = [rng.normal(size=n_outputs) for n_outputs in widths[1:]]

    def activations(self, x):
        """The values of every layer, the inputs first: each is σ(a W + b) of the values a before it."""
        values = [x]
        for weight, bias in zip(self.weights, self.biases, strict=True):
            values.append(sigmoid(values[-1] @ weight + bias))
        return values

    def forward(self, x):
        """The outputs (n_samples, n_outputs) for the inputs (n_samples, n_features)."""
        return self.activations(x)[-1]

    def gradients(self, x, y):
        """(∂L/∂W, ∂L/∂b) of each layer for L = mean (ŷ − y)²: the chain rule, from the last layer to the first."""
        values = self.activations(x)
        slope = 2 * (values[-1] - y) / y.size  # ∂L/∂ŷ
        gradients = []
        for weight, before, after in reversed(list(zip(self.weights, values, values[1:], strict=False))):
            slope = slope * after * (1 - after)  # through the sigmoid
            gradients.append((before.T @ slope, slope.sum(axis=0)))
            slope = slope @ weight.T  # to the layer before
        return gradients[::-1]

    def train(self, x, y, epochs, learning_rate=0.1, batch_size=1):
        """Stochastic gradient descent over the rows in order; returns the loss after each epoch."""
        losses = []
        for _ in range(epochs):
            for start in range(0, len(x), batch_size):
                rows = slice(start, start + batch_size)
                for layer, (weight, bias) in enumerate(self.gradients(x[rows], y[rows])):
                    self.weights[layer] -= learning_rate * weight
                    self.biases[layer] -= learning_rate * bias
            losses.append(float(np.mean((self.forward(x) - y) ** 2)))
        return losses


if __name__ == "__main__":
    people = np.array([[-2.0, -1.0], [25.0, 6.0], [17.0, 4.0], [-15.0, -6.0]])  # pounds above 135, inches above 66
    network = PlainNetwork([2, 2, 1], np.random.default_rng(1))
    print("loss after 1,000 epochs:", network.train(people, np.array([[1.0], [0.0], [0.0], [1.0]]), 1000)[-1])
    print("Emily, Frank:", network.forward(np.array([[-7.0, -3.0], [20.0, 2.0]]))[:, 0])
