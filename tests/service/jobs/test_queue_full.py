"""A queue that is full says so, and takes jobs again when there is room."""

ROWS = [{"x": float(k), "y": float(k % 3)} for k in range(20)]


def test_a_full_queue_is_told_and_takes_jobs_again_when_there_is_room(start_server):
    service = start_server(workers=0, max_queued_jobs=2)
    request = {"model": "waiting", "label": "y", "data": {"rows": ROWS}, "training": {"epochs": 2}}
    first, _ = (service.post("/train", json=request) for _ in range(2))
    refused = service.http.post("/train", json=request)
    assert refused.status_code == 429
    assert refused.json()["type"] == "/problems/too-many-requests"
    assert int(refused.headers["Retry-After"]) > 0
    service.post(f"/jobs/{first['id']}/cancel")
    assert service.post("/train", json=request)["state"] == "queued"
