"""Tables of any length predicted block by block in constant memory: CSV, NDJSON and Arrow, in and out.

`bodies.py` brings bytes from the event loop to a thread and back; `blocks.py` and the three readers make blocks of
rows; `forms.py` writes predictions; `prediction.py` puts them together.
"""
