"""An exponential moving average of the parameters (Polyak and Juditsky 1992), often better than the last parameters."""

import numpy as np

from models.arrays import Array, constant


class WeightAverage:
    """ā ← d ā + (1 − d) θ after every update; the first update sets ā = θ."""

    def __init__(self, decay: float, parameters: Array) -> None:
        self._parameters = parameters
        self._decay, self._share = constant(decay, parameters), constant(1 - decay, parameters)
        self._average = parameters.copy()
        self._scratch = np.empty_like(parameters)
        self.arrays: dict[str, Array] = {"average": self._average}
        self.numbers: dict[str, int | float] = {"steps": 0}

    def update(self) -> None:
        """Add the parameters after one update to the average."""
        if self.numbers["steps"] == 0:
            self._average[...] = self._parameters
        else:
            np.multiply(self._parameters, self._share, out=self._scratch)
            np.multiply(self._average, self._decay, out=self._average)
            np.add(self._average, self._scratch, out=self._average)
        self.numbers["steps"] += 1

    def keep(self) -> None:
        """Replace the network's parameters by the average."""
        self._parameters[...] = self._average

    def swap(self) -> None:
        """Exchange parameters and average; a second call undoes the first."""
        self._scratch[...] = self._parameters
        self._parameters[...] = self._average
        self._average[...] = self._scratch
