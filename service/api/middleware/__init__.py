"""Pure ASGI middleware around every address, predictions included: one door for all.

From outside in: `request_lifecycle.py` (request id, log line, problems), `request_checks.py` (host, origin, type),
`body_limits.py`, `methods.py`. No resource is known here, only addresses.
"""
