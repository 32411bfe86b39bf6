"""What is refused, and how exactly its place is told."""

import pytest

from tests.support.serving import networks


def errors_of(response) -> list[tuple[list, str]]:
    assert response.status_code == 422, response.text
    return [(one["location"], one["code"]) for one in response.json()["errors"]]


@pytest.fixture
def plane(serving) -> str:
    return serving.register(networks.plane())


@pytest.mark.parametrize(
    ("row", "location", "code"),
    [
        ({"a": 1}, ["b"], "missing"),
        ({"a": 1, "b": True}, ["b"], "float_type"),
        ({"a": 1, "b": "2"}, ["b"], "float_type"),
        ({"a": 1, "b": None}, ["b"], "null"),
        ({"a": 1, "b": [2]}, ["b"], "float_type"),
        ({"a": 1, "b": 2, "c": 3}, ["c"], "unknown"),
        ([1], [1], "missing"),
        ([1, 2, 3], [], "too_long"),
        ([1, True], [1], "float_type"),
        ([1, "2"], [1], "float_type"),
        (5, [], "row_type"),
        ("ab", [], "row_type"),
        (None, [], "row_type"),
    ],
)
def test_the_place_and_the_kind_of_a_fault_are_told(serving, plane, row, location, code):
    good = {"a": 1, "b": 2}
    response = serving.ask({"model": plane, "inputs": [good, good, good, row]})
    assert errors_of(response) == [(["body", "inputs", 3, *location], code)]


def test_each_kind_of_feature_takes_its_own_type(serving):
    model = serving.register(networks.prices())
    response = serving.ask({"model": model, "inputs": [{"size": "5", "colour": None, "new": 1}]})
    assert errors_of(response) == [
        (["body", "inputs", 0, "size"], "float_type"),
        (["body", "inputs", 0, "colour"], "null"),
        (["body", "inputs", 0, "new"], "bool_type"),
    ]


def test_an_unknown_feature_names_the_nearest_known_one(serving):
    model = serving.register(networks.prices())
    response = serving.ask({"model": model, "inputs": [{"size": 5, "color": "red", "new": True}]})
    assert "`colour`" in " ".join(one["message"] for one in response.json()["errors"])


def test_an_unknown_field_names_the_nearest_known_one(serving, plane):
    response = serving.ask({"model": plane, "imputs": [[1, 2]]})
    assert (["body", "imputs"], "unknown") in errors_of(response)
    assert "`inputs`" in response.text


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e400", "01", "'1'", "1,", '"\\ud800"'])
def test_what_is_not_json_is_unreadable(serving, plane, text):
    body = f'{{"model": "{plane}", "inputs": [[1, {text}]]}}'
    response = serving.http.post("/predict", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.json()["type"] == "/problems/unreadable-body"


def test_json_that_is_nested_too_deep_is_unreadable(serving, plane):
    deep = "[" * 100 + "]" * 100
    body = f'{{"model": "{plane}", "inputs": [[1, {deep}]]}}'
    response = serving.http.post("/predict", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400


@pytest.mark.parametrize("inputs", [[], {}, "abc", 5, None])
def test_inputs_are_a_list_of_at_least_one_row(serving, plane, inputs):
    assert errors_of(serving.ask({"model": plane, "inputs": inputs}))


def test_inputs_and_columns_exclude_each_other(serving, plane):
    assert errors_of(serving.ask({"model": plane, "inputs": [[1, 2]], "columns": {"a": [1], "b": [2]}}))
    assert errors_of(serving.ask({"model": plane}))


def test_columns_are_checked_value_by_value(serving, plane):
    response = serving.ask({"model": plane, "columns": {"a": [1, True, 3], "b": [1, 2, "3"], "c": []}})
    assert errors_of(response) == [
        (["body", "columns", "a", 1], "float_type"),
        (["body", "columns", "b", 2], "float_type"),
        (["body", "columns", "c"], "unknown"),
    ]


def test_columns_have_the_same_length(serving, plane):
    response = serving.ask({"model": plane, "columns": {"a": [1, 2], "b": [1]}})
    assert errors_of(response) == [(["body", "columns", "b"], "length")]


@pytest.mark.parametrize("version", [0, -1, True, 1.0, "", "a b", "A", [], {}])
def test_a_version_is_a_number_an_alias_or_latest(serving, plane, version):
    assert errors_of(serving.ask({"model": plane, "inputs": [[1, 2]], "version": version})) == [
        (["body", "version"], "invalid")
    ]


@pytest.mark.parametrize("version", [99, "99", 10**30, "nowhere"])
def test_a_version_that_is_not_there_is_not_found(serving, plane, version):
    response = serving.ask({"model": plane, "inputs": [[1, 2]], "version": version})
    assert response.status_code == (422 if version == 10**30 else 404)


def test_an_unknown_model_is_not_found_and_the_nearest_is_named(serving):
    serving.register(networks.line(), "tulips-of-spring")
    response = serving.ask({"model": "tulips-of-sprin", "inputs": [[1]]})
    assert response.status_code == 404
    assert "`tulips-of-spring`" in response.json()["detail"]


@pytest.mark.parametrize("path", ["/models/A/predict", "/models/%00/predict", "/models/x/versions/A%20b/predict"])
def test_a_path_that_can_be_no_name_is_not_found(serving, path):
    assert serving.ask({"inputs": [[1]]}, path).status_code == 404


def test_at_most_twenty_errors_are_told_and_all_are_counted(serving, plane):
    response = serving.ask({"model": plane, "inputs": [["x", "y"]] * 500})
    assert len(response.json()["errors"]) == 20
    assert response.json()["error_count"] == 1000
    assert len(response.content) <= 8192


def test_an_error_does_not_repeat_what_was_sent(serving, plane):
    secret = "s3cret" * 10_000
    response = serving.ask({"model": plane, "inputs": [{"a": secret, "b": 1, secret: 2}]})
    assert response.status_code == 422
    assert len(response.content) < 2000


def test_a_prediction_that_is_no_finite_number_is_an_error(serving, plane):
    response = serving.ask({"model": plane, "inputs": [[1, 2], [1.7e308, 1.7e308]]})
    assert errors_of(response) == [(["body", "inputs", 1], "overflow")]


def test_more_rows_than_the_limit_are_an_error(start_serving):
    serving = start_serving(max_predict_rows=5)
    model = serving.register(networks.line())
    assert serving.ask({"model": model, "inputs": [[1]] * 5}).status_code == 200
    assert errors_of(serving.ask({"model": model, "inputs": [[1]] * 6})) == [(["body", "inputs"], "too_long")]
    assert errors_of(serving.ask({"model": model, "columns": {"x": [1] * 6}})) == [(["body", "columns"], "too_long")]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", None]
)
def test_json_has_to_be_declared(serving, plane, kind):
    headers = {} if kind is None else {"Content-Type": kind}
    response = serving.http.post("/predict", content=b'{"model": "x", "inputs": [[1]]}', headers=headers)
    assert response.status_code == 415
    assert "application/json" in response.json()["detail"]


def test_other_methods_are_told_which_one_works(serving):
    response = serving.http.get("/predict")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
