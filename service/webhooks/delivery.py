"""One attempt to deliver one message: a POST with a deadline, to a checked address."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from service.registry.webhooks.deliveries import Message
from service.schemas.webhooks import Attempt
from service.webhooks.allowed_targets import AllowedHosts, Refused, Target
from service.webhooks.schedule import read_retry_after
from service.webhooks.signing import signed_headers

CONNECT_SECONDS = 5.0
RESPONSE_BYTES = 1024
STATUSES_TO_RETRY_AFTER = {429, 503}


@dataclass(frozen=True)
class ReceiverResponse:
    """A receiver's response: `beginning` is the first KiB of its body, as received."""

    status: int
    beginning: bytes
    retry_after: float = 0


@dataclass(frozen=True)
class Outcome:
    """The record of an attempt, and the receiver's response if there was one."""

    attempt: Attempt
    response: ReceiverResponse | None


async def attempt(client: httpx.AsyncClient, hosts: AllowedHosts, message: Message, timeout_seconds: float) -> Outcome:
    """Send a message once. Failures are part of the outcome, not raised."""
    start, at = time.perf_counter(), datetime.now(UTC)
    response, error = None, None
    try:
        async with asyncio.timeout(timeout_seconds):
            response = await _post(client, hosts.find_target(message.url), message, at)
            error = None if response.status // 100 == 2 else f"the receiver answered {response.status}"
    except TimeoutError:
        error = f"no complete response within {timeout_seconds:g} seconds"
    except (Refused, OSError, httpx.HTTPError) as problem:
        error = _sentence(problem)
    status = None if response is None else response.status
    seconds = round(time.perf_counter() - start, 6)
    return Outcome(Attempt(at=at, seconds=seconds, status=status, error=error), response)


async def _post(client: httpx.AsyncClient, target: Target, message: Message, at: datetime) -> ReceiverResponse:
    headers = {
        "host": target.url.netloc.decode(),
        "content-type": "application/json",
        "accept-encoding": "identity",
        **signed_headers(message.secrets, message.id, int(at.timestamp()), message.body),
    }
    *others, last = await target.resolve()
    for address in others:
        try:
            return await _post_to(client, target, address, headers, message.body)
        except httpx.ConnectError:
            continue  # such as an IPv6 address without a route
    return await _post_to(client, target, last, headers, message.body)


async def _post_to(
    client: httpx.AsyncClient, target: Target, address: str, headers: Mapping[str, str], body: str
) -> ReceiverResponse:
    """POST to this address in the name of the host, which is the name that the certificate must carry."""
    url = target.url.copy_with(host=address)
    names = {"sni_hostname": target.host}
    async with client.stream("POST", url, headers=headers, content=body.encode(), extensions=names) as response:
        wait = read_retry_after(response.headers.get("retry-after", ""), datetime.now(UTC))
        beginning = await _beginning(response)
        return ReceiverResponse(
            response.status_code, beginning, wait if response.status_code in STATUSES_TO_RETRY_AFTER else 0
        )


async def _beginning(response: httpx.Response) -> bytes:
    content = b""
    async for chunk in response.aiter_raw(RESPONSE_BYTES):
        content += chunk
        if len(content) >= RESPONSE_BYTES:
            break
    return content[:RESPONSE_BYTES]


def _sentence(problem: Exception) -> str:
    return str(problem)[:200] or type(problem).__name__


def new_client() -> httpx.AsyncClient:
    """A client without redirects, proxies or kept connections: each attempt connects to its checked address."""
    return httpx.AsyncClient(
        verify=httpx.create_ssl_context(),
        follow_redirects=False,
        trust_env=False,
        timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_keepalive_connections=0),
        headers={"user-agent": "Feedforward-Webhooks"},
    )
