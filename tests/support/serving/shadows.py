"""What a shadow was compared with."""


def compared_requests(serving, model: str, count: int) -> dict:
    """The comparison, when so many requests were compared; asked again and again, since nobody waits for it."""
    while True:
        response = serving.http.get(f"/models/{model}/shadows")
        assert response.status_code == 200, response.text
        items = response.json()["items"]
        if items and items[0]["requests"] + items[0]["failed"] >= count:
            return items[0]
