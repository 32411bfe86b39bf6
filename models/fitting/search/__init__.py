"""Many settings trained in one job: networks of one shape together along a leading axis, and the best is kept.

Nothing here is needed to train one network. Start with `search.py` (trials in, the best network out).
"""

from models.fitting.search.search import search

__all__ = ["search"]
