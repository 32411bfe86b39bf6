"""The service: HTTP, jobs, registry and predictions around the network library.

No numerics live here (see `models`). Start reading at `app.py`, then `docs/architecture.md`.
"""
