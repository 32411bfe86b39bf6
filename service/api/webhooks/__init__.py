"""Webhooks over HTTP: their settings and their deliveries.

They are sent by `service.webhooks`. Start at `webhooks.py`.
"""
