"""What takes long to build is built once for all who request it at the same time."""

import asyncio
import threading
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from service.api.http.shared_builds import SharedBuilds
from service.api.routers import ROUTERS
from service.api.web import Web

CALLERS = 40


class CountingWeb(Web):
    """Counts how often its document is built."""

    builds = 0

    def openapi(self) -> dict[str, Any]:
        self.builds += 1
        return super().openapi()


@pytest.fixture
def web() -> CountingWeb:
    web = CountingWeb()
    for each in ROUTERS:
        web.include_router(each)
    return web


async def get_at_once(app: FastAPI, path: str) -> list[httpx.Response]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://feedforward") as client:
        return await asyncio.gather(*(client.get(path) for _ in range(CALLERS)))


def test_the_openapi_document_is_built_once_for_all_first_requests(web):
    first, *others = asyncio.run(get_at_once(web, "/openapi.json"))
    assert "/train" in first.json()["paths"]
    assert all(other.content == first.content for other in others)
    assert web.builds == 1


def test_a_build_that_failed_is_begun_again():
    results = iter([ValueError("out of order"), b"whole"])

    def build() -> bytes:
        result = next(results)
        if isinstance(result, Exception):
            raise result
        return result

    async def request_twice() -> bytes:
        builds = SharedBuilds()
        with pytest.raises(ValueError, match="out of order"):
            await builds.get("document", build)
        return await builds.get("document", build)

    assert asyncio.run(request_twice()) == b"whole"


def test_a_client_that_leaves_ends_nobody_elses_document():
    may_end = threading.Event()

    def build() -> bytes:
        may_end.wait()
        return b"whole"

    async def leave() -> bytes:
        builds = SharedBuilds()
        first, second = (asyncio.create_task(builds.get("document", build)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
        may_end.set()
        return await second

    assert asyncio.run(leave()) == b"whole"
