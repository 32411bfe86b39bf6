"""A version's recipe on new data: what is taken over, what may be different, and what is told of it."""

import pytest

from service.api.training.retrain import merge_patch

ROWS = [{"size": index * 0.5, "color": ("red", "green", "blue")[index % 3]} for index in range(60)]
MORE = [{"size": index * 0.25, "color": ("red", "green", "blue")[index % 3], "new": 1.5} for index in range(90)]


@pytest.fixture(scope="module")
def trained():
    return set()


@pytest.fixture
def colors(server, trained) -> str:
    """A model with a version 1 that is trained once on each service."""
    if server.url not in trained:
        training = {"epochs": 3, "seed": 5, "optimizer": {"name": "adam", "learning_rate": 0.02, "beta1": 0.8}}
        chosen = {"network": {"hidden": [3], "activation": "tanh"}, "training": training, "tags": {"month": "may"}}
        server.train({"model": "recipe", "label": "color", "data": {"rows": ROWS}, "alias": "staging", **chosen})
        trained.add(server.url)
    return "/models/recipe/versions/1"


def test_the_same_recipe_learns_from_new_data(server, colors):
    job = server.post(f"{colors}/retrain", json={"data": {"rows": MORE}}, headers={"Prefer": "wait=30"})
    assert (job["kind"], job["state"], job["model"]) == ("train", "succeeded", "recipe")
    first, again = server.get(colors), server.get(f"/models/recipe/versions/{job['version']}")
    for part in ("features", "network", "training", "validation", "label", "scaling"):
        assert again["request"][part] == first["request"][part]
    assert again["dataset"] != first["dataset"]
    assert again["metrics"]["training"]["rows"] == 72
    assert (again["tags"], again["aliases"]) == ({}, [])
    assert again["request"]["retrained_from"] == {"model": "recipe", "version": 1}
    assert "Recipe of: `/models/recipe/versions/1`" in server.http.get(f"{again['links']['self']}/card").text


def test_without_a_body_it_is_trained_again_to_the_bit(server, colors):
    job = server.post(f"{colors}/retrain", headers={"Prefer": "wait=30"})
    again = server.get(f"/models/recipe/versions/{job['version']}")
    assert again["weights_sha256"] == server.get(colors)["weights_sha256"]


def test_what_the_body_says_is_different(server, colors):
    change = {"model": "recipe-2", "alias": "production", "training": {"epochs": 2, "optimizer": {"beta1": None}}}
    request = server.post(f"{colors}/retrain", json=change)["request"]
    assert (request["model"], request["alias"]) == ("recipe-2", "production")
    assert (request["training"]["epochs"], request["training"]["seed"]) == (2, 5)
    assert (request["training"]["optimizer"]["learning_rate"], request["training"]["optimizer"]["beta1"]) == (
        0.02,
        0.9,
    )


def test_a_file_may_bring_the_data(server, colors):
    content = "size,color\n" + "".join(f"{row['size']},{row['color']}\n" for row in MORE)
    files = {"file": ("more.csv", content.encode())}
    job = server.post(f"{colors}/retrain", data={"spec": '{"training": {"epochs": 1}}'}, files=files)
    assert server.wait_for(job["id"])["progress"]["epochs"] == 1


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"training": {"epochs": "ten"}}, ["body", "training", "epochs"]),
        ({"trainings": {}}, ["body", "trainings"]),
        ({"data": {"rows": [{"size": 1.0}, {"size": 2.0}]}}, ["body", "label"]),
        ({"data": None}, ["body", "data"]),
    ],
)
def test_what_can_not_be_trained_is_told_at_once(http, colors, body, place):
    answer = http.post(f"{colors}/retrain", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["location"] == place


def test_the_same_key_trains_once(http, colors):
    sent = [http.post(f"{colors}/retrain", json={}, headers={"Idempotency-Key": "again"}) for _ in range(2)]
    assert sent[0].json()["id"] == sent[1].json()["id"]
    assert sent[1].headers["idempotent-replayed"] == "true"


def test_a_version_that_was_imported_has_no_recipe(http, colors):
    weights = http.get(f"{colors}/weights?format=safetensors").content
    headers = {"Content-Type": "application/vnd.safetensors"}
    imported = http.post("/models/recipe-imported/versions", content=weights, headers=headers).json()
    answer = http.post(f"/models/recipe-imported/versions/{imported['version']}/retrain", json={"data": {"rows": ROWS}})
    assert answer.status_code == 409


def test_another_name_replaces_the_whole_object():
    adam = {"optimizer": {"name": "adam", "beta1": 0.8}, "epochs": 3}
    assert merge_patch(adam, {"optimizer": {"name": "sgd"}}) == {"optimizer": {"name": "sgd"}, "epochs": 3}
    assert merge_patch(adam, {"optimizer": "sgd", "epochs": None}) == {"optimizer": "sgd"}
