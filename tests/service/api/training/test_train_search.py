"""A search over HTTP: one job, one version, every trial with its score."""

from tests.support.processes import PROJECT

IRIS = PROJECT / "examples" / "iris.csv"
SPACE = {
    "training.optimizer.learning_rate": {"range": [1e-4, 0.1], "scale": "log"},
    "network.hidden": {"choice": [[4], [8, 8]]},
}


def test_a_search_registers_its_best_network_and_tells_every_trial(server):
    search = {"method": "random", "trials": 6, "space": SPACE}
    request = {"model": "iris-searched", "label": "species", "training": {"epochs": 20}, "search": search}
    job = server.train_file(request, IRIS)
    trials = job["result"]["trials"]
    best = min(trials, key=lambda trial: trial["score"])
    version = server.get(f"/models/iris-searched/versions/{job['version']}")
    assert (job["kind"], len(trials), job["progress"]["epoch"]) == ("search", 6, 6)
    assert version["metrics"]["validation"]["loss"] == best["score"]
    assert len(server.get(f"/jobs/{job['id']}/curve")["items"]) == 6
    assert job["result"]["best"] == best
    assert version["request"]["network"]["hidden"] == best["settings"]["network.hidden"]
    rate = best["settings"]["training.optimizer.learning_rate"]
    assert version["request"]["training"]["optimizer"]["learning_rate"] == rate
    reproduced = server.wait_for(server.post(f"/models/iris-searched/versions/{job['version']}/reproduce")["id"])
    assert reproduced["result"]["identical"]


def test_a_space_that_leads_nowhere_is_refused_before_queueing(server):
    search = {"space": {"training.optimizer.learnig_rate": {"choice": [0.1]}}}
    rows = [{"x": k, "y": 2 * k} for k in range(30)]
    answer = server.http.post("/train", json={"model": "m", "label": "y", "data": {"rows": rows}, "search": search})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["location"] == ["body", "search", "space", "training.optimizer.learnig_rate"]
