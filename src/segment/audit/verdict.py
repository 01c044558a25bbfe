"""What is said of each comparison, all tests of an audit taken together."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from segment.policy.fairness import Audit
from segment.statistics import holm

WITHIN, FAR, UNSURE = "within", "outside and significant", "outside but not significant"
TOO_FEW, REFERENCE, NOBODY = "too few", "best off", "nobody"


def with_verdicts(tables: Sequence[pl.DataFrame], limits: Audit) -> list[pl.DataFrame]:
    """Adjust every p-value for all of them, and give each row its verdict."""
    p_values = [p for table in tables for p in table["p"].drop_nulls()]
    adjusted = iter(holm(p_values))
    return [
        _with_verdict(table, [None if p is None else next(adjusted) for p in table["p"]], limits) for table in tables
    ]


def _with_verdict(table: pl.DataFrame, adjusted: list[float | None], limits: Audit) -> pl.DataFrame:
    slack = 1e-9
    kind = pl.col("kind")
    # no ratio can be taken of a harm that the best-off never meet: any at all lies outside
    disparate_harm = pl.col("harm_ratio").fill_null(float("inf")) > limits.harm_ratio + slack
    unlike = pl.col("impact_ratio").fill_null(1.0) < limits.adverse_impact - slack
    harmed = (kind == "harm") & disparate_harm & (pl.col("rate") > 0)
    missed = (kind == "error") & (pl.col("gap").fill_null(0.0) > limits.error_gap + slack)
    significant = pl.col("p_adjusted") < limits.significance
    verdict = (
        pl.when(pl.col("rate").is_null())
        .then(pl.lit(TOO_FEW))
        .when(pl.col("reference").is_null())
        .then(pl.when(pl.col("decided") == 0).then(pl.lit(NOBODY)).otherwise(pl.lit(TOO_FEW)))
        .when(pl.col("reference") == pl.col("group"))
        .then(pl.lit(REFERENCE))
        .when(~(unlike | harmed | missed))
        .then(pl.lit(WITHIN))
        .when(significant)
        .then(pl.lit(FAR))
        .otherwise(pl.lit(UNSURE))
    )
    return table.with_columns(pl.Series("p_adjusted", adjusted, dtype=pl.Float64)).with_columns(verdict=verdict)
