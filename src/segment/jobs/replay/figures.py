"""Two policies' tiers of the same customers and days, side by side."""

from __future__ import annotations

from typing import Any

import polars as pl

from segment.features import target_name
from segment.policy import Policy
from segment.tiers.columns import TIERS

LEAST_GROUP = 10
"""Customers that a figure must be about; of smaller groups nothing is said."""

COMING = target_name(12)
_PLACE = {tier: place for place, tier in enumerate(TIERS)}


def migrations(both: pl.DataFrame) -> list[dict[str, Any]]:
    """Count who would have been in which tier, and the last year's contribution that moves with them.

    Parameters
    ----------
    both : polars.DataFrame
        A row per customer and day: `before`, `after`, `contribution_12m`.

    Returns
    -------
    list of dict
        `before`, `after`, `customers`, `share` of those before, `contribution_12m`; withheld (None) in small groups.
    """
    counted = both.group_by("before", "after").agg(
        customers=pl.len(), contribution_12m=pl.col("contribution_12m").sum().round(2)
    )
    counted = counted.with_columns(share=pl.col("customers") / pl.col("customers").sum().over("before"))
    enough = pl.col("customers") >= LEAST_GROUP
    shown = counted.with_columns(pl.when(enough).then(name).alias(name) for name in ("contribution_12m", "share"))
    order = [pl.col(side).replace_strict(_PLACE, return_dtype=pl.Int64) for side in ("before", "after")]
    columns = ("before", "after", "customers", "share", "contribution_12m")
    return shown.sort(order).select(columns).to_dicts()


def service_cost(both: pl.DataFrame, side: str, policy: Policy) -> float:
    """Cost of a year's service under each tier's assumed level, averaged over the days.

    Parameters
    ----------
    both : polars.DataFrame
        With the tier in column `side`, `mean_cost`, `as_of`.
    side : {"before", "after"}
        Whose tiers.
    policy : Policy
        Holds the assumptions.

    Returns
    -------
    float
        Book currency a year, for the whole bank.
    """
    level = pl.col(side).replace_strict(policy.service_cost.multiples, return_dtype=pl.Float64)
    return float(both.select((level * pl.col("mean_cost")).sum()).item()) / max(both["as_of"].n_unique(), 1)


def under_served(both: pl.DataFrame, side: str, policy: Policy) -> dict[str, float | int | None]:
    """What customers brought who had been put lower than what they went on to bring deserves.

    Parameters
    ----------
    both : polars.DataFrame
        With the tier in column `side`, `realised_tier` (null where not known yet) and the contribution that came.
    side : {"before", "after"}
        Whose tiers.
    policy : Policy
        The policy in force, whose costs of error judge both sides alike.

    Returns
    -------
    dict
        `judged` and `too_low` (customers and days), `value_missed` (contribution that came from those too low, a year,
        averaged over the days judged), `cost_of_error` (mean of the policy's matrix; None where nobody is judged).
    """
    judged = both.filter(pl.col("realised_tier").is_not_null())
    if judged.is_empty():
        return {"judged": 0, "too_low": 0, "value_missed": None, "cost_of_error": None}
    given, true = (pl.col(name).replace_strict(_PLACE, return_dtype=pl.Int64) for name in (side, "realised_tier"))
    low = judged.filter(given > true)
    matrix = policy.tiers.cost_of_error.matrix
    pairs = judged.group_by("realised_tier", side).len().rows()
    cost = sum(matrix[_PLACE[real]][_PLACE[put]] * count for real, put, count in pairs)
    missed = float(low[COMING].clip(lower_bound=0.0).sum()) / judged["as_of"].n_unique()
    return {
        "judged": judged.height,
        "too_low": low.height,
        "value_missed": missed,
        "cost_of_error": cost / judged.height,
    }


def by_group(both: pl.DataFrame, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Say who is raised and lowered, for the groups of each column.

    Parameters
    ----------
    both : polars.DataFrame
        With the columns; a row per customer and day.
    columns : tuple of str
        Such as `peer_group` or `age_band`; never a feature because of it.

    Returns
    -------
    list of dict
        `grouped_by`, `group`, `customers`, `raised`, `lowered`, `better_before`, `better_after` (shares; better is
        high-value or valuable), `ratio_to_best` (of `better_after` to the best group's). Groups with fewer customers
        than `LEAST_GROUP` have one row together, without figures.
    """
    return [row for column in columns for row in _of_column(both, column)]


def moves(both: pl.DataFrame, side: str) -> dict[str, float | None]:
    """How often tiers change from one day to the next, and change back on the day after.

    Parameters
    ----------
    both : polars.DataFrame
        With the tier in column `side`.
    side : {"before", "after"}
        Whose tiers.

    Returns
    -------
    dict
        `changed` and `changed_back`, shares of customers and days; None where there are too few days.
    """
    ordered = both.sort("customer_id", "as_of")
    last, one_before = (pl.col(side).shift(lag).over("customer_id") for lag in (1, 2))
    seen = ordered.select(
        changed=pl.when(last.is_not_null()).then(pl.col(side) != last),
        changed_back=pl.when(one_before.is_not_null()).then((pl.col(side) == one_before) & (pl.col(side) != last)),
    )
    return {name: seen[name].cast(pl.Float64).mean() for name in seen.columns}  # type: ignore[misc]


def _of_column(both: pl.DataFrame, column: str) -> list[dict[str, Any]]:
    before, after = (pl.col(side).replace_strict(_PLACE, return_dtype=pl.Int64) for side in ("before", "after"))
    figures = both.group_by(pl.col(column).cast(pl.String).fill_null("not known").alias("group")).agg(
        customers=pl.col("customer_id").n_unique(),
        raised=(after < before).mean(),
        lowered=(after > before).mean(),
        better_before=(before <= _PLACE["valuable"]).mean(),
        better_after=(after <= _PLACE["valuable"]).mean(),
    )
    large = figures.filter(pl.col("customers") >= LEAST_GROUP).sort("group")
    best = pl.col("better_after").max()
    large = large.with_columns(ratio_to_best=pl.when(best > 0.0).then(pl.col("better_after") / best))
    rows = [{"grouped_by": column, **row} for row in large.to_dicts()]
    small = figures.height - large.height
    if small:
        rows.append({"grouped_by": column, "group": f"{small} groups of fewer than {LEAST_GROUP} customers"})
    return rows
