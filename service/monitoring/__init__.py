"""How live predictions fare: their drift from training, their figures once labels came, and alarms about both.

What is here reads the log that `service.serving` fills; it serves no prediction and knows no HTTP.
Start reading in `drift.py`; `references.py` is what live rows are compared with.
"""
