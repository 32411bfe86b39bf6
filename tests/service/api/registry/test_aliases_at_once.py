"""Many callers at once: nothing lost, nothing stuck, no busy database shown to anyone."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import httpx

from tests.support.service import Service


def caller(server: Service) -> httpx.Client:
    """A connection of one's own: threads that share a client now and then read from one that another has closed."""
    return httpx.Client(base_url=server.url, timeout=60, trust_env=False, verify=False)


def test_a_hundred_moves_at_once_are_all_made(server: Service, name: str, add_versions):
    add_versions(name, 2)
    path = f"/models/{name}/aliases/production"

    def move(number: int) -> int:
        with caller(server) as http:
            return http.put(path, json={"version": number % 2 + 1}).status_code

    def look(_: int) -> int:
        with caller(server) as http:
            return http.get(f"/models/{name}").status_code

    with ThreadPoolExecutor(100) as callers:
        moved, seen = callers.map(move, range(100)), callers.map(look, range(100))
        assert Counter(moved) == {201: 1, 200: 99}
        assert set(seen) == {200}
    history = server.http.get(f"{path}/history", params={"limit": 200}).json()["items"]
    versions = [move["version"] for move in history]
    assert all(first != second for first, second in pairwise(versions))
    assert server.http.get(path).json()["version"] == versions[0]


def test_of_many_who_saw_the_same_one_wins(server: Service, name: str, add_versions):
    add_versions(name)
    seen = server.http.get(f"/models/{name}").headers["etag"]

    def describe(number: int) -> httpx.Response:
        with caller(server) as http:
            return http.patch(f"/models/{name}", json={"description": str(number)}, headers={"If-Match": seen})

    with ThreadPoolExecutor(50) as callers:
        answers = list(callers.map(describe, range(50)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 49}
    [winner] = [answer.json()["description"] for answer in answers if answer.status_code == 200]
    assert server.http.get(f"/models/{name}").json()["description"] == winner
