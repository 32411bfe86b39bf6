"""Tables in and out: CSV, NDJSON and Arrow, answered as Accept says."""

import gzip
import io
import json
import math

import pyarrow as pa
import pytest
from backports import zstd
from pyarrow import csv

from tests.support.serving import networks

CSV, NDJSON, ARROW = "text/csv", "application/x-ndjson", "application/vnd.apache.arrow.stream"


def post(serving, model, content, kind, accept=None, path=None, **headers):
    headers |= {"Content-Type": kind, "Accept": accept or "*/*"}
    return serving.http.post(path or f"/models/{model}/predict", content=content, headers=headers)


def arrow_stream(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


@pytest.fixture(scope="module")
def plane(serving) -> str:
    return serving.register(networks.plane())


@pytest.fixture(scope="module")
def prices(serving) -> str:
    return serving.register(networks.prices())


def test_csv_is_answered_by_csv(serving, plane):
    response = post(serving, plane, "b,a,more\n10,1,x\n0.5,-1,y\n", CSV)
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"] == CSV
    assert response.headers["Feedforward-Version"] == f"{plane}/1"
    assert response.text == "value\n33.0\n0.5\n"


def test_the_model_of_a_table_may_stand_in_the_query(serving, plane):
    response = post(serving, plane, "a,b\n1,10\n", CSV, path=f"/predict?model={plane}&version=latest")
    assert response.text == "value\n33.0\n"


@pytest.mark.parametrize("kind", ["text/csv; charset=windows-1252", "text/tab-separated-values", "application/csv"])
def test_a_table_of_cells_is_csv_whatever_its_encoding_separator_and_name(serving, plane, kind):
    response = post(serving, plane, "weiß\tb\ta\nx\t10\t1\n".encode("cp1252"), kind)
    assert response.headers["Content-Type"] == CSV
    assert response.text == "value\n33.0\n"


def test_csv_may_be_answered_as_json_with_warnings(serving, plane):
    response = post(serving, plane, "a,b\n1,10\n1000,0\n", CSV, "application/json")
    answer = response.json()
    assert answer["predictions"] == [{"value": 33.0}, {"value": 2001.0}]
    assert [(one["code"], one["row"]) for one in answer["warnings"]] == [("outside-range", 1)]


def test_json_is_answered_as_accept_says(serving, plane):
    body = json.dumps({"inputs": [[1, 10], [-1, 0.5]]})
    assert post(serving, plane, body, "application/json", CSV).text == "value\n33.0\n0.5\n"
    assert post(serving, plane, body, "application/json", NDJSON).text == '{"value":33.0}\n{"value":0.5}\n'
    table = pa.ipc.open_stream(post(serving, plane, body, "application/json", ARROW).content).read_all()
    assert table.to_pydict() == {"value": [33.0, 0.5]}


def test_a_type_that_is_not_offered_is_not_acceptable(serving, plane):
    assert post(serving, plane, '{"inputs": [[1, 10]]}', "application/json", "image/png").status_code == 406
    assert post(serving, plane, "a,b\n1,10\n", CSV, "image/png").status_code == 406


def test_text_and_booleans_are_read_from_csv(serving, prices):
    content = 'size,colour,new\n5,red,true\n1,"blue",FALSE\n2,"a ""b"", c\nd",true\n'
    assert post(serving, prices, content, CSV).text == "value\n115.0\n21.0\n102.0\n"


@pytest.mark.parametrize("missing", ["", "NA", "NaN", "null"])
def test_missing_cells_are_filled_where_training_met_them(serving, missing):
    model = serving.register(networks.plane_with_gap())
    assert post(serving, model, f"a,b\n1,{missing}\n1,2\n", CSV).text == "value\n123.0\n8.0\n"


def test_classes_are_a_label_and_a_column_for_each_probability(serving):
    model = serving.register(networks.thirds())
    response = post(serving, model, f"a,b\n{math.log(4)},{math.log(2)}\n", CSV)
    table = csv.read_csv(io.BytesIO(response.content)).to_pydict()
    assert list(table) == ["label", "probability_first", "probability_second", "probability_third"]
    assert table["label"] == ["first"]
    assert [table[name][0] for name in list(table)[1:]] == pytest.approx([4 / 7, 2 / 7, 1 / 7], abs=1e-15)


def test_several_labels_are_a_column_each(serving):
    model = serving.register(networks.two_labels())
    response = post(serving, model, "x\n0.5\n", CSV, ARROW)
    table = pa.ipc.open_stream(response.content).read_all().to_pydict()
    assert (table["up"], table["down"]) == ([True], [False])
    assert table["probability_up"] == pytest.approx([1 / (1 + math.exp(-0.5))])


def test_ndjson_takes_objects_and_lists(serving, plane):
    response = post(serving, plane, '{"a": 1, "b": 10}\n\n[-1, 0.5]', NDJSON)
    assert response.headers["Content-Type"] == NDJSON
    assert [json.loads(line) for line in response.text.splitlines()] == [{"value": 33.0}, {"value": 0.5}]


def test_arrow_is_answered_by_arrow(serving, prices):
    table = pa.table({"new": [True, False], "colour": ["red", "blue"], "size": pa.array([5, 1], pa.int32())})
    response = post(serving, prices, arrow_stream(table), ARROW)
    assert response.status_code == 200, response.text
    assert pa.ipc.open_stream(response.content).read_all().to_pydict() == {"value": [115.0, 21.0]}


@pytest.mark.parametrize(("encoding", "compress"), [("gzip", gzip.compress), ("zstd", zstd.compress)])
def test_tables_may_be_compressed(serving, plane, encoding, compress):
    content = compress(b"a,b\n" + b"1,10\n" * 5000)
    response = post(serving, plane, content, CSV, **{"Content-Encoding": encoding})
    assert response.text == "value\n" + "33.0\n" * 5000


@pytest.mark.parametrize(
    ("kind", "content", "location", "code"),
    [
        (CSV, "a,b\n1,10\n1,x\n", ["body", 1, "b"], "float_type"),
        (CSV, "a,b\n1,10\n1,\n", ["body", 1, "b"], "null"),
        (CSV, "a,b\n1,10\n1,inf\n", ["body", 1, "b"], "finite_number"),
        (CSV, "a,b\n1,10\n1\n", ["body", 1], "ragged"),
        (CSV, "a,B\n1,10\n", ["body", "b"], "missing"),
        (CSV, "a,b\n", ["body"], "too_short"),
        (CSV, "a,b\n1,10\n1.7e308,1.7e308\n", ["body", 1], "overflow"),
        (NDJSON, '[1, 10]\n{"a": 1}', ["body", 1, "b"], "missing"),
        (NDJSON, '[1, 10]\n[1, "2"]', ["body", 1, 1], "float_type"),
        (NDJSON, "\n\n", ["body"], "too_short"),
    ],
)
def test_the_place_of_a_fault_is_told(serving, plane, kind, content, location, code):
    response = post(serving, plane, content, kind, "application/json")
    assert response.status_code == 422, response.text
    [error] = response.json()["errors"]
    assert (error["location"], error["code"]) == (location, code)


@pytest.mark.parametrize(
    ("kind", "content"), [(NDJSON, '[1, 10]\n{"a'), (NDJSON, "[1, NaN]"), (ARROW, b"this is no arrow"), (CSV, b"")]
)
def test_a_table_that_can_not_be_read_is_unreadable(serving, plane, kind, content):
    assert post(serving, plane, content, kind, "application/json").status_code == 400


def test_a_row_far_down_is_told_by_its_number(serving, plane):
    content = "a,b\n" + "1,10\n" * 40_000 + "1,x\n"
    response = post(serving, plane, content, CSV)
    assert response.status_code == 422
    assert response.json()["errors"][0]["location"] == ["body", 40_000, "b"]


def test_a_table_without_a_model_says_where_to_put_it(serving):
    response = serving.http.post("/predict", content="a,b\n1,2\n", headers={"Content-Type": CSV})
    assert response.status_code == 422
    assert response.json()["errors"][0]["location"] == ["query", "model"]


def test_a_parameter_is_named_as_it_was_sent(serving):
    response = serving.http.post("/predict?Modle=x", content="a,b\n1,2\n", headers={"Content-Type": CSV})
    assert "`Modle`" in response.json()["detail"]


@pytest.mark.parametrize("query", ["modle=x", "model=x&model=y", "model=A"])
def test_query_parameters_are_checked(serving, query):
    response = serving.http.post(f"/predict?{query}", content="a,b\n1,2\n", headers={"Content-Type": CSV})
    assert response.status_code == 422


def test_a_long_table_is_predicted_in_memory_that_does_not_grow_with_it(start_serving):
    serving = start_serving()
    model = serving.register(networks.plane())
    head, block, blocks = b"a,b\n", b"1,10\n2,20\n" * 25_000, 20

    def content():
        yield head
        for _ in range(blocks):
            yield block

    post(serving, model, head + block, CSV)
    before = resident(serving)
    response = post(serving, model, content(), CSV)
    assert response.text.count("\n") == 1 + blocks * 50_000
    assert response.text.endswith("33.0\n65.0\n")
    assert peak(serving) - before < 150 * 2**20


def test_a_table_may_be_longer_than_json_may(start_serving):
    serving = start_serving(max_predict_bytes=1000)
    model = serving.register(networks.plane())
    assert post(serving, model, "a,b\n" + "1,10\n" * 1000, CSV).text.count("\n") == 1001
    assert post(serving, model, " " * 1001, "application/json").status_code == 413


def status(serving, field: str) -> int:
    """Bytes, of the one process that serves."""
    port = int(serving.url.rsplit(":", 1)[1])
    return max(field_of(pid, field) for pid in listening_on(port))


def resident(serving) -> int:
    return status(serving, "VmRSS")


def peak(serving) -> int:
    return status(serving, "VmHWM")


def field_of(pid: int, field: str) -> int:
    with open(f"/proc/{pid}/status") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field + ":"))


def listening_on(port: int) -> set[int]:
    import psutil

    return {one.pid for one in psutil.net_connections("tcp") if one.laddr.port == port and one.status == "LISTEN"}


def test_ndjson_answers_each_line_as_it_comes(serving, plane):
    import socket

    host, port = serving.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        head = f"POST /models/{plane}/predict HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: {NDJSON}\r\n"
        connection.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        for row, expected in [(b"[1, 10]\n", b"33.0"), (b"[-1, 0.5]\n", b"0.5")]:
            connection.sendall(b"%x\r\n%s\r\n" % (len(row), row))
            received = b""
            while expected not in received:
                received += connection.recv(65536)
        bad = b'[1, "x"]\n'
        connection.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(bad), bad))
        received = b""
        while b"0\r\n\r\n" not in received:
            received += connection.recv(65536)
    assert b'"problem"' in received
    assert b'"location":["body",2,1]' in received
