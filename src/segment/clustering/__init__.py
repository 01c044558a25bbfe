"""Clusters of customers whose prospects and behaviour are alike, and the tier of each."""

from segment.clustering.inputs_of_clusters import EarlierOutcomes
from segment.clustering.tier_clustering import TierClustering

__all__ = ["EarlierOutcomes", "TierClustering"]
