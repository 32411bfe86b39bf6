"""Many settings trained in one job: those of one shape together along a leading axis, and the best is kept.

Nothing here is needed to train one network. Start with `running.py` (trials in, the best one out), then
`stacked_training.py` (many networks at once) and `stacked_pass.py` (their products).
"""

from models.search.running import search

__all__ = ["search"]
