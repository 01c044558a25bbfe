"""The search for clusters that the policy asks for."""

from __future__ import annotations

from segment.clustering import TierClustering
from segment.model.columns import BEHAVIOUR
from segment.policy.decisions import Clustering

# Who cannot be high-value by the policy's further conditions has no third border.
BORDERS = ("border_low", "border_break_even", "border_high_reachable")
CLUSTERED = ["blended_contribution_12m", *BORDERS, "mean_cost", *BEHAVIOUR]


def clustering_of(policy: Clustering, random_state: int) -> TierClustering:
    """Build the clustering that a policy asks for.

    Parameters
    ----------
    policy : Clustering
        Settings to try.
    random_state : int
        Seed.

    Returns
    -------
    TierClustering
        Not fitted.
    """
    return TierClustering(
        borders=BORDERS,
        behaviour=BEHAVIOUR,
        n_clusters=policy.clusters,
        border_sharpness=policy.border_sharpness,
        behaviour_weight=policy.behaviour_weight,
        n_bootstraps=policy.bootstraps,
        sample=policy.sample,
        random_state=random_state,
    )
