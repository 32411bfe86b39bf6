"""Calls a server with KServe's client and prints the results as JSON.

Runs in the client's own environment: `python kserve_calls.py URL PLANE THIRDS PRICES`.
"""

import asyncio
import json
import sys

import numpy as np
from httpx import HTTPStatusError
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

ROWS = np.array([[1.0, 10.0], [-1.0, 0.5]])


class Client:
    def __init__(self, url):
        self._url = url
        self._rest = InferenceRESTClient(RESTConfig(protocol="v2", retries=0))

    async def infer(self, model, inputs, **fields):
        return await self._rest.infer(self._url, InferRequest(model, inputs, **fields), model_name=model)

    async def infer_plainly(self, model, body):
        return await self._rest.infer(self._url, body, model_name=model)

    async def about(self, model):
        return {
            "live": await self._rest.is_server_live(self._url),
            "ready": await self._rest.is_server_ready(self._url),
            "model_ready": await self._rest.is_model_ready(self._url, model),
            "unknown_ready": await self._rest.is_model_ready(self._url, "no-such-model"),
        }

    async def failure(self, model, inputs):
        try:
            await self.infer(model, inputs)
        except HTTPStatusError as error:
            return str(error)
        return None

    async def close(self):
        await self._rest.close()


def tensor(name, values, datatype, *, binary):
    result = InferInput(name, list(values.shape), datatype)
    result.set_data_from_numpy(values, binary_data=binary)
    return result


def values_of(output):
    values = output.as_numpy().reshape(-1).tolist()
    return [value.decode() if isinstance(value, bytes) else value for value in values]


async def matrix_of_forms(client, plane):
    """The predictions for each format of request and response; all must be equal."""
    results = {}
    for binary_in in (True, False):
        for binary_out in (True, False, None):
            parameters = {} if binary_out is None else {"binary_data_output": binary_out}
            rows = tensor("inputs", ROWS, "FP64", binary=binary_in)
            answer = await client.infer(plane, [rows], parameters=parameters)
            results[f"{binary_in} {binary_out}"] = values_of(answer.outputs[0])
    body = {"inputs": [{"name": "inputs", "shape": [2, 2], "datatype": "FP64", "data": ROWS.tolist()}]}
    results["plain"] = values_of((await client.infer_plainly(plane, body)).outputs[0])
    return results


async def by_feature(client, prices):
    results = {}
    for binary in (True, False):
        inputs = [
            tensor("colour", np.array([["red"], ["blue"]], dtype=object), "BYTES", binary=binary),
            tensor("size", np.array([[5], [1]], dtype=np.int32), "INT32", binary=binary),
            tensor("new", np.array([[True], [False]]), "BOOL", binary=binary),
        ]
        results[str(binary)] = values_of((await client.infer(prices, inputs)).outputs[0])
    return results


async def classified(client, thirds):
    results = {}
    for binary in (True, False):
        rows = tensor("inputs", np.array([[np.log(4.0), np.log(2.0)]]), "FP64", binary=binary)
        outputs = [RequestedOutput(name, {"binary_data": binary}) for name in ("label", "probabilities")]
        answer = await client.infer(thirds, [rows], request_id="my-id", request_outputs=outputs)
        results[str(binary)] = {
            "names": [output.name for output in answer.outputs],
            "label": values_of(answer.outputs[0]),
            "probabilities": values_of(answer.outputs[1]),
            "response": [answer.id, answer.model_name],  # the client drops the version
        }
    return results


async def failures(client, plane):
    rows = tensor("inputs", ROWS, "FP64", binary=True)
    return {
        "unknown model": await client.failure("no-such-model", [rows]),
        "unknown input": await client.failure(plane, [tensor("wrong", ROWS, "FP64", binary=True)]),
        "wrong shape": await client.failure(plane, [tensor("inputs", ROWS[:, :1], "FP64", binary=True)]),
    }


async def main(url, plane, thirds, prices):
    client = Client(url)
    results = {
        "forms": await matrix_of_forms(client, plane),
        "by_feature": await by_feature(client, prices),
        "classified": await classified(client, thirds),
        "failures": await failures(client, plane),
        "about": await client.about(plane),
    }
    await client.close()
    print(json.dumps(results))


asyncio.run(main(*sys.argv[1:]))
