"""What names mean follows the registry at once, also where another process changes it."""

import asyncio

import httpx
import pytest

from tests.support.serving import networks


def version_of(serving, model: str, reference: str = "production") -> int:
    response = serving.ask({"model": model, "version": reference, "inputs": [[1]]})
    assert response.status_code == 200, response.text
    return response.json()["version"]


def with_versions(serving, count: int) -> str:
    model = serving.register(networks.line())
    for _ in range(count - 1):
        serving.register(networks.line(), model)
    return model


def test_the_very_next_prediction_follows_a_move_by_this_process(serving):
    model = with_versions(serving, 2)
    for version in [1, 2, 1, 2, 2, 1]:
        answer = serving.http.put(f"/models/{model}/aliases/production", json={"version": version})
        assert answer.status_code in (200, 201)
        assert version_of(serving, model) == version


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_on_sqlite_the_very_next_prediction_follows_a_move_by_another_process(serving):
    model = with_versions(serving, 2)
    for turn in range(20):
        serving.move(model, "production", 1 + turn % 2)
        assert version_of(serving, model) == 1 + turn % 2


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_on_postgresql_other_processes_follow_soon(serving):
    model = with_versions(serving, 2)
    serving.move(model, "production", 1)
    assert eventually(lambda: version_of(serving, model), 1)
    serving.move(model, "production", 2)
    assert eventually(lambda: version_of(serving, model), 2)


def test_a_new_version_is_the_latest_soon(serving):
    model = with_versions(serving, 1)
    assert version_of(serving, model, "latest") == 1
    serving.register(networks.line(), model)
    assert eventually(lambda: version_of(serving, model, "latest"), 2)


def test_a_deleted_version_is_gone(serving):
    model = with_versions(serving, 2)
    assert version_of(serving, model, "1") == 1
    serving.http.delete(f"/models/{model}/versions/1").raise_for_status()
    response = serving.ask({"model": model, "version": 1, "inputs": [[1]]})
    assert response.status_code == 410
    assert version_of(serving, model, "2") == 2


def test_no_request_is_lost_or_mixed_while_an_alias_moves(serving):
    """Version 1 answers 2 x + 1, version 2 answers 3 x + 1: an answer must fit the version that it names."""
    model = serving.register(networks.line(slope=2.0))
    serving.register(networks.line(slope=3.0), model)
    serving.move(model, "production", 1)

    async def ask(http: httpx.AsyncClient, x: float) -> tuple[float, dict]:
        body = {"model": model, "version": "production", "inputs": [[x]]}
        response = await http.post("/predict", json=body)
        assert response.status_code == 200, response.text
        return x, response.json()

    async def all_at_once() -> list[tuple[float, dict]]:
        async with httpx.AsyncClient(base_url=serving.url, trust_env=False, timeout=60) as http:
            asked = []
            for turn in range(10):
                asked += [asyncio.create_task(ask(http, float(x % 90))) for x in range(20)]
                await asyncio.to_thread(serving.move, model, "production", 1 + turn % 2)
            return await asyncio.gather(*asked)

    for x, answer in asyncio.run(all_at_once()):
        assert answer["predictions"] == [{"value": (answer["version"] + 1) * x + 1}]


def test_each_of_many_requests_at_once_is_told_its_own_warnings(serving):
    """20 requests of 20 rows, of which the k-th request has k rows outside the range of training."""
    model = serving.register(networks.line())
    serving.predict(model, [[1]])

    async def ask(http: httpx.AsyncClient, outside: int) -> tuple[int, dict]:
        inputs = [[1000.0]] * outside + [[1.0]] * (20 - outside)
        return outside, (await http.post("/predict", json={"model": model, "inputs": inputs})).json()

    async def all_at_once() -> list[tuple[int, dict]]:
        async with httpx.AsyncClient(base_url=serving.url, trust_env=False, timeout=60) as http:
            return await asyncio.gather(*(ask(http, k) for k in range(20)))

    for outside, answer in asyncio.run(all_at_once()):
        assert answer.get("warning_count", 0) == outside
        assert [one["row"] for one in answer["warnings"]] == list(range(outside))


def test_a_fault_of_one_request_is_told_to_that_one_alone(serving):
    """The network's output is no finite number for 1.7e308; others of the same turn must not notice."""
    model = serving.register(networks.plane())
    serving.predict(model, [[1, 1]])

    async def ask(http: httpx.AsyncClient, value: float) -> int:
        body = {"model": model, "inputs": [[value, value]]}
        return (await http.post("/predict", json=body)).status_code

    async def all_at_once() -> list[int]:
        async with httpx.AsyncClient(base_url=serving.url, trust_env=False, timeout=60) as http:
            return await asyncio.gather(*(ask(http, 1.7e308 if k % 5 == 0 else 1.0) for k in range(40)))

    assert asyncio.run(all_at_once()) == [422 if k % 5 == 0 else 200 for k in range(40)]


def eventually(ask, expected) -> bool:
    """Whether the answer becomes what is expected within the second of the poll that stands behind NOTIFY."""
    return any(ask() == expected for _ in range(500))
