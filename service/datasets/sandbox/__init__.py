"""A process with limited memory that reads the files of callers, so that no file can take the API down.

No storage lives here. Start at `pool.py` in the API, `process.py` in the sandbox.
"""
