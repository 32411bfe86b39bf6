"""The tables of webhooks: their settings and their deliveries.

Nothing is sent from here (`service.webhooks`). Start at `settings.py`.
"""
