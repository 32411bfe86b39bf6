"""One streamed prediction: a thread reads, predicts and writes, and says when sending may begin."""

from __future__ import annotations

import io

import orjson

from service.problems import Problem
from service.serving.input_errors import invalid_input
from service.serving.served_version import ServedVersion
from service.serving.streams.input_formats import READERS
from service.serving.streams.output_formats import OUTPUT_FORMATS, NdjsonFormat
from service.serving.streams.spool import IN_MEMORY_BYTES, Spool


def predict_stream(version: ServedVersion, kind: str, body: io.RawIOBase, media_type: str, spool: Spool) -> None:
    """Predict the whole body. Raises a problem at the first error; what was written before it is valid.

    Sending begins with the first megabyte, so that an earlier error still decides the status of the response.
    NDJSON is sent as it comes, since its reader may wait for each line.
    """
    output_format = OUTPUT_FORMATS[media_type](version)
    n_rows = 0
    for predicted in READERS[kind](version, body):
        spool.write(output_format.block(predicted))
        n_rows += len(predicted.values)
        if isinstance(output_format, NdjsonFormat) or spool.size > IN_MEMORY_BYTES:
            spool.release()
    if not n_rows:
        raise invalid_input(("body",), "too_short", "there must be at least one row")
    spool.write(output_format.end())


def problem_line(problem: Problem) -> bytes:
    """The last line of NDJSON that was already being sent when an error occurred."""
    return orjson.dumps({"problem": problem.document()}) + b"\n"
