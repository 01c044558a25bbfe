"""Clusters of customers in coordinates that know the policy's borders."""

from segment.clustering.cards import Card, as_markdown, cards_of
from segment.clustering.tier_clustering import BANDS, TierClustering
from segment.clustering.words import WORDS

__all__ = ["BANDS", "WORDS", "Card", "TierClustering", "as_markdown", "cards_of"]
