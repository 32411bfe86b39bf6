"""How live predictions fare: their drift from training, live metrics once true labels came, and alerts about both.

This reads the log that `service.serving` fills; it serves no prediction and knows no HTTP.
Start with `drift.py`; `references.py` is what live rows are compared with.
"""
