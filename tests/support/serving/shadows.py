"""The comparison of a shadow with the version that serves."""

import time


def compared_requests(serving, model: str, count: int) -> dict:
    """The comparison, once so many requests are in it. The server compares in the background, so it is polled."""
    deadline = time.monotonic() + 30
    while True:
        assert time.monotonic() < deadline
        response = serving.http.get(f"/models/{model}/shadows")
        assert response.status_code == 200, response.text
        items = response.json()["items"]
        if items and items[0]["requests"] + items[0]["failed"] >= count:
            return items[0]
