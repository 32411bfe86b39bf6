"""Model cards: all that is known of a version, as Markdown for people.

No SQL. Start at `card.py`; `facts.py` and `quality.py` write its sections, `markdown.py` formats their values.
"""

from service.registry.models.cards.card import card, get_card

__all__ = ["card", "get_card"]
