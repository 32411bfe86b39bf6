"""Models, versions and aliases: their SQL, with search, comparison, retention and model cards.

No HTTP. Start at `models.py`, then `versions.py`.
"""
