"""The HTTP surface: one folder a resource (parse, call, respond), and the middleware around all of them.

No SQL, no numerics, no rules of the service. Start at `http/routing.py`, then `registry/models.py`.
"""
