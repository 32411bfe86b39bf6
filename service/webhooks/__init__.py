"""Sends queued deliveries to webhooks: signed, retried until they arrive, and only to allowed targets.

No SQL and no web framework. Start at `sender.py`.
"""
