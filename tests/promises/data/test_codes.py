"""Labels and categories of whole numbers beyond 2^53 come back as they were written, and neighbours never merge."""

import io
import json

import pyarrow as pa
import pytest
from pyarrow import parquet

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
FIRST, SECOND, THIRD = "9007199254740992", "9007199254740993", "9007199254740995"
LONG = [f"12345678901234567890123456789{digit}" for digit in range(3)]
CODES = [FIRST, SECOND, THIRD]
CHOSEN = {"label": "code", "training": {"epochs": 60, "seed": 2, "optimizer": {"name": "adam", "learning_rate": 0.05}}}


def rows(codes, count=90):
    """Three codes in turn, each beside a number of its own and beside a category that is a code too."""
    return [(k % 3, codes[k % 3], codes[(k + 1) % 3]) for k in range(count)]


def csv_file(codes):
    return "table.csv", ("x,code,shop\n" + "\n".join(f"{x},{code},{shop}" for x, code, shop in rows(codes))).encode()


def ndjson_file(codes):
    lines = [json.dumps({"x": x, "code": int(code), "shop": int(shop)}) for x, code, shop in rows(codes)]
    return "table.ndjson", "\n".join(lines).encode()


def parquet_file(codes, kind=None):
    x, code, shop = zip(*rows(codes), strict=True)
    sink = io.BytesIO()
    kind = kind or pa.int64()
    columns = {
        "x": pa.array(x),
        "code": pa.array(map(int, code)).cast(kind),
        "shop": pa.array(map(int, shop)).cast(kind),
    }
    parquet.write_table(pa.table(columns), sink, row_group_size=7)
    return "table.parquet", sink.getvalue()


def decimal_file(codes):
    return parquet_file(codes, pa.decimal128(38, 0))


FILES = {"csv": csv_file, "ndjson": ndjson_file, "parquet": parquet_file, "decimal": decimal_file}


def train(server, model, file):
    job = server.post("/train", data={"spec": json.dumps(CHOSEN | {"model": model})}, files={"file": file})
    return server.wait_for(job["id"])


@pytest.mark.parametrize("kind", FILES)
def test_codes_are_learnt_and_told_as_they_were_written(server, kind):
    model, file = f"codes-{kind}", FILES[kind](CODES)
    job = train(server, model, file)
    warned = {one["column"] for one in job["warnings"] if one["code"] == "codes"}
    assert warned == {"code", "shop"}
    version = server.get(f"/models/{model}/versions/1")
    assert version["signature"]["outputs"][0]["classes"] == CODES
    shop = next(one for one in version["signature"]["features"] if one["name"] == "shop")
    assert (shop["type"], shop["categories"]) == ("category", CODES)
    profile = {column["name"]: column for column in server.profiled(version["dataset"])["columns"]}
    assert {profile["code"]["type"], profile["shop"]["type"]} == {"category"}
    assert profile["code"]["distinct"] == 3
    judged = server.post(f"/models/{model}/versions/1/evaluate", data={"spec": "{}"}, files={"file": file})
    assert server.wait_for(judged["id"])["result"]["metrics"]["accuracy"] == 1
    batch = server.post(f"/models/{model}/versions/1/batch", json={"data": {"dataset": version["dataset"]}})
    lines = server.http.get(server.wait_for(batch["id"])["result"]["links"]["content"]).text.splitlines()
    assert [line.split(",")[:4] for line in lines[1:4]] == [
        [x, f'"{code}"', f'"{shop}"', f'"{code}"']
        for x, code, shop in zip("012", CODES, [SECOND, THIRD, FIRST], strict=True)
    ]


def test_predictions_take_codes_as_numbers_and_as_text(server):
    train(server, "codes-asked", csv_file(CODES))
    asked = [{"x": 0, "shop": int(SECOND)}, {"x": 1, "shop": THIRD}, {"x": 2, "shop": int(FIRST)}]
    answer = server.predict("codes-asked", asked)
    assert [one["label"] for one in answer["predictions"]] == CODES
    assert answer["warnings"] == []
    told = server.predict("codes-asked", [{"x": 0, "shop": int(SECOND) + 1}])
    assert [one["code"] for one in told["warnings"]] == ["unseen-category"]
    headers = {"Content-Type": "text/csv", "Accept": "application/json"}
    content = "x,shop\n" + "\n".join(f"{row['x']},{row['shop']}" for row in asked)
    in_csv = server.http.post("/models/codes-asked/predict", content=content, headers=headers).json()
    assert [one["label"] for one in in_csv["predictions"]] == CODES


def test_digits_past_64_bits_are_codes_and_no_error_at_the_end_of_the_job(server):
    train(server, "codes-long", csv_file(LONG))
    answer = server.predict("codes-long", [{"x": k, "shop": LONG[(k + 1) % 3]} for k in range(3)])
    assert [one["label"] for one in answer["predictions"]] == LONG


def test_true_labels_of_codes_may_be_numbers(server):
    train(server, "codes-live", csv_file(CODES))
    server.http.put("/models/codes-live/prediction-log", json={"sample": 1}).raise_for_status()
    answer = server.http.post("/models/codes-live/predict", json={"inputs": [{"x": 1, "shop": THIRD}]})
    request = answer.headers["X-Request-ID"]
    assert answer.status_code == 200, answer.text
    server.wait_logged("codes-live", 1)
    label = {"request": request, "row": 0, "label": int(SECOND)}
    assert server.post("/models/codes-live/feedback", json={"items": [label]})["matched"] == 1
