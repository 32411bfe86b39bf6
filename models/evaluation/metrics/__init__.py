"""What is reported about predictions, each metric by the definition that scikit-learn uses, from NumPy alone.

No training loss lives here and no network: arrays of truth and prediction go in, numbers come out.
Start with `report.py`, which lists the metrics of each task; `by_task.py` chooses them by the task.
"""

from models.evaluation.metrics.report import (
    classification_report,
    is_smaller_better,
    multilabel_report,
    regression_report,
)

__all__ = ["classification_report", "is_smaller_better", "multilabel_report", "regression_report"]
