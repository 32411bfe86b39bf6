"""The prediction path: loaded versions, checked inputs, one forward pass for the requests of one loop turn.

No SQL and no web framework. Start at `predictor.py`, then `served_version.py`; streams and V2 have their own folders.
"""
