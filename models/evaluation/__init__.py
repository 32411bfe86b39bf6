"""How good a trained network is: reports, bootstrap intervals, permutation importance and drift.

Nothing here trains. Start with `evaluate.py`; `metrics/` has the definitions.
"""
