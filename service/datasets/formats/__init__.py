"""Files of tables to blocks of typed columns: CSV, Parquet, Arrow, NDJSON and JSON, compressed or not.

No storage and no profile lives here. Start at `read.py`, then `detection.py`.
"""
