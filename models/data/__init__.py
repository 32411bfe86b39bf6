"""Tables for networks: typed columns, signatures and splits; features and targets have folders of their own.

Nothing here trains. Start with `columns.py`, then `signature.py`.
"""
