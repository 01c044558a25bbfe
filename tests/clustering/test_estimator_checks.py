from __future__ import annotations

from sklearn.utils.estimator_checks import parametrize_with_checks

from segment.clustering import TierClustering

NOT_APPLICABLE: dict[str, str] = {}


@parametrize_with_checks(
    [TierClustering(n_clusters=3, n_bootstraps=2)], expected_failed_checks=lambda _: NOT_APPLICABLE
)
def test_tier_clustering_keeps_the_conventions_of_scikit_learn(estimator, check):
    check(estimator)
