"""The same comparison within bands of income: value tiers differ by income, and groups differ in income."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import chi2

from segment.audit.selection_rates import SCHEMA, Kind
from segment.audit.significance import against_best

CONDITIONAL_SCHEMA = {name: kind for name, kind in SCHEMA.items() if name not in ("low", "high")} | {
    "bands": pl.Int64,
    "odds_ratio": pl.Float64,
}


class PooledRatios(NamedTuple):
    """What two groups have in common over all bands."""

    # odds_ratio, risk_ratio: Of the first group against the second; NaN where they cannot be taken.
    odds_ratio: float
    risk_ratio: float
    p: float  # Of the Cochran-Mantel-Haenszel test with continuity correction


def mantel_haenszel(
    hits: NDArray[Any], of: NDArray[Any], other_hits: NDArray[Any], other_of: NDArray[Any]
) -> PooledRatios:
    """Compare two groups within bands."""
    # `hits`, `of` (bands,): Customers with the outcome, and customers, of a group.
    # `other_hits`, `other_of` (bands,): Those of the other group. Bands in which either has nobody say nothing and must
    # be left out.
    # Source: N. Mantel and W. Haenszel, "Statistical aspects of the analysis of data from retrospective studies of
    # disease", JNCI 22, 1959; the ratio of risks: S. Greenland and J. M. Robins, Biometrics 41, 1985.
    a, n, c, m = (np.asarray(counts, dtype=np.float64) for counts in (hits, of, other_hits, other_of))
    total, both = n + m, a + c
    odds = _ratio((a * (m - c) / total).sum(), ((n - a) * c / total).sum())
    risks = _ratio((a * m / total).sum(), (c * n / total).sum())
    variance = (n * m * both * (total - both) / (total**2 * np.maximum(total - 1.0, 1.0))).sum()
    if variance <= 0:
        return PooledRatios(odds, risks, 1.0)
    apart = max(abs(float((a - n * both / total).sum())) - 0.5, 0.0)
    return PooledRatios(odds, risks, float(chi2.sf(apart**2 / variance, 1)))


def conditional_rates(
    attributes: pl.DataFrame, decisions: pl.DataFrame, bands: pl.Series, rates: pl.DataFrame
) -> pl.DataFrame:
    """Compare each group with the best-off one within bands of income."""
    rows = []
    compared = rates.filter(pl.col("p").is_not_null() & (pl.col("kind") != "error"))
    sizes = rates.filter(pl.col("rate").is_not_null()).group_by("attribute", "decision", maintain_order=True).len()
    group_counts = {(attribute, decision): count for attribute, decision, count in sizes.iter_rows()}
    for row in compared.iter_rows(named=True):
        both = pl.DataFrame(
            {"group": attributes[row["attribute"]], "decided": decisions[row["decision"]], "band": bands}
        ).drop_nulls()
        rows.append(_within(both, row, group_counts[row["attribute"], row["decision"]]))
    return pl.DataFrame(rows, schema=CONDITIONAL_SCHEMA)


def _within(both: pl.DataFrame, row: Mapping[str, Any], groups: int) -> Mapping[str, object]:
    counted = both.group_by("band", "group", maintain_order=True).agg(of=pl.len(), hits=pl.col("decided").sum())
    own, other = (counted.filter(pl.col("group") == row[side]) for side in ("group", "reference"))
    paired = own.join(other, on="band", suffix="_other").sort("band")
    keys = {name: row[name] for name in ("attribute", "decision", "kind", "group", "reference")}
    hits, of, other_hits, other_of = (paired[name].to_numpy() for name in ("hits", "of", "hits_other", "of_other"))
    customers = int(of.sum())
    if not customers:
        return {**keys, "customers": 0, "bands": 0}
    kind: Kind = row["kind"]
    plain = mantel_haenszel(hits, of, other_hits, other_of)
    good = plain if kind == "benefit" else mantel_haenszel(of - hits, of, other_of - other_hits, other_of)
    return {
        **keys,
        "customers": customers,
        "decided": int(hits.sum()),
        "bands": paired.height,
        "rate": float(hits.sum() / customers),
        "odds_ratio": _finite(plain.odds_ratio),
        "impact_ratio": _finite(good.risk_ratio),
        "harm_ratio": _finite(plain.risk_ratio) if kind == "harm" else None,
        "p": against_best(plain.p, groups),
    }


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below > 0 else float("nan")


def _finite(figure: float) -> float | None:
    return figure if np.isfinite(figure) else None
