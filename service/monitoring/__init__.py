"""The quality of live predictions: their drift from training, live metrics from true labels, and alerts about both.

This reads the log that `service.serving` fills; it serves no prediction and knows no HTTP.
Start with `drift.py`; `references.py` provides the training rows that live rows are compared with.
"""
