"""The contract as pydantic models, one file a resource: what a caller sends and what is answered.

No database and no rules of the service live here. Start at `training.py` for requests, `job.py` for answers.
"""
