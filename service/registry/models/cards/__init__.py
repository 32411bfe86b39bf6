"""Model cards: all that is known of a version, as Markdown for people.

No SQL. Start at `card.py`; `facts.py` and `quality.py` write its sections, `markdown.py` what they are made of.
"""

from service.registry.models.cards.card import card, get_card

__all__ = ["card", "get_card"]
