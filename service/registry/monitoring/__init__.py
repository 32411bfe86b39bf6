"""The tables of monitoring: prediction logs, logged predictions and alerts.

What they mean is decided in `service.monitoring`. Start at `prediction_log.py`.
"""
