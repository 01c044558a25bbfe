"""From a snapshot and fitted parts to what is published of each customer."""

from __future__ import annotations

import polars as pl

from segment.clustering import TierClustering
from segment.main_bank import MainBankClassifier, representative_weights
from segment.model.clusters import CLUSTERED
from segment.model.columns import FURTHER, PUBLISHED, Floats
from segment.policy import Policy
from segment.policy.decisions import MainBank
from segment.tiers import learn_references, reasons, with_blended, with_borders

FUTURE = ("future_value_12m", "future_value_p10", "future_value_p50", "future_value_p90")
"""Mean and quantiles of the next twelve months, in the order of `SegmentationModel.predict_future_value`."""


def with_future_value(frame: pl.DataFrame, future: Floats) -> pl.DataFrame:
    """Add mean and quantiles of the future value.

    Parameters
    ----------
    frame : polars.DataFrame
        A snapshot.
    future : array of shape (n, 4)
        Mean, P10, P50 and P90, book currency a year.

    Returns
    -------
    polars.DataFrame
    """
    return frame.with_columns(pl.Series(name, future[:, place]) for place, name in enumerate(FUTURE))


def fit_main_bank(
    frame: pl.DataFrame, policy: MainBank, labels: Floats | None, weight: Floats | None
) -> MainBankClassifier:
    """Learn where main banks are, from labels as far as there are any.

    Parameters
    ----------
    frame : polars.DataFrame
        A snapshot of one moment, with every customer.
    policy : MainBank
        Frozen figures.
    labels : array of shape (n,), optional
        1: elsewhere, 0: here, NaN: not known.
    weight : array of shape (n,), optional
        How far each label is trusted.

    Returns
    -------
    MainBankClassifier
        Labels weigh the more, the more seldom customers of that kind have one.
    """
    if labels is not None:
        weight = representative_weights(frame, labels, weight, policy.most_response_weight)
    return MainBankClassifier.from_policy(policy).fit(frame, labels, sample_weight=weight)


def with_main_bank(frame: pl.DataFrame, main_bank: MainBankClassifier) -> pl.DataFrame:
    """Add state, probability and reasons of the main bank.

    Parameters
    ----------
    frame : polars.DataFrame
        A snapshot.
    main_bank : MainBankClassifier
        Fitted.

    Returns
    -------
    polars.DataFrame
    """
    codes = [list(codes) for codes in main_bank.explain(frame, side="elsewhere").codes]
    return frame.with_columns(
        main_bank_elsewhere_probability=pl.Series(main_bank.predict_proba(frame)[:, 1]),
        main_bank_state=pl.Series([str(state) for state in main_bank.states(frame)]),
        main_bank_expert_score=pl.lit(main_bank.expert_score_),
        main_bank_reasons=pl.Series(codes, dtype=pl.List(pl.String)),
    )


def placed(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Place each customer between the borders.

    Parameters
    ----------
    frame : polars.DataFrame
        With what `with_future_value` adds.
    policy : Policy
        Frozen figures.

    Returns
    -------
    polars.DataFrame
    """
    blended = with_blended(frame, policy.tiers)
    return with_borders(blended, learn_references(blended, policy.tiers), policy)


def with_clusters(frame: pl.DataFrame, clustering: TierClustering) -> pl.DataFrame:
    """Add each customer's cluster and its tier.

    Parameters
    ----------
    frame : polars.DataFrame
        What `placed` returns.
    clustering : TierClustering
        Fitted.

    Returns
    -------
    polars.DataFrame
    """
    seen = frame.select(CLUSTERED)
    return frame.with_columns(
        cluster=pl.Series(clustering.predict(seen), dtype=pl.Int64),
        cluster_tier=pl.Series(clustering.predict_tier(seen).tolist(), dtype=pl.String),
    )


def to_publish(tiered: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Add the reasons and keep the columns that are published.

    Parameters
    ----------
    tiered : polars.DataFrame
        What `assign_tiers` returns.
    policy : Policy
        Frozen figures.

    Returns
    -------
    polars.DataFrame
        `previous_tier`, `model_version` and `run_id` are null until the publication fills them in.
    """
    explained = tiered.with_columns(
        reasons(tiered, policy.tiers).alias("reasons"),
        pl.col("months_observed").cast(pl.Int64),
        policy_version=pl.lit(f"{policy.name} {policy.version}"),
        previous_tier=pl.lit(None, dtype=pl.String),
        model_version=pl.lit(None, dtype=pl.String),
        run_id=pl.lit(None, dtype=pl.String),
    )
    return explained.select(*PUBLISHED, *FURTHER)
