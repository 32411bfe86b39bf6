"""What an operator reads: health, metrics and the access log.

No resource lives here. Start at `health.py`.
"""
