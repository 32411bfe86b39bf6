"""Who calls, and what they may do: keys, scopes, sessions, rate limits.

No HTTP framework and no SQL live here. Start at `caller.py`.
"""
