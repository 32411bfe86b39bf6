"""Prediction logs, drift, feedback and alerts over HTTP.

What they mean is decided in `service.monitoring`. Start at `live.py`.
"""
