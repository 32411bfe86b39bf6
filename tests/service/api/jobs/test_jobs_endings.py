"""How a running job ends before its time: cancelled, with its best network so far, or for want of memory."""

from tests.support.long_trainings import spirals, wait_for_epoch


def endless(model: str) -> dict:
    return {"model": model, "label": "side", "data": {"rows": spirals()}, "training": {"epochs": 1_000_000}}


def test_a_cancelled_training_ends_without_a_version(server):
    job = server.post("/train", json=endless("cancelled"))["id"]
    wait_for_epoch(server, job, 3)
    assert server.post(f"/jobs/{job}/cancel")["state"] == "running"
    ended = server.wait_for(job, state="cancelled")
    assert ended["version"] is None
    assert server.http.get("/models/cancelled").status_code == 404
    assert server.http.post(f"/jobs/{job}/cancel").status_code == 409


def test_a_training_that_is_stopped_keeps_its_best_network(server):
    job = server.post("/train", json=endless("kept"))["id"]
    wait_for_epoch(server, job, 3)
    server.post(f"/jobs/{job}/cancel", json={"keep": "best"})
    ended = server.wait_for(job)
    assert ended["version"] == 1
    assert ended["result"]["stopped"] == "on request"
    curve = server.get(f"/jobs/{job}/curve")["items"]
    best = min(curve, key=lambda point: point["validation_loss"])
    assert ended["result"]["best_epoch"] == best["epoch"]
    assert server.predict("kept", [{"x": 1.0, "y": -2.0}])["version"] == 1


def test_a_training_that_needs_too_much_memory_fails_with_advice_and_the_next_one_runs(start_server):
    service = start_server(workers=1, max_trainer_memory_bytes=700_000_000)
    small = {"model": "small", "label": "side", "data": {"rows": spirals(40)}, "training": {"epochs": 3}}
    huge = small | {"model": "huge", "network": {"hidden": [4096, 4096]}}
    failed = service.train(huge, state="failed")
    assert "memory" in failed["error"]["detail"]
    assert service.train(small)["version"] == 1


def test_a_job_whose_dataset_was_damaged_meanwhile_fails_and_says_so(start_server):
    service = start_server(workers=1)
    running = service.post("/train", json=endless("before"))["id"]
    wait_for_epoch(service, running, 1)
    rows = "\n".join(["x,y", *(f"{number}.5,{number * 2}.25" for number in range(40_000))])
    dataset = service.post("/datasets", content=rows, headers={"Content-Type": "text/csv"})["id"]
    waiting = service.post("/train", json={"model": "damaged", "label": "y", "data": {"dataset": dataset}})["id"]
    file = service.data / "datasets" / dataset.removeprefix("sha256:")
    file.write_text(rows.replace("1.5", "9.5"))
    service.post(f"/jobs/{running}/cancel")
    assert service.wait_for(waiting, state="failed")["error"]["type"] == "/problems/corrupt-dataset"
