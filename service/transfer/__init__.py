"""Versions on their way to another server and from one: the files, what is in them, and what is refused.

No HTTP lives here. `exporting.py` writes an export; `reading.py` reads what is imported, in a process with limited
memory, and imports neither pydantic nor the registry, so that the process starts quickly.
"""
