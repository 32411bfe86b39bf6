"""One attempt to deliver one message: a POST with a deadline, to an address that was checked."""

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
ANSWER_BYTES = 1024
ASKS_TO_WAIT = {429, 503}


@dataclass(frozen=True)
class Answer:
    """What a receiver answered: `beginning` is the first KiB of the body, as it came."""

    status: int
    beginning: bytes
    retry_after: float = 0


@dataclass(frozen=True)
class Outcome:
    attempt: Attempt
    answer: Answer | None


async def attempt(client: httpx.AsyncClient, hosts: AllowedHosts, message: Message, timeout_seconds: float) -> Outcome:
    """Send a message once. Whatever goes wrong is told in the outcome, not raised."""
    begun, at = time.perf_counter(), datetime.now(UTC)
    answer, error = None, None
    try:
        async with asyncio.timeout(timeout_seconds):
            answer = await _post(client, hosts.find_target(message.url), message, at)
            error = None if answer.status // 100 == 2 else f"the receiver answered {answer.status}"
    except TimeoutError:
        error = f"no complete response within {timeout_seconds:g} seconds"
    except (Refused, OSError, httpx.HTTPError) as problem:
        error = _sentence(problem)
    status = None if answer is None else answer.status
    seconds = round(time.perf_counter() - begun, 6)
    return Outcome(Attempt(at=at, seconds=seconds, status=status, error=error), answer)


async def _post(client: httpx.AsyncClient, target: Target, message: Message, at: datetime) -> Answer:
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
            continue  # such as IPv6 where there is no way to it
    return await _post_to(client, target, last, headers, message.body)


async def _post_to(
    client: httpx.AsyncClient, target: Target, address: str, headers: Mapping[str, str], body: str
) -> Answer:
    """To this address, in the name of the host: that is whom the certificate must be of."""
    url = target.url.copy_with(host=address)
    names = {"sni_hostname": target.host}
    async with client.stream("POST", url, headers=headers, content=body.encode(), extensions=names) as response:
        wait = read_retry_after(response.headers.get("retry-after", ""), datetime.now(UTC))
        beginning = await _beginning(response)
        return Answer(response.status_code, beginning, wait if response.status_code in ASKS_TO_WAIT else 0)


async def _beginning(response: httpx.Response) -> bytes:
    read = b""
    async for chunk in response.aiter_raw(ANSWER_BYTES):
        read += chunk
        if len(read) >= ANSWER_BYTES:
            break
    return read[:ANSWER_BYTES]


def _sentence(problem: Exception) -> str:
    return str(problem)[:200] or type(problem).__name__


def new_client() -> httpx.AsyncClient:
    """Follows no redirect, asks no proxy, keeps no connection: each attempt goes where it was checked to go."""
    return httpx.AsyncClient(
        verify=httpx.create_ssl_context(),
        follow_redirects=False,
        trust_env=False,
        timeout=httpx.Timeout(None, connect=CONNECT_SECONDS),
        limits=httpx.Limits(max_keepalive_connections=0),
        headers={"user-agent": "Feedforward-Webhooks"},
    )
