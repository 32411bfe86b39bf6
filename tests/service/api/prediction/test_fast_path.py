"""A head that is known goes past the parser and the layers; nobody can tell by the answers."""

import json
import struct

import pytest

from tests.support.serving import networks
from tests.support.serving.inference import HEADER, tensor
from tests.support.serving.raw import Connection

OWN = {"date", "x-request-id"}
# A header that means nothing, but that the short way does not know: the layers answer.
THROUGH_LAYERS = {"X-Way": "layers"}
V2 = "/v2/models/{model}/infer"


@pytest.fixture(scope="module")
def plane(serving) -> str:
    """A version whose y is 2 a + 3 b + 1."""
    return serving.register(networks.plane())


@pytest.fixture
def connection(serving):
    with Connection(serving.url) as opened:
        yield opened


def told(answer) -> tuple:
    return answer.status, {name: value for name, value in answer.headers.items() if name not in OWN}, answer.body


BODIES = {
    "an object": {"inputs": [{"a": 1, "b": 10}]},
    "a list": {"inputs": [[1, 10.5]]},
    "columns": {"columns": {"a": [1, 2], "b": [3, 4]}},
    "a hundred rows": {"inputs": [[k, k / 7] for k in range(100)]},
    "a hundred and one warnings": {"inputs": [[1e4, k] for k in range(101)]},
    "a version's number": {"version": 1, "inputs": [[1, 2]]},
    "its number as text": {"version": "1", "inputs": [[1, 2]]},
    "what is outside of the range": {"inputs": [[1000, 2]]},
    "what asks for more": {"include": ["explanations"], "inputs": [[1, 2]]},
    "a version that is not": {"version": 7, "inputs": [[1, 2]]},
    "no rows": {"inputs": []},
    "a missing feature": {"inputs": [{"a": 1}]},
    "an unknown feature": {"inputs": [{"a": 1, "b": 2, "c": 3}]},
    "a boolean": {"inputs": [[True, 2]]},
    "a text": {"inputs": [["1", 2]]},
    "null": {"inputs": [[None, 2]]},
    "an unknown field": {"input": [[1, 2]]},
    "numbers too large for the network": {"inputs": [[1e308, 1e308]]},
    "columns of different lengths": {"columns": {"a": [1, 2], "b": [3]}},
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_the_short_way_and_the_layers_answer_the_same(connection, plane, body):
    asked = {"model": plane, **body}
    first, short = connection.ask(asked), connection.ask(asked)
    layers = connection.ask(asked, headers=THROUGH_LAYERS)
    if layers.status >= 400:  # the problem names its request
        first, short, layers = (one._replace(body=without_instance(one)) for one in (first, short, layers))
        first, short, layers = (one._replace(headers={}) for one in (first, short, layers))
    assert told(short) == told(first) == told(layers)


def without_instance(answer) -> bytes:
    return json.dumps({name: value for name, value in answer.json.items() if name != "instance"}).encode()


RAW_BODIES = {"nothing": b"", "no JSON": b'{"model": ', "a list": b"[]", "bytes that are no text": b'{"model": "\xff"}'}


@pytest.mark.parametrize("body", RAW_BODIES.values(), ids=RAW_BODIES)
def test_what_cannot_be_read_is_refused_each_time(connection, body):
    answers = [connection.ask(body), connection.ask(body), connection.ask(body, headers=THROUGH_LAYERS)]
    assert len({one.status for one in answers}) == 1
    assert answers[0].status in (400, 422)
    assert len({without_instance(one) for one in answers}) == 1


def test_paths_that_name_a_version_answer_the_same(connection, plane):
    for path in (f"/models/{plane}/predict", f"/models/{plane}/versions/1/predict"):
        answers = [connection.ask({"inputs": [[1, 10]]}, path) for _ in range(3)]
        assert [one.json["predictions"] for one in answers] == [[{"value": 33.0}]] * 3
        assert {one.headers["feedforward-version"] for one in answers} == {f"{plane}/1"}


INFERENCES = {
    "JSON": ({"inputs": [tensor()]}, b"", {}),
    "many rows": ({"inputs": [tensor(shape=[1000, 2], data=[1.5, 10.25] * 1000)]}, b"", {}),
    "many rows, and as many letters": (
        {"id": "ul" * 200, "inputs": [tensor(shape=[1000, 2], data=[1.5, 10.25] * 1000)]}, b"", {},
    ),
    "many rows in binary": (
        {
            "inputs": [tensor(shape=[1000, 2], data=None, parameters={"binary_data_size": 16_000})],
            "parameters": {"binary_data_output": True},
        },
        struct.pack("<dd", 1.5, 10.25) * 1000, {HEADER: None},
    ),
    "JSON with an id": ({"id": "7", "inputs": [tensor()]}, b"", {}),
    "binary": (
        {"inputs": [tensor(data=None, parameters={"binary_data_size": 16})]}, struct.pack("<dd", 1, 10), {HEADER: None},
    ),
    "an unknown input": ({"inputs": [tensor(name="input")]}, b"", {}),
    "a wrong shape": ({"inputs": [tensor(shape=[2, 2])]}, b"", {}),
    "booleans": ({"inputs": [tensor(data=[True, False])]}, b"", {}),
    "an answer that may be compressed": ({"inputs": [tensor()]}, b"", {"Accept-Encoding": "gzip"}),
}  # fmt: skip


@pytest.mark.parametrize(("head", "tail", "headers"), INFERENCES.values(), ids=INFERENCES)
def test_inference_answers_the_same(connection, plane, head, tail, headers):
    written = json.dumps(head).encode()
    headers = {name: value or str(len(written)) for name, value in headers.items()}
    path = V2.format(model=plane)
    first, short = (connection.ask(written + tail, path, headers) for _ in range(2))
    layers = connection.ask(written + tail, path, headers | THROUGH_LAYERS)
    assert told(short) == told(first) == told(layers)


def test_a_known_head_is_no_pass_for_another(connection, plane):
    asked = {"model": plane, "inputs": [[1, 10]]}
    for _ in range(3):
        assert connection.ask(asked).status == 200
    refused = {("Origin", "https://example.org"): 403, ("Sec-Fetch-Site", "cross-site"): 403, ("Host", "a.org"): 400}
    for header, status in refused.items():
        assert [connection.ask(asked, headers=dict([header])).status for _ in range(2)] == [status] * 2
    assert connection.ask(asked, headers={"Content-Type": "text/plain"}).status == 415
    assert connection.ask(asked, headers={"Accept": "image/png"}).status == 406
    assert connection.ask(asked, headers={"X-Request-ID": "mine"}).headers["x-request-id"] == "mine"
    assert connection.ask(asked).status == 200


def test_each_request_has_an_id_of_its_own(connection, plane):
    asked = {"model": plane, "inputs": [[1, 10]]}
    ids = {connection.ask(asked).headers["x-request-id"] for _ in range(50)}
    assert len(ids) == 50


def test_pipelined_requests_are_answered_in_their_order(connection, plane):
    numbers = [3, 1, 4, 1, 5, 9, 2, 6]
    for _ in range(2):
        connection.send(b"".join(connection.request({"model": plane, "inputs": [[n, 0]]}) for n in numbers))
        values = [connection.read().json["predictions"][0]["value"] for _ in numbers]
        assert values == [2.0 * n + 1 for n in numbers]


def test_requests_sent_before_the_answer_are_answered_in_their_order(connection, plane):
    for n in range(1, 30):  # each in a packet of its own
        connection.send(connection.request({"model": plane, "inputs": [[n % 10, 0]]}))
    assert [connection.read().json["predictions"][0]["value"] for _ in range(1, 30)] == [
        2.0 * (n % 10) + 1 for n in range(1, 30)
    ]


def test_a_body_may_come_in_pieces(connection, plane):
    asked = connection.request({"model": plane, "inputs": [[1, 10]]})
    end = asked.index(b"\r\n\r\n") + 4
    for cuts in ([], [end], [end, end + 5], [10, end - 1, end + 1], [len(asked) - 1], list(range(1, len(asked)))):
        for start, stop in zip([0, *cuts], [*cuts, len(asked)], strict=True):
            connection.send(asked[start:stop])
        assert connection.read().json["predictions"] == [{"value": 33.0}]


def test_a_connection_that_shall_close_closes(serving, plane):
    asked = {"model": plane, "inputs": [[1, 10]]}
    with Connection(serving.url) as connection:
        assert connection.ask(asked).status == 200
        answer = connection.ask(asked, headers={"Connection": "close"})
        assert (answer.status, answer.headers["connection"]) == (200, "close")
        assert connection.is_closed()


def test_http_1_0_is_answered_and_closed(serving, plane):
    with Connection(serving.url) as connection:
        asked = connection.request({"model": plane, "inputs": [[1, 10]]})
        connection.send(asked)
        assert connection.read().status == 200
        connection.send(asked.replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert connection.read().json["predictions"] == [{"value": 33.0}]
        assert connection.is_closed()


def test_other_methods_and_expectations_are_as_ever(connection, plane):
    asked = {"model": plane, "inputs": [[1, 10]]}
    assert connection.ask(asked).status == connection.ask(asked).status == 200
    connection.send(connection.request(b"", method="HEAD"))
    assert connection.read(has_body=False).status == 405
    connection.send(connection.request(asked, headers={"Expect": "100-continue"}))
    assert connection.read(has_body=False).status == 100
    assert connection.read().status == 200
    assert connection.ask(asked).status == 200


def test_the_very_next_prediction_follows_a_move(serving, connection):
    model = serving.register(networks.line())
    serving.register(networks.line(slope=5.0), model)
    asked = {"model": model, "version": "production", "inputs": [[1]]}
    for turn in range(12):
        move = {"version": 1 + turn % 2}
        assert serving.http.put(f"/models/{model}/aliases/production", json=move).status_code in (200, 201)
        answers = [connection.ask(asked) for _ in range(3)]
        assert {one.json["predictions"][0]["value"] for one in answers} == {[3.0, 6.0][turn % 2]}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_on_sqlite_the_very_next_prediction_follows_a_move_by_another_process(serving, connection):
    model = serving.register(networks.line())
    serving.register(networks.line(), model)
    asked = {"model": model, "version": "production", "inputs": [[1]]}
    for turn in range(20):
        serving.move(model, "production", 1 + turn % 2)
        assert connection.ask(asked).json["version"] == 1 + turn % 2


def test_what_goes_the_short_way_is_counted(serving, connection):
    model = serving.register(networks.line())
    for _ in range(7):
        assert connection.ask({"model": model, "inputs": [[1]]}).status == 200
    assert f'feedforward_predictions_total{{model="{model}",version="1"}} 7.0' in serving.http.get("/metrics").text
