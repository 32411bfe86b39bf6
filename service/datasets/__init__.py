"""From the bytes of an upload to a typed table: storage, file formats, profiles and the sandbox that reads files.

No HTTP here, and no rules of jobs. Start at `storage/store.py` for the bytes, `formats/read.py` for what is in them.
"""
