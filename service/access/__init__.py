"""Callers and their permissions: keys, scopes, sessions, rate limits.

No HTTP framework and no SQL live here. Start at `caller.py`.
"""
