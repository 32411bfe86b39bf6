"""Traffic of an alias: shares by weight, sticky by key, and a shadow that is compared in the background."""

from collections import Counter

from service.registry.serving_routes import Route
from service.serving.version_resolution import choose_version
from tests.support.serving import networks
from tests.support.serving.shadows import compared_requests


def split(serving, *slopes: float, **weights: float) -> str:
    model = serving.register(networks.line(slope=slopes[0]))
    for slope in slopes[1:]:
        serving.register(networks.line(slope=slope), model)
    serving.move(model, "production", 1, split={name.lstrip("v"): weight for name, weight in weights.items()})
    return model


def test_the_shares_of_a_split_are_those_of_its_weights():
    """Of 10,000 keys the share of a version with weight 0.3 has a standard deviation of 0.0046."""
    route = Route("m", 1, "production", ((1, 0.7), (2, 0.3)))
    counts = Counter(choose_version(route, f"customer-{k}") for k in range(10_000))
    assert 0.27 < counts[2] / 10_000 < 0.33
    counts = Counter(choose_version(route, None) for _ in range(10_000))
    assert 0.27 < counts[2] / 10_000 < 0.33


def test_a_key_stays_with_its_version(serving):
    model = split(serving, 2.0, 3.0, v1=0.5, v2=0.5)
    seen = {}
    for key in [f"customer-{k}" for k in range(20)] * 3:
        answer = serving.ask({"model": model, "version": "production", "key": key, "inputs": [[1]]}).json()
        assert answer["predictions"] == [{"value": answer["version"] + 2.0}]
        assert seen.setdefault(key, answer["version"]) == answer["version"]
    assert set(seen.values()) == {1, 2}


def test_a_bad_version_is_rolled_back_in_one_call(serving):
    model = split(serving, 2.0, 3.0, v1=0.5, v2=0.5)
    serving.http.put(f"/models/{model}/aliases/production", json={"version": 1}).raise_for_status()
    answers = {serving.ask({"model": model, "inputs": [[1]]}).json()["version"] for _ in range(20)}
    assert answers == {1}
    serving.http.post(f"/models/{model}/aliases/production/rollback").raise_for_status()
    answers = {serving.ask({"model": model, "inputs": [[1]]}).json()["version"] for _ in range(50)}
    assert answers == {1, 2}


def test_a_version_with_all_weight_serves_all(serving):
    model = split(serving, 2.0, 3.0, v1=0.0, v2=1.0)
    assert {serving.ask({"model": model, "inputs": [[1]]}).json()["version"] for _ in range(20)} == {2}


def test_a_shadow_answers_nobody_and_is_compared(serving):
    """2 x + 1 against 3 x + 1 on x = 1 … 10: they differ by x, which is 5.5 on average."""
    model = serving.register(networks.line(slope=2.0))
    serving.register(networks.line(slope=3.0), model)
    serving.move(model, "production", 1, shadow=2)
    for x in range(1, 11):
        assert serving.predict(model, [[x]], version="production") == [{"value": 2.0 * x + 1}]
    compared = compared_requests(serving, model, 10)
    assert (compared["version"], compared["shadow"], compared["rows"]) == (1, 2, 10)
    assert compared["mean_difference"] == 5.5
    assert compared["milliseconds"] > 0
    assert compared["shadow_milliseconds"] > 0


def test_a_shadow_that_takes_other_features_harms_no_answer(serving):
    model = serving.register(networks.line())
    serving.register(networks.plane(), model)
    serving.move(model, "production", 1, shadow=2)
    assert serving.predict(model, [[1]], version="production") == [{"value": 3.0}]
    assert compared_requests(serving, model, 1)["failed"] == 1


def test_a_shadow_with_its_classes_in_another_order_agrees(serving):
    """Both give softmax of (a, b, 0) to first, second and third; the shadow lists them the other way round."""
    model = serving.register(networks.thirds())
    serving.register(networks.thirds_reversed(), model)
    serving.move(model, "production", 1, shadow=2)
    serving.predict(model, [[2.0, 0.0], [0.0, 2.0], [-1.0, -1.0]], version="production")
    compared = compared_requests(serving, model, 1)
    assert (compared["rows"], compared["agreement"]) == (3, 1.0)
    assert compared["mean_difference"] < 1e-12


def test_a_shadow_that_decides_other_labels_is_counted_by_row(serving):
    """P(up) = sigmoid(x) against sigmoid(−x): they agree where x is 0, and nowhere else."""
    model = serving.register(networks.two_labels())
    serving.register(networks.two_labels(slope=-1.0), model)
    serving.move(model, "production", 1, shadow=2)
    serving.predict(model, [[-3.0], [0.0], [5.0], [1.0]], version="production")
    assert compared_requests(serving, model, 1)["agreement"] == 0.25


def test_a_shadow_of_another_task_cannot_be_compared(serving):
    """One class of up and down is another decision than yes or no for each, although the names are the same."""
    model = serving.register(networks.up_or_down())
    serving.register(networks.two_labels(), model)
    serving.move(model, "production", 1, shadow=2)
    serving.predict(model, [[1.0]], version="production")
    assert compared_requests(serving, model, 1)["failed"] == 1
