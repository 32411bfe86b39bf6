"""Addresses and methods: what is known, what is not, and no redirects."""

import httpx
import pytest


@pytest.fixture
def database() -> str:
    """Nothing here depends on it."""
    return "sqlite"


def test_an_unknown_address_is_a_problem(http: httpx.Client):
    answer = http.get("/nowhere")
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["status"], answer.json()["type"]) == (404, 404, "/problems/not-found")


@pytest.mark.parametrize("path", ["/models/", "/jobs/", "/health/live/", "//models", "/predict/"])
def test_a_slash_too_many_is_no_redirect(http: httpx.Client, path: str):
    answer = http.get(httpx.URL(str(http.base_url).rstrip("/") + path))
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/models", {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/models/m/aliases/a", {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}),
        ("PUT", "/models/m", {"GET", "HEAD", "PATCH", "DELETE", "OPTIONS"}),
        ("DELETE", "/jobs/01980a2b-6c1e-7cc3-98c4-dc0c0c07398f", {"GET", "HEAD", "OPTIONS"}),
        ("TRACE", "/models", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_another_method_is_told_which_ones_work(http: httpx.Client, method: str, path: str, allowed: set[str]):
    answer = http.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", ["/predict", "/models/m/predict", "/models/m/versions/1/predict"])
def test_predictions_are_posted(http: httpx.Client, path: str):
    answer = http.get(path)
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize("path", ["/models", "/health/live", "/openapi.json", "/", "/metrics"])
def test_head_is_get_without_the_body(http: httpx.Client, path: str):
    head = http.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == http.get(path).headers["content-type"]
    assert http.get("/health/live").json() == {"status": "live"}


def test_head_of_a_stream_ends(http: httpx.Client, running):
    assert http.head(f"/jobs/{running.job}/events").status_code == 200


def test_options_tell_the_methods(http: httpx.Client):
    answer = http.options("/models/m/aliases/a")
    assert (answer.status_code, answer.content) == (204, b"")
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}
    assert "POST" in http.options("/predict").headers["allow"]
    assert http.options("/nowhere").status_code == 404
