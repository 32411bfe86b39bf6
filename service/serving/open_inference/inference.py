"""One inference from body to body, with its statistics."""

from __future__ import annotations

from time import perf_counter_ns

from service.problems import InvalidInput
from service.serving.open_inference.inputs import predict
from service.serving.open_inference.outputs import VersionTensors
from service.serving.open_inference.requests import read_request
from service.serving.open_inference.responses import write_response
from service.serving.open_inference.statistics import VersionStatistics
from service.serving.open_inference.wire_types import BadInference

# The body of the response, and the length of its JSON head where a binary tail follows.
InferenceResponse = tuple[bytes, int | None]
ANY_NUMBER = 2**62


def infer(
    tensors: VersionTensors, body: bytes, head_length: bytes | None, statistics: VersionStatistics
) -> InferenceResponse:
    """One inference of any number of rows. Raises BadInference."""
    response = infer_up_to(tensors, body, head_length, statistics, ANY_NUMBER)
    assert response is not None
    return response


def infer_up_to(
    tensors: VersionTensors, body: bytes, head_length: bytes | None, statistics: VersionStatistics, most_rows: int
) -> InferenceResponse | None:
    """One inference of at most `most_rows`, else None, so that the event loop can run it. Raises BadInference."""
    start = perf_counter_ns()
    try:
        return infer_unrecorded(tensors, body, head_length, statistics, most_rows)
    except Exception as error:
        statistics.fail.add(perf_counter_ns() - start)
        if isinstance(error, InvalidInput):
            raise BadInference(error.detail) from None
        raise


def infer_unrecorded(
    tensors: VersionTensors, body: bytes, head_length: bytes | None, statistics: VersionStatistics, most_rows: int
) -> InferenceResponse | None:
    """One inference of at most `most_rows`, else None, that records no failure: the caller then tries the long way.

    Raises BadInference and InvalidInput.
    """
    version, start = tensors.version, perf_counter_ns()
    request = read_request(body, head_length)
    if request.most_rows > most_rows:
        return None
    read = perf_counter_ns()
    values = predict(version, request)
    inferred = perf_counter_ns()
    response = write_response(version, request.id, tensors.outputs_for(request, values))
    statistics.succeed(start, read, inferred, len(values))
    return response
