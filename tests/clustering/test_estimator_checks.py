from __future__ import annotations

from sklearn.utils.estimator_checks import parametrize_with_checks

from segment.clustering import TierClustering
from segment.estimator_checks import NOT_HELD


@parametrize_with_checks(
    [TierClustering(n_clusters=3, n_bootstraps=2)],
    expected_failed_checks=lambda _: NOT_HELD["TierClustering"],
    xfail_strict=True,
)
def test_tier_clustering_keeps_the_conventions_of_scikit_learn(estimator, check):
    check(estimator)
