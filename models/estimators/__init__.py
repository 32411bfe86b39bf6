"""Classifier and Regressor in scikit-learn's protocol, for its pipelines and searches; they need NumPy alone.

scikit-learn is never imported here: where it calls, it is loaded already. Start with `estimator.py`.
"""

from models.estimators.classifier import Classifier
from models.estimators.regressor import Regressor

__all__ = ["Classifier", "Regressor"]
