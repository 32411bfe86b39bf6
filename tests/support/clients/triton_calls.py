"""Calls a server with tritonclient, blocking and asynchronous, and prints the results as JSON.

Runs in the client's own environment: `python triton_calls.py URL PLANE THIRDS PRICES`.
"""

import asyncio
import json
import sys

import numpy as np
import tritonclient.http as blocking
import tritonclient.http.aio as asynchronous
from tritonclient.utils import InferenceServerException

ROWS = np.array([[1.0, 10.0], [-1.0, 0.5]])


def tensor(module, name, values, datatype, *, binary):
    result = module.InferInput(name, list(values.shape), datatype)
    result.set_data_from_numpy(values, binary_data=binary)
    return result


def values_of(result, name):
    values = result.as_numpy(name)
    return [value.decode() if isinstance(value, bytes) else value for value in values.reshape(-1).tolist()]


def matrix_of_forms(client, plane):
    """The predictions for each format of request and response; all must be equal."""
    results = {}
    for binary_in in (True, False):
        for binary_out in (True, False, None):
            for compression in (None, "gzip", "deflate"):
                outputs = (
                    None
                    if binary_out is None
                    else [blocking.InferRequestedOutput("predictions", binary_data=binary_out)]
                )
                result = client.infer(
                    plane,
                    [tensor(blocking, "inputs", ROWS, "FP64", binary=binary_in)],
                    outputs=outputs,
                    request_compression_algorithm=compression,
                    response_compression_algorithm=compression,
                )
                results[f"{binary_in} {binary_out} {compression}"] = values_of(result, "predictions")
    return results


def other_types(client, plane):
    results = {}
    for datatype, stored in [("FP32", "f4"), ("FP16", "f2"), ("INT64", "i8"), ("UINT8", "u1"), ("INT8", "i1")]:
        rows = np.array([[1, 10]]).astype(stored)
        result = client.infer(plane, [tensor(blocking, "inputs", rows, datatype, binary=True)])
        results[datatype] = values_of(result, "predictions")
    return results


def by_feature(client, prices):
    inputs = [
        tensor(blocking, "colour", np.array([[b"red"], [b"blue"]], dtype=object), "BYTES", binary=True),
        tensor(blocking, "size", np.array([[5.0], [1.0]]), "FP64", binary=False),
        tensor(blocking, "new", np.array([[True], [False]]), "BOOL", binary=True),
    ]
    return values_of(client.infer(prices, inputs), "predictions")


def classified(client, thirds):
    rows = tensor(blocking, "inputs", np.array([[np.log(4.0), np.log(2.0)]]), "FP64", binary=True)
    whole = client.infer(thirds, [rows], request_id="my-id", model_version="1")
    best = client.infer(thirds, [rows], outputs=[blocking.InferRequestedOutput("probabilities", class_count=2)])
    return {
        "label": values_of(whole, "label"),
        "probabilities": values_of(whole, "probabilities"),
        "response": {name: whole.get_response()[name] for name in ("id", "model_version", "model_name")},
        "best": values_of(best, "probabilities"),
        "best_shape": list(best.as_numpy("probabilities").shape),
    }


def failures(client, plane):
    """The message of each failure, as the client reads it."""
    rows = tensor(blocking, "inputs", ROWS, "FP64", binary=True)
    calls = {
        "unknown model": lambda: client.infer("no-such-model", [rows]),
        "unknown version": lambda: client.infer(plane, [rows], model_version="99"),
        "unknown input": lambda: client.infer(plane, [tensor(blocking, "wrong", ROWS, "FP64", binary=True)]),
        "wrong shape": lambda: client.infer(plane, [tensor(blocking, "inputs", ROWS[:, :1], "FP64", binary=True)]),
        "shared memory": lambda: client.get_system_shared_memory_status(),
        "logging": lambda: client.get_log_settings(),
        "trace": lambda: client.get_trace_settings(),
    }
    return {name: failure(call) for name, call in calls.items()}


def failure(call):
    try:
        call()
    except InferenceServerException as error:
        return error.message()
    return None


def about(client, plane):
    client.load_model(plane)
    client.unload_model(plane)
    return {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "model_ready": client.is_model_ready(plane),
        "version_ready": client.is_model_ready(plane, "1"),
        "unknown_ready": client.is_model_ready("no-such-model"),
        "server": client.get_server_metadata(),
        "model": client.get_model_metadata(plane),
        "config": client.get_model_config(plane),
        "statistics": client.get_inference_statistics(plane),
        "all_statistics": client.get_inference_statistics(),
        "index": client.get_model_repository_index(),
    }


async def asynchronously(url, plane):
    async with asynchronous.InferenceServerClient(url) as client:
        results = {"ready": await client.is_server_ready(), "model": await client.get_model_metadata(plane)}
        for compression in (None, "gzip", "deflate"):
            rows = tensor(asynchronous, "inputs", ROWS, "FP64", binary=True)
            result = await client.infer(
                plane, [rows], request_compression_algorithm=compression, response_compression_algorithm=compression
            )
            results[str(compression)] = values_of(result, "predictions")
        many = np.tile(ROWS, (2000, 1))
        rows = tensor(asynchronous, "inputs", many, "FP64", binary=True)
        long = await client.infer(plane, [rows], response_compression_algorithm="gzip")
        results["many"] = [long.as_numpy("predictions").sum().item(), len(long.as_numpy("predictions"))]
        return results


def main(url, plane, thirds, prices):
    client = blocking.InferenceServerClient(url)
    results = {
        "forms": matrix_of_forms(client, plane),
        "types": other_types(client, plane),
        "by_feature": by_feature(client, prices),
        "classified": classified(client, thirds),
        "failures": failures(client, plane),
        "about": about(client, plane),
        "asynchronous": asyncio.run(asynchronously(url, plane)),
    }
    client.close()
    print(json.dumps(results))


main(*sys.argv[1:])
