"""What is reported about predictions, each figure by the definition that scikit-learn uses, from NumPy alone.

No training loss lives here and no network: arrays of truth and prediction go in, numbers come out.
Start reading in `report.py`: it says which figures a version carries for each task.
"""

from models.metrics.direction import is_smaller_better
from models.metrics.report import classification_report, multilabel_report, regression_report

__all__ = ["classification_report", "is_smaller_better", "multilabel_report", "regression_report"]
