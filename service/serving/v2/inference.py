"""One inference from body to body, with its statistics."""

from __future__ import annotations

from service.problems import InvalidInput
from service.serving.v2.errors import BadInference
from service.serving.v2.inputs import predict
from service.serving.v2.outputs import output_tensors
from service.serving.v2.requests import read_request
from service.serving.v2.responses import write_response
from service.serving.v2.statistics import VersionStatistics
from service.serving.version import ServedVersion


def infer(
    version: ServedVersion, body: bytes, head_length: bytes | None, statistics: VersionStatistics
) -> tuple[bytes, int | None]:
    """The answer's body and the length of its JSON head where a binary tail follows. Raises BadInference."""
    with statistics.inference():
        with statistics.step("compute_input"):
            request = read_request(body, head_length)
        try:
            with statistics.step("compute_infer"):
                predicted = predict(version, request)
        except InvalidInput as problem:
            raise BadInference(problem.detail) from None
        with statistics.step("compute_output"):
            outputs = output_tensors(version, request, predicted.values)
            answer = write_response(version.model, version.number, request.id, outputs)
        statistics.rows += len(predicted.values)
    return answer
