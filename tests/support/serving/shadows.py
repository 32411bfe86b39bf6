"""What a shadow was compared with."""

import time


def compared_requests(serving, model: str, count: int) -> dict:
    """The comparison, once so many requests were compared: in the background, so the server is polled."""
    deadline = time.monotonic() + 30
    while True:
        assert time.monotonic() < deadline
        response = serving.http.get(f"/models/{model}/shadows")
        assert response.status_code == 200, response.text
        items = response.json()["items"]
        if items and items[0]["requests"] + items[0]["failed"] >= count:
            return items[0]
