"""What our connection uses of uvicorn's, inside as well: a new uvicorn that names it otherwise fails here first."""

import asyncio
import inspect

import pytest
import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

METHODS = {
    "connection_made": ["transport"],
    "connection_lost": ["exc"],
    "data_received": ["data"],
    "eof_received": [],
    "resume_writing": [],
    "_start_asgi_task": ["cycle", "app"],
    "on_message_begin": [],
    "on_url": ["url"],
    "on_header": ["name", "value"],
    "on_headers_complete": [],
    "on_body": ["body"],
    "on_message_complete": [],
    "on_response_complete": [],
    "shutdown": [],
    "timeout_keep_alive_handler": [],
    "_unset_keepalive_if_required": [],
}
ATTRIBUTES = [
    "app", "config", "cycle", "flow", "headers", "limit_concurrency", "loop", "parser", "pipeline", "scope",
    "server_state", "timeout_keep_alive", "timeout_keep_alive_task", "transport",
]  # fmt: skip
OF_A_CYCLE = ["disconnected", "keep_alive", "message_event", "response_complete", "response_started"]


async def application(scope: object, receive: object, send: object) -> None:
    """Never called."""


@pytest.fixture(scope="module")
def protocol() -> HttpToolsProtocol:
    async def make() -> HttpToolsProtocol:
        config = uvicorn.Config(application, log_config=None)
        config.load()
        return HttpToolsProtocol(config, ServerState(), {})

    return asyncio.run(make())


@pytest.mark.parametrize(("name", "parameters"), METHODS.items(), ids=METHODS)
def test_uvicorns_connection_has_the_method(name: str, parameters: list[str]):
    assert list(inspect.signature(getattr(HttpToolsProtocol, name)).parameters) == ["self", *parameters]


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_uvicorns_connection_has_the_attribute(protocol: HttpToolsProtocol, name: str):
    assert hasattr(protocol, name)


def test_uvicorns_connection_keeps_the_url_of_a_head(protocol: HttpToolsProtocol):
    protocol.on_message_begin()
    assert (protocol.url, protocol.headers, protocol.scope["headers"]) == (b"", [], [])


@pytest.mark.parametrize("name", OF_A_CYCLE)
def test_uvicorns_cycle_has_the_attribute(name: str):
    assert f"self.{name} = " in inspect.getsource(RequestResponseCycle.__init__)


def test_uvicorns_flow_can_be_paused_and_its_state_counts_requests():
    assert list(inspect.signature(FlowControl).parameters) == ["transport"]
    assert callable(FlowControl.pause_reading)
    assert callable(FlowControl.resume_reading)
    assert "self.write_paused = " in inspect.getsource(FlowControl.__init__)
    assert (ServerState().total_requests, ServerState().default_headers) == (0, [])


def test_uvicorns_server_has_what_ours_uses():
    assert {"startup", "shutdown", "serve"} <= set(vars(uvicorn.Server))
    source = inspect.getsource(uvicorn.Server)
    for name in ("config", "lifespan", "server_state", "servers"):
        assert f"self.{name}" in source
