"""The groups that a replay is audited by; nothing here is ever a feature."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from segment.jobs.backtest.history import read_ledger
from segment.policy import Policy

GROUPS = ("peer_group", "tenure_band", "age_band", "sex", "region")

TENURE_BANDS = (("under 1 year", 12), ("1 to 5 years", 60), ("5 to 10 years", 120))
AGE_BANDS = (("under 30", 30), ("30 to 44", 45), ("45 to 59", 60))


def with_groups(
    both: pl.DataFrame, reference: Mapping[str, pl.DataFrame], ledger: str | None, policy: Policy
) -> pl.DataFrame:
    """Add the groups that are known.

    Parameters
    ----------
    both : polars.DataFrame
        With `as_of`, `customer_id`, `tenure_months`.
    reference : mapping of str to polars.DataFrame
        `customers` with birth dates.
    ledger : str or None
        Where sex and region are read; without it they are left out.
    policy : Policy
        Reads the ledger.

    Returns
    -------
    polars.DataFrame
        With `tenure_band`, `age_band` and, where a ledger says so, `sex` and `region`.
    """
    people = reference["customers"].select("customer_id", "birth_date")
    if ledger is not None:
        read, _ = read_ledger(ledger, policy, both["as_of"].max())  # type: ignore[arg-type]
        table = read.tables["customers"]
        known = [name for name in ("sex", "region") if name in table.columns and table[name].null_count() < len(table)]
        people = people.join(table.select("customer_id", *known), on="customer_id", how="left")
    joined = both.join(people, on="customer_id", how="left")
    age = (pl.col("as_of") - pl.col("birth_date").cast(pl.Date)).dt.total_days() / 365.25
    return joined.with_columns(
        tenure_band=_band(pl.col("tenure_months"), TENURE_BANDS, "10 years and more"),
        age_band=_band(age, AGE_BANDS, "60 and over"),
    )


def _band(value: pl.Expr, bands: tuple[tuple[str, int], ...], rest: str) -> pl.Expr:
    chosen: pl.Expr = pl.when(value.is_not_null()).then(pl.lit(rest))
    for name, below in reversed(bands):
        chosen = pl.when(value < below).then(pl.lit(name)).otherwise(chosen)
    return chosen
