"""The bytes of datasets: staged while they arrive, committed by digest, collected when nothing uses them.

No file is parsed here. Start at `store.py`, then `uploads.py`.
"""
