"""Everything between bytes that came in and a typed table: store, formats, examination, profiles.

No HTTP here, and no rules of jobs. Start at `store.py` for the bytes, `reading.py` for what is in them.
"""
