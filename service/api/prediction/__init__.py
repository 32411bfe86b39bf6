"""Predictions over HTTP: JSON, streams of rows, and the Open Inference Protocol.

What is predicted is decided in `service.serving`. Start at `dispatch.py`, then `predict.py`.
"""
