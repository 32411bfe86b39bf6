"""Jobs over HTTP: lists, curves, and streams of events for which one read of the database serves every listener.

No rules of the queue live here. Start at `jobs.py`; streams start at `event_broadcast.py`.
"""
