"""Models, versions, aliases, retention rules, events and comparisons over HTTP.

No SQL and no rules live here. Start at `models.py`.
"""
