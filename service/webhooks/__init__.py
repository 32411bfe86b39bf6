"""Sends what is queued for webhooks: signed, tried again until it arrives, and only to where it may go.

No SQL and no web framework. Start at `sender.py`.
"""
