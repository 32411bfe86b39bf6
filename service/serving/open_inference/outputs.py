"""Predictions to the requested output tensors."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.problems import did_you_mean, shorten
from service.serving.open_inference.requests import InferenceRequest, RequestedOutput
from service.serving.open_inference.wire_types import BadInference, frame
from service.serving.served_version import ServedVersion

Array = NDArray[Any]
# Elements of BYTES: strings for JSON, or the framed elements of the binary tail.
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
    """The output tensors of one version, built once for it."""

    def __init__(self, version: ServedVersion) -> None:
        self.version = version
        self._known = {tensor["name"]: tensor for tensor in version.view.tensors()}
        self._all = {binary: tuple(RequestedOutput(name, binary) for name in self._known) for binary in (False, True)}
        self._names = np.array(version.view.names, object)
        self._frames = np.array([frame(name.encode()) for name in version.view.names], object)
        self._ranked_names = [b":" + name.encode() for name in version.view.ranked_names]

    def outputs_for(self, request: InferenceRequest, values: Array) -> list[OutputTensor]:
        """The tensors of `values` (n_rows, n_values), in the requested order. Raises BadInference."""
        requested = request.outputs or self._all[request.all_binary]
        for output in requested:
            if output.name not in self._known:
                near = did_you_mean(output.name, self._known)
                raise BadInference(f"The model has no output `{shorten(output.name)}`.{near}")
        return [self._output(self._known[output.name], output, values) for output in requested]

    def _output(self, known: dict[str, Any], requested: RequestedOutput, values: Array) -> OutputTensor:
        if requested.classification:
            return self._likeliest(known, requested, values)
        content = self._values(known["datatype"], requested.binary, values)
        shape = (len(values), known["shape"][1])
        return OutputTensor(
            requested.name, known["datatype"], shape, content, requested.binary, known.get("parameters", {})
        )

    def _values(self, datatype: str, binary: bool, values: Array) -> Array | Elements:
        if datatype == "FP64":
            return values
        decided = self.version.view.decide(values)
        if datatype == "BOOL":
            return decided
        return b"".join(self._frames[decided].tolist()) if binary else self._names[decided].tolist()

    def _likeliest(self, known: dict[str, Any], requested: RequestedOutput, values: Array) -> OutputTensor:
        """The classification extension: BYTES of `value:index:label`, the greatest value first."""
        if known["datatype"] != "FP64":
            raise BadInference(f"The output `{requested.name}` can't be classified: it does not hold numbers.")
        count = min(requested.classification, values.shape[1])
        order = np.argsort(-values, axis=1, kind="stable")[:, :count]
        names = self._ranked_names
        elements = [
            b"%f:%d%s" % (row[place], place, names[place] if names else b"")
            for row, best in zip(values, order.tolist(), strict=True)
            for place in best
        ]
        content: Elements = b"".join(map(frame, elements)) if requested.binary else list(map(bytes.decode, elements))
        return OutputTensor(requested.name, "BYTES", (len(values), count), content, requested.binary, {})
