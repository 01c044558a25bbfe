"""Clusters of customers in coordinates that know the policy's borders."""

from segment.clustering.tier_clustering import BANDS, TierClustering

__all__ = ["BANDS", "TierClustering"]
