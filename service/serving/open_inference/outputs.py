"""Predictions to the tensors that were asked for."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.problems import did_you_mean, shorten
from service.serving.open_inference.requests import InferenceRequest, WantedOutput
from service.serving.open_inference.wire_types import BadInference, frame
from service.serving.served_version import ServedVersion

Array = NDArray[Any]
# Of BYTES: what JSON shall hold, or the framed elements that go into the binary tail.
Elements = list[str] | bytes


class OutputTensor(NamedTuple):
    """`values` is an array, or the elements of BYTES."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    values: Array | Elements
    binary: bool
    parameters: dict[str, Any]


class VersionTensors:
    """What one version answers, made once for it."""

    def __init__(self, version: ServedVersion) -> None:
        self.version = version
        self._known = {one["name"]: one for one in version.view.tensors()}
        self._all = {binary: tuple(WantedOutput(name, binary) for name in self._known) for binary in (False, True)}
        self._names = np.array(version.view.names, object)
        self._frames = np.array([frame(name.encode()) for name in version.view.names], object)
        self._ranked_names = [b":" + name.encode() for name in version.view.ranked_names]

    def outputs_for(self, request: InferenceRequest, values: Array) -> list[OutputTensor]:
        """Of `values` (n_rows, n_values), in the order asked for. Raises BadInference for an unknown output."""
        wanted = request.outputs or self._all[request.all_binary]
        for output in wanted:
            if output.name not in self._known:
                near = did_you_mean(output.name, self._known)
                raise BadInference(f"The model has no output `{shorten(output.name)}`.{near}")
        return [self._output(self._known[output.name], output, values) for output in wanted]

    def _output(self, known: dict[str, Any], wanted: WantedOutput, values: Array) -> OutputTensor:
        if wanted.classification:
            return self._likeliest(known, wanted, values)
        given = self._values(known["datatype"], wanted.binary, values)
        shape = (len(values), known["shape"][1])
        return OutputTensor(wanted.name, known["datatype"], shape, given, wanted.binary, known.get("parameters", {}))

    def _values(self, datatype: str, binary: bool, values: Array) -> Array | Elements:
        if datatype == "FP64":
            return values
        decided = self.version.view.decide(values)
        if datatype == "BOOL":
            return decided
        return b"".join(self._frames[decided].tolist()) if binary else self._names[decided].tolist()

    def _likeliest(self, known: dict[str, Any], wanted: WantedOutput, values: Array) -> OutputTensor:
        """The classification extension: BYTES of `value:index:label`, the greatest value first."""
        if known["datatype"] != "FP64":
            raise BadInference(f"The output `{wanted.name}` can't be classified, since it holds no numbers.")
        count = min(wanted.classification, values.shape[1])
        order = np.argsort(-values, axis=1, kind="stable")[:, :count]
        names = self._ranked_names
        elements = [
            b"%f:%d%s" % (row[place], place, names[place] if names else b"")
            for row, best in zip(values, order.tolist(), strict=True)
            for place in best
        ]
        told: Elements = b"".join(map(frame, elements)) if wanted.binary else [one.decode() for one in elements]
        return OutputTensor(wanted.name, "BYTES", (len(values), count), told, wanted.binary, {})
