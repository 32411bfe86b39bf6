"""Live rows against the rows of training, by hand calculation."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.serving import networks

# Of each pair of colour and new there are 50, of the sizes 0 to 49 four each.
PRICES = [
    {"size": k % 50, "colour": colour, "new": new}
    for k in range(50)
    for colour in ("red", "blue")
    for new in (True, False)
]


def of(drifts, name):
    return next(drift for drift in drifts if drift["name"] == name)


@pytest.fixture
def prices(live) -> str:
    model = live.register(networks.prices(), PRICES)
    live.log(model)
    return model


def test_rows_like_those_of_training_are_stable(live, prices):
    live.predict(prices, PRICES)
    live.wait_logged(prices, 200)
    report = live.get(f"/models/{prices}/drift")
    assert (report["state"], report["rows"], report["training_rows"]) == ("stable", 200, 200)
    for drift in [*report["features"], *report["predictions"]]:
        assert (drift["state"], drift["psi"]) == ("stable", 0)
    size = of(report["features"], "size")
    assert size["ks"] == {"statistic": 0, "p_value": 1}
    assert (size["training_mean"], size["live_mean"]) == (24.5, 24.5)


def test_a_moved_number_has_the_statistics_that_a_hand_works_out(live, prices):
    live.predict(prices, [row | {"size": row["size"] + 25} for row in PRICES])
    live.wait_logged(prices, 200)
    report = live.get(f"/models/{prices}/drift")
    size = of(report["features"], "size")
    # 0..49 against 25..74: below 25 are 25 of 50 rows of training and none of the live ones.
    assert size["ks"]["statistic"] == pytest.approx(0.5)
    assert size["ks"]["p_value"] < 1e-20
    assert size["state"] == report["state"] == "drifted"
    assert (size["training_mean"], size["live_mean"]) == (24.5, 49.5)
    assert "`size` has drifted: its mean is 49.5, in training 24.5" in report["sentence"]
    assert of(report["features"], "colour")["state"] == "stable"
    price = of(report["predictions"], "price")
    assert price["live_mean"] - price["training_mean"] == pytest.approx(25)
    assert sum(share["live"] for share in size["bins"]) == pytest.approx(1)
    assert sum(share["training"] for share in size["bins"]) == pytest.approx(1)


def test_categories_that_moved_or_are_new_are_told(live, prices):
    shares = {"red": 50, "blue": 140, "green": 10}
    colours = [colour for colour, count in shares.items() for _ in range(count)]
    live.predict(prices, [row | {"colour": colour} for row, colour in zip(PRICES, colours, strict=True)])
    live.wait_logged(prices, 200)
    colour = of(live.get(f"/models/{prices}/drift")["features"], "colour")
    # Training has 0.5 red, 0.5 blue and (half of one row of 200) 0.0025 of what it never met.
    parts = [(0.25, 0.5), (0.7, 0.5), (0.05, 0.0025)]
    assert colour["psi"] == pytest.approx(sum((a - e) * math.log(a / e) for a, e in parts))
    assert colour["state"] == "drifted"
    assert colour["new_categories"] == [{"value": "green", "rows": 10}]
    assert colour["ks"] is None


def test_a_small_share_of_another_value_is_a_moderate_shift(live, prices):
    new = [k < 66 for k in range(200)]  # (0.33 − 0.5) ln 0.66 + (0.67 − 0.5) ln 1.34 = 0.1204
    live.predict(prices, [row | {"new": is_new} for row, is_new in zip(PRICES, new, strict=True)])
    live.wait_logged(prices, 200)
    drift = of(live.get(f"/models/{prices}/drift")["features"], "new")
    assert drift["psi"] == pytest.approx(0.1204, abs=1e-4)
    assert drift["psi_by_chance"] == pytest.approx(10.83 * (1 / 200 + 1 / 200), rel=0.035)  # χ² of one degree, 0.999
    assert drift["state"] == "moderate"


def test_missing_values_are_a_part_of_the_distribution(live):
    model = live.register(networks.plane_with_gap(), [{"a": k % 20, "b": k % 20} for k in range(200)])
    live.log(model)
    live.predict(model, [[k % 20, None if k % 2 else k % 20] for k in range(200)])
    live.wait_logged(model, 200)
    gap = of(live.get(f"/models/{model}/drift")["features"], "b")
    assert (gap["training_missing"], gap["live_missing"], gap["state"]) == (0, 0.5, "drifted")
    assert "50% are `missing`, in training 0%" in gap["sentence"]


def test_too_few_rows_are_not_compared(live, prices):
    live.predict(prices, PRICES[:30])
    live.wait_logged(prices, 30)
    report = live.get(f"/models/{prices}/drift")
    assert (report["state"], report["rows"], report["rows_needed"]) == (None, 30, 70)
    assert report["features"] == report["predictions"] == []


def test_classes_are_compared_with_what_the_version_predicts_for_its_own_rows(live):
    model = live.register(networks.yes_or_no(), [{"x": 1.0 if k % 2 else -1.0} for k in range(100)])
    live.log(model)
    live.predict(model, [[1.0]] * 75 + [[-1.0]] * 25)
    live.wait_logged(model, 100)
    report = live.get(f"/models/{model}/drift")
    label = of(report["predictions"], "label")
    assert label["psi"] == pytest.approx(0.25 * math.log(3))
    assert {share["name"]: (share["training"], share["live"]) for share in label["bins"]} == {
        "true": (0.5, 0.75),
        "false": (0.5, 0.25),
    }
    chance = of(report["predictions"], "probability of true")
    certain = 1 / (1 + math.exp(-1))
    assert chance["live_mean"] == pytest.approx(0.75 * certain + 0.25 * (1 - certain))


def test_only_rows_of_the_version_and_of_the_time_asked_for_count(live, prices):
    live.predict(prices, PRICES)
    live.wait_logged(prices, 200)
    live.register(networks.prices(), PRICES, model=prices)
    assert live.get(f"/models/{prices}/drift")["version"] == 2
    assert live.get(f"/models/{prices}/drift")["rows"] == 0
    assert live.get(f"/models/{prices}/drift?version=1")["rows"] == 200
    before = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert live.get(f"/models/{prices}/drift", params={"version": "1", "to": before})["rows"] == 0
    assert live.get(f"/models/{prices}/drift", params={"version": "1", "from": before})["rows"] == 200
    assert live.http.get(f"/models/{prices}/drift", params={"from": before, "to": before}).status_code == 422
    assert live.http.get(f"/models/{prices}/drift?version=3").status_code == 404


def test_a_version_without_its_data_says_so(live):
    model = live.register(networks.line())
    assert "not logged" in live.http.get(f"/models/{model}/drift").json()["detail"]
    live.log(model)
    answer = live.http.get(f"/models/{model}/drift")
    assert answer.status_code == 409
    assert "imported" in answer.json()["detail"]
