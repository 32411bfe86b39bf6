"""Tables of any length predicted block by block in constant memory: CSV, NDJSON and Arrow, in and out.

`spool.py` brings bytes from the event loop to a thread and back; `arrow_batches.py` and `input_formats.py` make blocks
of rows; `output_formats.py` writes predictions. Start at `stream.py`, which puts them together.
"""
