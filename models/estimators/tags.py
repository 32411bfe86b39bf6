"""How the estimators describe themselves to scikit-learn, which alone calls this and is therefore loaded already."""

import sys
from typing import Any


def classifier_tags() -> Any:
    """Any number of classes; missing values are filled."""
    utils = sys.modules["sklearn.utils"]
    return utils.Tags(
        estimator_type="classifier",
        target_tags=utils.TargetTags(required=True),
        classifier_tags=utils.ClassifierTags(),
        input_tags=utils.InputTags(allow_nan=True),
    )


def regressor_tags() -> Any:
    """One output or several; missing values are filled."""
    utils = sys.modules["sklearn.utils"]
    return utils.Tags(
        estimator_type="regressor",
        target_tags=utils.TargetTags(required=True, multi_output=True),
        regressor_tags=utils.RegressorTags(),
        input_tags=utils.InputTags(allow_nan=True),
    )
