"""The groups that a replay is audited by; nothing here is ever a feature."""

from __future__ import annotations

import polars as pl

from segment.audit import age_bands
from segment.jobs.audit.people import read_protected
from segment.policy import Policy
from segment.warehouse import Workspace

GROUPS = ("peer_group", "tenure_band", "age_band", "sex", "region")

TENURE_BANDS = (("under 1 year", 12), ("1 to 5 years", 60), ("5 to 10 years", 120))


def with_groups(both: pl.DataFrame, workspace: Workspace, policy: Policy) -> pl.DataFrame:
    """Add the groups that are known.

    Parameters
    ----------
    both : polars.DataFrame
        With `as_of`, `customer_id`, `tenure_months`.
    workspace : Workspace
        Holds the protected columns of the last extract.
    policy : Policy
        Its `[audit]` says which are asked for, and the bands of age.

    Returns
    -------
    polars.DataFrame
        With `tenure_band` and, where the ledger says so, `age_band`, `sex` and `region`.
    """
    people = read_protected(workspace)
    joined = both.join(people, on="customer_id", how="left", maintain_order="left")
    known = [name for name in people.columns if joined[name].null_count() < joined.height]
    given = [pl.col(name).cast(pl.String) for name in ("sex", "region") if name in known]
    if "birth_date" in known:
        given.append(age_bands(pl.col("birth_date"), policy.audit.age_bands, pl.col("as_of")).alias("age_band"))
    tenure = _band(pl.col("tenure_months"), TENURE_BANDS, "10 years and more")
    return joined.select(*both.columns, *given, tenure_band=tenure)


def _band(value: pl.Expr, bands: tuple[tuple[str, int], ...], rest: str) -> pl.Expr:
    chosen: pl.Expr = pl.when(value.is_not_null()).then(pl.lit(rest))
    for name, below in reversed(bands):
        chosen = pl.when(value < below).then(pl.lit(name)).otherwise(chosen)
    return chosen
