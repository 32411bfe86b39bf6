"""A page of another site, open in the browser of someone who runs this on loopback, gets nowhere."""

import httpx
import pytest

from tests.support.service import Service


@pytest.fixture
def database() -> str:
    """Nothing here depends on it."""
    return "sqlite"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "a, localhost"]
)
def test_a_name_that_was_rebound_to_loopback_is_not_served(http: httpx.Client, host: str):
    answer = http.get("/models", headers={"Host": host})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/bad-host")


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "LOCALHOST", "127.0.0.1:1", "[::1]:8000"])
def test_loopback_names_are_served(http: httpx.Client, host: str):
    assert http.get("/models", headers={"Host": host}).status_code == 200


def test_allowed_hosts_are_served(start_server):
    server = start_server(allowed_hosts='["models.example", ".apps.example"]', workers=0)
    for host, status in [
        ("models.example", 200),
        ("a.apps.example:443", 200),
        ("apps.example", 200),
        ("notapps.example", 400),
        ("x.models.example", 400),
    ]:
        assert server.http.get("/models", headers={"Host": host}).status_code == status, host


CHANGES = [
    ("POST", "/train"),
    ("POST", "/predict"),
    ("POST", "/v2/models/m/infer"),
    ("PUT", "/models/m/aliases/a"),
    ("PATCH", "/models/m"),
    ("DELETE", "/models/m"),
    ("POST", "/datasets"),
]


@pytest.mark.parametrize(("method", "path"), CHANGES)
@pytest.mark.parametrize(
    "sign",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_page_of_another_site_can_change_nothing(http: httpx.Client, method: str, path: str, sign: dict[str, str]):
    answer = http.request(method, path, headers=sign | {"Content-Type": "text/plain"}, content=b"{}")
    assert answer.status_code == 403
    told = answer.json()
    assert ("error" in told) if path.startswith("/v2") else (told["type"] == "/problems/cross-site")


def test_our_own_pages_may_change_things(server: Service):
    headers = {"Origin": server.url, "Sec-Fetch-Site": "same-origin"}
    assert server.http.delete("/models/not-there", headers=headers).status_code == 404


def test_reading_is_not_changing(http: httpx.Client):
    assert http.get("/models", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_no_page_of_another_site_may_read_the_answers(http: httpx.Client):
    answer = http.get("/models", headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
