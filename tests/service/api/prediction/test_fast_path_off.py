"""FEEDFORWARD_FAST_PATH=false: each prediction goes through all layers, and clients receive equal responses."""

import pytest

from feedforward.processes.api_process import connection_class
from feedforward.processes.fast_path_protocol import FastPathProtocol
from service.settings import Settings
from tests.support.serving import networks
from tests.support.serving.inference import tensor
from tests.support.serving.raw import Connection

MODEL = "plane"
OF_ONE_RESPONSE = {"date", "x-request-id"}
REQUESTS = {
    "a row": ("/predict", {"model": MODEL, "inputs": [[1, 10.5]]}),
    "rows as objects": ("/predict", {"model": MODEL, "inputs": [{"a": 1, "b": 10}, {"a": 2, "b": 20}]}),
    "columns": ("/predict", {"model": MODEL, "columns": {"a": [1, 2], "b": [3, 4]}}),
    "a model in the path": (f"/models/{MODEL}/predict", {"inputs": [[1, 2]]}),
    "a version in the path": (f"/models/{MODEL}/versions/1/predict", {"inputs": [[1, 2]]}),
    "a value out of range": ("/predict", {"model": MODEL, "inputs": [[1000, 2]]}),
    "Open Inference": (f"/v2/models/{MODEL}/infer", {"inputs": [tensor()]}),
}


@pytest.fixture(scope="module")
def urls(start_serving) -> list[str]:
    """Two servers with one model, with the fast path and without."""
    servers = [start_serving(fast_path=fast_path) for fast_path in (True, False)]
    for server in servers:
        server.register(networks.plane(), MODEL)
    return [server.url for server in servers]


def second_response(url: str, path: str, body: object) -> tuple:
    """The first request makes its head known, so that the second takes the fast path where there is one."""
    with Connection(url) as connection:
        connection.ask(body, path)
        response = connection.ask(body, path)
    headers = {name: value for name, value in response.headers.items() if name not in OF_ONE_RESPONSE}
    return response.status, headers, response.body


@pytest.mark.parametrize(("path", "body"), REQUESTS.values(), ids=REQUESTS)
def test_responses_are_equal_with_and_without_the_fast_path(urls, path, body):
    fast, layered = (second_response(url, path, body) for url in urls)
    assert fast[0] == 200
    assert fast == layered


def test_the_setting_chooses_the_connection():
    assert connection_class(Settings()) is FastPathProtocol
    assert connection_class(Settings(fast_path=True)) is FastPathProtocol
    assert not issubclass(connection_class(Settings(fast_path=False)), FastPathProtocol)
