"""Which labels a classifier accepts, and what it makes of weights and probabilities."""

import numpy as np
import pytest

from models import Classifier
from models.estimators.classifier import require_classes

RNG = np.random.default_rng(0)
X = np.concatenate([RNG.normal(-2, 1, (60, 1)), RNG.normal(2, 1, (60, 1))])
Y = np.repeat(["left", "right"], 60)


@pytest.fixture(scope="module")
def fitted():
    return Classifier(hidden=(), random_state=0).fit(X, Y)


@pytest.mark.parametrize("labels", [[0, 1], [0.0, 1.0], [True, False], ["a", "b"], np.array(["a", "b"], object)])
def test_two_classes_of_any_type_are_enough(labels):
    require_classes(np.asarray(labels))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0.5, 1.0], "continuous"),
        ([1.0, 1.0], "one class"),
        (["a", "a"], "one class"),
        ([1.0, np.nan], "NaN"),
        ([1.0, np.inf], "infinity"),
    ],
)
def test_labels_that_are_no_classes_are_rejected(labels, message):
    with pytest.raises(ValueError, match=message):
        require_classes(np.asarray(labels))


def test_probabilities_are_in_the_order_of_the_classes_and_their_logarithms_too(fitted):
    probabilities = fitted.predict_proba([[-5.0], [5.0]])
    assert probabilities[0, 0] > 0.9 < probabilities[1, 1]
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0)
    np.testing.assert_allclose(fitted.predict_log_proba([[-5.0], [5.0]]), np.log(probabilities))
    assert fitted.predict([[-5.0], [5.0]]).tolist() == ["left", "right"]


def test_a_class_of_large_weight_is_predicted_more_often(fitted):
    weighted = Classifier(hidden=(), random_state=0, class_weight={"right": 50.0}).fit(X, Y)
    assert np.mean(weighted.predict(X) == "right") > np.mean(fitted.predict(X) == "right")


def test_weights_of_classes_are_given_by_their_values():
    estimator = Classifier(class_weight={7: 2.0, 5: 0.5})
    assert estimator._class_weight(np.array([5, 6, 7])) == {"0": 0.5, "2": 2.0}
    assert Classifier(class_weight="balanced")._class_weight(np.array([5, 6])) == "balanced"
    with pytest.raises(ValueError, match="class_weight names 9"):
        Classifier(class_weight={5: 1.0, 9: 1.0})._class_weight(np.array([5, 6]))
