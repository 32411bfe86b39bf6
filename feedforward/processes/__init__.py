"""The processes that the commands start: the process tree, the API process and the connections it serves.

No command lives here. Start at `process_tree.py`, then `api_process.py`.
"""
