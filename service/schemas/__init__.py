"""The contract as pydantic models, one file a resource: what callers send and what they receive.

No database and no rules of the service live here. Start at `training.py` for requests, `job.py` for responses.
"""
