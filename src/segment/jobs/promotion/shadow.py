"""The challenger scores what the champion publishes, and the two are compared; nobody acts on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from segment.exceptions import SegmentError
from segment.tiers import withhold_small
from segment.tracking import CHALLENGER, RegisteredVersion, Tracking
from segment.warehouse import write_json

SHADOW_FILE = "shadow.json"


def shadow_of(
    champion: RegisteredVersion,
    scored: pl.DataFrame,
    snapshot: pl.DataFrame,
    managers: dict[str, int],
    tracking: Tracking,
    folder: Path,
) -> dict[str, Any]:
    """Score a moment by the challenger and compare it with what the champion said.

    Parameters
    ----------
    champion : RegisteredVersion
        Who scored.
    scored : polars.DataFrame
        What the champion said, before tiers are made to last.
    snapshot : polars.DataFrame
        What it was given.
    managers : dict of str to int
        Relationship managers by branch.
    tracking : Tracking
        Holds the challenger.
    folder : Path
        Of the run; gets `shadow.json`.

    Returns
    -------
    dict
        What `compare_scores` returns, with the versions; or `not_compared` with the reason in plain words. A shadow
        that cannot be made costs nothing but itself.
    """
    try:
        challenger, version = tracking.load_other_than(champion, CHALLENGER)
        if challenger is None or version is None:
            return {"not_compared": "there is no challenger beside the champion"}
        found = compare_scores(scored, challenger.score_customers(snapshot, managers))
    except (SegmentError, OSError) as fault:
        return {"not_compared": str(fault).splitlines()[0]}
    made = {"champion": champion.version, "challenger": version.version, **found}
    write_json(made, folder / SHADOW_FILE)
    return made


def compare_scores(first: pl.DataFrame, second: pl.DataFrame) -> dict[str, Any]:
    """Compare what two models say of the same customers.

    Parameters
    ----------
    first, second : polars.DataFrame
        What `SegmentationModel.score_customers` returns, of the same moment.

    Returns
    -------
    dict
        `customers`, `changed` (share whose tier differs), `rank_correlation` of the future value, `flags` (flagged by
        the first, by the second, by both), `tiers` (customers by both tiers) and `branches` (customers, share that
        changed, total future value by each). Groups under ten customers have no figures.
    """
    columns = ("tier", "future_value_12m", "main_bank_elsewhere")
    both = first.select("customer_id", "branch_id", *columns).join(
        second.select("customer_id", *columns), on="customer_id", suffix="_second"
    )
    differs = pl.col("tier") != pl.col("tier_second")
    flags = [pl.col("main_bank_elsewhere"), pl.col("main_bank_elsewhere_second")]
    whole = both.select(
        customers=pl.len(),
        changed=differs.mean(),
        rank_correlation=pl.corr("future_value_12m", "future_value_12m_second", method="spearman"),
        flagged_first=flags[0].sum(),
        flagged_second=flags[1].sum(),
        flagged_both=(flags[0] & flags[1]).sum(),
    ).row(0, named=True)
    tiers = both.group_by("tier", "tier_second").agg(customers=pl.len()).sort("tier", "tier_second")
    branches = both.group_by("branch_id").agg(
        customers=pl.len(),
        changed=differs.mean(),
        future_value_first=pl.col("future_value_12m").sum().round(2),
        future_value_second=pl.col("future_value_12m_second").sum().round(2),
    )
    return {
        **whole,
        "tiers": withhold_small(tiers).to_dicts(),
        "branches": withhold_small(branches.sort("branch_id")).to_dicts(),
    }
