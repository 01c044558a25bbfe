"""From a snapshot and fitted parts to what is published of each customer."""

from __future__ import annotations

import polars as pl

from segment.arrays import Floats
from segment.clustering import EarlierOutcomes, TierClustering
from segment.clustering.continuity import can_be_continued
from segment.exceptions import HistoryError, ModelError
from segment.main_bank import MainBankClassifier
from segment.main_bank.labels import representative_weights
from segment.model.model_columns import BEHAVIOUR, FURTHER, PUBLISHED
from segment.policy import Policy
from segment.policy.decisions import MainBank
from segment.tiers import learn_references, with_blended, with_borders
from segment.tiers.in_arrears import LEVEL, with_arrears
from segment.tiers.odds import MARGIN, ODDS
from segment.tiers.reasons import reasons

FUTURE = ("future_value_12m", "future_value_p10", "future_value_p50", "future_value_p90")
"""Mean and quantiles of the next twelve months, in the order of `SegmentationModel.predict_future_value`."""


FEWEST_TO_CLUSTER = 2

CLUSTERED = [*ODDS, *BEHAVIOUR]


def with_future_value(frame: pl.DataFrame, future: Floats) -> pl.DataFrame:
    """Add mean and quantiles of the future value."""
    # `future` (n, 4): Mean, P10, P50 and P90, book currency a year.
    return frame.with_columns(pl.Series(name, future[:, place]) for place, name in enumerate(FUTURE))


def fit_main_bank(frame: pl.DataFrame, policy: MainBank, labels: Floats, weight: Floats) -> MainBankClassifier:
    """Learn where main banks are, from labels as far as there are any."""
    # `labels` (n,): 1: elsewhere, 0: here, NaN: not known.
    # `weight` (n,): How far each label is trusted.
    weight = representative_weights(frame, labels, weight, policy.most_response_weight)
    return MainBankClassifier.from_policy(policy).fit(frame, labels, sample_weight=weight)


def with_main_bank(frame: pl.DataFrame, main_bank: MainBankClassifier) -> pl.DataFrame:
    """Add state, probability and reasons of the main bank."""
    codes = [list(codes) for codes in main_bank.explain(frame, side="elsewhere").codes]
    return frame.with_columns(
        main_bank_elsewhere_probability=pl.Series(main_bank.predict_proba(frame)[:, 1]),
        main_bank_state=pl.Series([str(state) for state in main_bank.states(frame)]),
        main_bank_expert_score=pl.lit(main_bank.expert_score_),
        main_bank_elsewhere_from=pl.lit(main_bank.called_from),
        main_bank_reasons=pl.Series(codes, dtype=pl.List(pl.String)),
    )


def placed(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Place each customer between the borders."""
    blended = with_blended(with_arrears(frame), policy.tiers)
    return with_borders(blended, learn_references(blended, policy.tiers), policy)


def with_clusters(frame: pl.DataFrame, clustering: TierClustering) -> pl.DataFrame:
    """Add each customer's cluster, its tier, and the margin of the guard."""
    if not can_be_continued(clustering):
        raise ModelError.of("errors.clusters_of_older_release")
    seen = frame.select(CLUSTERED)
    return frame.with_columns(
        pl.lit(clustering.guard_margin_, dtype=pl.Float64).alias(MARGIN),
        cluster=pl.Series(clustering.predict(seen), dtype=pl.Int64),
        cluster_tier=pl.Series(clustering.predict_tier(seen).tolist(), dtype=pl.String),
    )


def to_publish(tiered: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Add the reasons and keep the columns that are published."""
    # Returns `previous_tier`, `model_version` and `run_id` are null until the publication fills them in.
    explained = tiered.with_columns(
        reasons(tiered, policy.tiers).alias("reasons"),
        pl.col("months_observed").cast(pl.Int64),
        pl.col("days_past_due", LEVEL).cast(pl.Float64).fill_nan(None).cast(pl.Int64),
        policy_version=pl.lit(f"{policy.name} {policy.version}"),
        previous_tier=pl.lit(None, dtype=pl.String),
        model_version=pl.lit(None, dtype=pl.String),
        run_id=pl.lit(None, dtype=pl.String),
    )
    return explained.select(*PUBLISHED, *FURTHER)


def clustering_of(policy: Policy, random_state: int) -> TierClustering:
    """Build the clustering that a policy asks for."""
    search = policy.clustering
    return TierClustering(
        odds=ODDS,
        cost_of_error=policy.tiers.cost_of_error.matrix,
        behaviour=BEHAVIOUR,
        n_clusters=search.clusters,
        behaviour_weight=search.behaviour_weight,
        guard_margin=search.guard_margin,
        most_guarded=search.most_guarded,
        n_bootstraps=search.bootstraps,
        sample=search.sample,
        random_state=random_state,
    )


def fit_clusters(
    frame: pl.DataFrame,
    clustering: TierClustering,
    previous: TierClustering | None = None,
    earlier: EarlierOutcomes | None = None,
) -> TierClustering:
    """Learn clusters from customers with odds who are neither new nor excluded."""
    # `frame`: With `standing`, the odds and, for the cards, the blended contribution.
    seen = frame.filter(~pl.col("standing").is_in(["new", "excluded"]))
    if seen.height < FEWEST_TO_CLUSTER:
        raise HistoryError.of("errors.too_few_to_cluster", fewest=FEWEST_TO_CLUSTER, customers=seen.height)
    clustering.fit(seen.select(clustering.value, *CLUSTERED), previous=previous, earlier=earlier)
    del clustering.labels_  # a number for each customer learned from has no place in a stored model
    return clustering
