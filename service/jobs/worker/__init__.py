"""One worker process: the lease of its job, and the lines that it exchanges with its parent.

What a job does is in `service.jobs.kinds`. Start at `process.py`, then `runner.py`.
"""
