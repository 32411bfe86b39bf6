"""One streamed prediction: a thread that reads, predicts and writes, and when its answer may begin to be sent."""

from __future__ import annotations

import io

import orjson

from service.problems import Problem
from service.serving.input_errors import fault
from service.serving.served_version import ServedVersion
from service.serving.streams.input_formats import READERS
from service.serving.streams.output_formats import OUTPUT_FORMATS, NdjsonForm
from service.serving.streams.spool import IN_MEMORY_BYTES, Spool


def predict_stream(version: ServedVersion, kind: str, body: io.RawIOBase, answered: str, spool: Spool) -> None:
    """Predict the whole body. Raises the problem of a fault; what was written before it is right.

    The answer begins to be sent when it has a megabyte, so that a fault before that is told by the answer's status.
    NDJSON is sent as it comes, since its reader may wait for each line.
    """
    form = OUTPUT_FORMATS[answered](version)
    n_rows = 0
    for predicted in READERS[kind](version, body):
        spool.write(form.block(predicted))
        n_rows += len(predicted.values)
        if isinstance(form, NdjsonForm) or spool.size > IN_MEMORY_BYTES:
            spool.release()
    if not n_rows:
        raise fault(("body",), "too_short", "there must be at least one row")
    spool.write(form.end())


def told_in_stream(problem: Problem) -> bytes:
    """The last line of NDJSON whose beginning is already sent."""
    return orjson.dumps({"problem": problem.document()}) + b"\n"
