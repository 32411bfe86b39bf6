"""Pure ASGI layers around every address, predictions included: one door for all.

From outside in: `outermost.py` (request id, log line, problems), `gate.py` (host, origin, type), `body_limits.py`,
`methods.py`. No resource is known here, only addresses.
"""
