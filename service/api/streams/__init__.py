"""Streams of a job's events: one read of the database serves all who listen in this process.

Start at `broadcast.py`; `pages.py` reads, `event_source.py` writes the wire form.
"""
