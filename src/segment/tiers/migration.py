"""Who moved from which tier to which: matrices by branch and bank, and their figures."""

from __future__ import annotations

import polars as pl

from segment.tiers.columns import TIERS, require
from segment.tiers.table import migration_matrix

BANK = "(bank)"
WITHHELD_BELOW = 10
"""Customers: a smaller group could point at a person."""

_PLACE = {tier: place for place, tier in enumerate(reversed(TIERS))}


def withhold_small(table: pl.DataFrame) -> pl.DataFrame:
    """Blank the figures of groups that are so small that they could point at a person.

    Parameters
    ----------
    table : polars.DataFrame
        Groups with `customers` and figures.

    Returns
    -------
    polars.DataFrame
        The names of the groups stay, the figures of those of 1 to 9 customers are null.

    Examples
    --------
    >>> withhold_small(pl.DataFrame({"tier": ["a", "b"], "customers": [9, 10], "total": [5.0, 6.0]})).rows()
    [('a', None, None), ('b', 10, 6.0)]
    """
    figures = [name for name, kind in table.schema.items() if kind.is_numeric()]
    small = pl.col("customers").is_between(1, WITHHELD_BELOW - 1)
    return table.with_columns(pl.when(~small).then(pl.col(name)).alias(name) for name in figures)


def migration_table(tiers: pl.DataFrame) -> pl.DataFrame:
    """Put the bank's matrix and those of its branches into one table.

    Parameters
    ----------
    tiers : polars.DataFrame
        Published tiers, as `migration_matrix` reads them.

    Returns
    -------
    polars.DataFrame
        `branch_id` (`(bank)` for all of it), `previous_tier`, `tier`, `customers`, `share` of the previous tier's,
        `contribution_12m` that moved with them. Nothing is withheld.
    """
    bank = migration_matrix(tiers).select(pl.lit(BANK).alias("branch_id"), pl.all())
    return pl.concat([bank, migration_matrix(tiers, by_branch=True)], how="vertical_relaxed")


def moves(tiers: pl.DataFrame) -> dict[str, float | None]:
    """Sum up who moved.

    Parameters
    ----------
    tiers : polars.DataFrame
        Published tiers with `previous_tier`, and `returned` where tiers last; excluded customers do not count.

    Returns
    -------
    dict of str to float
        Of the customers who had a tier before: `customers`, `kept` (share on the diagonal), `rose` and `fell` (shares),
        `rose_to_fell` (None where nobody fell), `value_rose` and `value_fell` (their contribution of twelve months),
        and `returned`, the share that took up again a tier left not long ago.

    Examples
    --------
    >>> seen = pl.DataFrame({
    ...     "previous_tier": ["valuable", "valuable", "break_even", None], "standing": ["active"] * 4,
    ...     "tier": ["valuable", "break_even", "valuable", "valuable"], "returned": [False, False, True, False],
    ...     "contribution_12m": [90.0, 5.0, 80.0, 70.0]})
    >>> found = moves(seen)
    >>> found["customers"], round(found["kept"], 2), found["rose_to_fell"], found["value_rose"], found["value_fell"]
    (3, 0.33, 1.0, 80.0, 5.0)
    """
    require(tiers, ("previous_tier", "tier", "standing", "contribution_12m"), "The figures of a migration")
    known = tiers.filter(pl.col("previous_tier").is_not_null() & (pl.col("standing") != "excluded"))
    place = [pl.col(name).replace_strict(_PLACE, return_dtype=pl.Int64) for name in ("tier", "previous_tier")]
    step = known.select((place[0] - place[1]).alias("step")).to_series()
    rose, fell, everyone = int((step > 0).sum()), int((step < 0).sum()), max(known.height, 1)
    value = known["contribution_12m"]
    return {
        "customers": known.height,
        "kept": (known.height - rose - fell) / everyone,
        "rose": rose / everyone,
        "fell": fell / everyone,
        "rose_to_fell": rose / fell if fell else None,
        "value_rose": round(float(value.filter(step > 0).sum()), 2),
        "value_fell": round(float(value.filter(step < 0).sum()), 2),
        "returned": int(known["returned"].sum()) / everyone if "returned" in known.columns else 0.0,
    }
