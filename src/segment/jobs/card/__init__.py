"""The model card: what a model is for, what it learned from, how good it was found, and where it ends."""

from segment.jobs.card.facts import Material, gather
from segment.jobs.card.write import card_texts, write_card

__all__ = ["Material", "card_texts", "gather", "write_card"]
