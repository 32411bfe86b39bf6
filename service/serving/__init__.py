"""The prediction path: loaded versions, checked inputs, one forward pass for the requests of one turn of the loop.

No SQL and no web framework. Start at `predictor.py`, then `version.py`; streams and V2 have folders of their own.
"""
