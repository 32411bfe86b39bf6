"""Which class is told: the likeliest, or of two the second from a threshold on, told or chosen on held-out rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score, f1_score

from models.data.columns import infer_table
from models.data.targets.decision_threshold import best_threshold, decide
from models.errors import BadRecipe
from models.evaluation.evaluate import evaluate
from models.fitting.fit import fit, prepare
from models.formats import safetensors
from models.specification import NetworkSpecification, Recipe, TrainingSpecification, ValidationSpecification

SCORES = {"f1": f1_score, "balanced_accuracy": balanced_accuracy_score}
QUICK = TrainingSpecification(epochs=8, seed=3)
SMALL = NetworkSpecification(hidden=(4,))


def test_the_second_class_is_told_from_the_threshold_on():
    probabilities = np.array([[0.8, 0.2], [0.7, 0.3], [0.4, 0.6]])
    assert decide(probabilities).tolist() == [0, 0, 1]
    assert decide(probabilities, 0.3).tolist() == [0, 1, 1]
    assert decide(probabilities, 0.7).tolist() == [0, 0, 0]


rows = st.lists(st.tuples(st.booleans(), st.integers(0, 12).map(lambda k: k / 12)), min_size=2, max_size=40)


@given(rows.filter(lambda pairs: len({truth for truth, _ in pairs}) == 2), st.sampled_from(sorted(SCORES)))
def test_the_best_threshold_is_as_good_as_any(pairs, metric):
    truth, probability = np.array([one for one, _ in pairs]), np.array([p for _, p in pairs])
    threshold = best_threshold(truth, probability, metric)
    assert 0 < threshold < 1
    every = [(k + 0.5) / 12 for k in range(12)] + [0.999]
    best = max(SCORES[metric](truth, probability >= one) for one in every)
    assert SCORES[metric](truth, probability >= threshold) >= best - 1e-9


def test_of_equally_good_thresholds_the_one_nearest_to_a_half_is_taken():
    truth, probability = np.array([False, False, True, True]), np.array([0.1, 0.2, 0.8, 0.9])
    assert best_threshold(truth, probability, "f1") == 0.5
    assert best_threshold(truth, np.array([0.05, 0.1, 0.2, 0.3]), "f1") == pytest.approx(0.15)


@pytest.fixture(scope="module")
def rare_table():
    """About one row in twelve is of the second class."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(600, 2))
    rare = x[:, 0] + 0.7 * rng.normal(size=600) > 1.6
    return infer_table({"a": x[:, 0].tolist(), "b": x[:, 1].tolist(), "rare": rare.tolist()}, {})


def recipe_of(threshold, **chosen):
    fields = {"label": "rare", "network": SMALL, "training": QUICK, "threshold": threshold} | chosen
    return Recipe(**fields)


def test_a_number_changes_what_is_told_and_no_weight(rare_table):
    plain, moved = (fit(prepare(rare_table, recipe_of(one))) for one in (None, 0.15))
    assert moved.trained.network.parameters.tobytes() == plain.trained.network.parameters.tobytes()
    assert moved.trained.signature.outputs[0].threshold == 0.15
    counts = [np.array(one.metrics["training"]["confusion_matrix"])[:, 1].sum() for one in (plain, moved)]
    assert counts[1] > counts[0]
    recalls = [evaluate(one.trained, rare_table)["classes"][1]["recall"] for one in (plain, moved)]
    assert recalls[1] > recalls[0]


def score_of(fitted, metric):
    figures = fitted.metrics["validation"]
    return figures["classes"][1]["f1"] if metric == "f1" else figures["balanced_accuracy"]


@pytest.mark.parametrize("metric", sorted(SCORES))
@pytest.mark.parametrize("validation", [ValidationSpecification(fraction=0.3), ValidationSpecification(folds=3)])
def test_held_out_rows_choose_a_threshold(rare_table, metric, validation):
    fitted = fit(prepare(rare_table, recipe_of(metric, validation=validation)))
    plain = fit(prepare(rare_table, recipe_of(None, validation=validation)))
    threshold = fitted.trained.signature.outputs[0].threshold
    assert 0 < threshold < 0.5
    assert score_of(fitted, metric) > score_of(plain, metric)
    again = fit(prepare(rare_table, recipe_of(threshold, validation=validation)))
    assert safetensors.dumps(again.trained) == safetensors.dumps(fitted.trained)


def test_what_has_no_threshold_is_written_as_before_there_were_any(rare_table):
    content = safetensors.dumps(fit(prepare(rare_table, recipe_of(None))).trained)
    assert b"threshold" not in content
    moved = fit(prepare(rare_table, recipe_of(0.2))).trained
    assert safetensors.loads(safetensors.dumps(moved)).target.threshold == 0.2


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"threshold": 0.5, "label": "kind"}, "two classes"),
        ({"threshold": "f1", "label": "a"}, "two classes"),
        ({"threshold": "f1", "validation": ValidationSpecification(fraction=0)}, "held-out rows"),
    ],
)
def test_a_threshold_that_cannot_be_is_refused(rare_table, fields, why):
    kinds = infer_table({"kind": ["x", "y", "z"] * 200}, {})
    with pytest.raises(BadRecipe, match=why) as caught:
        prepare(rare_table | kinds, Recipe(**{"features": ("b",), "label": "rare"} | fields))
    assert caught.value.location == ["threshold"]


@pytest.mark.parametrize("value", [0, 1, -0.5, 7, True, "accuracy"])
def test_what_is_no_threshold_is_no_recipe(value):
    with pytest.raises(BadRecipe):
        Recipe.from_json({"label": "rare", "threshold": value})
