"""Many imports at the same time: no number twice, and of one key one version."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx


def test_imports_at_the_same_time(server, weights, name):
    key = {"Idempotency-Key": uuid.uuid4().hex}

    def send(number: int) -> httpx.Response:
        headers = {"Content-Type": "application/vnd.safetensors", **(key if number % 2 else {})}
        url = f"{server.url}/models/{name}/versions"
        return httpx.post(url, content=weights, headers=headers, timeout=60, trust_env=False)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(16)))
    assert {answer.status_code for answer in answers} == {201}
    with_key = [answer for number, answer in enumerate(answers) if number % 2]
    assert len({answer.json()["version"] for answer in with_key}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in with_key) == 1
    numbers = sorted(version["version"] for version in server.get(f"/models/{name}/versions")["items"])
    assert numbers == list(range(1, 10))
