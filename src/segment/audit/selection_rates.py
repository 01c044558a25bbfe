"""How often each group meets a decision, against the group that fares best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import polars as pl
from scipy.stats import binomtest

from segment.audit.groups import LEAST_NAMED
from segment.audit.significance import against_best, difference_p

Kind = Literal["benefit", "harm", "error"]
"""Something good, something bad, and a mistake of the forecast to a customer's disadvantage."""

SCHEMA: Final[dict[str, type[pl.DataType]]] = {
    "attribute": pl.String,
    "decision": pl.String,
    "kind": pl.String,
    "group": pl.String,
    "customers": pl.Int64,
    "decided": pl.Int64,
    "rate": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "reference": pl.String,
    "impact_ratio": pl.Float64,
    "harm_ratio": pl.Float64,
    "gap": pl.Float64,
    "p": pl.Float64,
}
POOLED = f"of fewer than {LEAST_NAMED}"


@dataclass(frozen=True)
class GroupCount:
    """Customers of a group, and those of them who meet a decision."""

    group: str
    customers: int
    decided: int

    @property
    def rate(self) -> float:
        """How often they do."""
        return self.decided / self.customers


@dataclass(frozen=True)
class GroupRate:
    """A row of `group_rates`; a group that is too small has no figure but its size."""

    group: str
    customers: int | None
    decided: int | None = None
    rate: float | None = None
    low: float | None = None
    high: float | None = None
    reference: str | None = None
    impact_ratio: float | None = None
    harm_ratio: float | None = None
    gap: float | None = None
    p: float | None = None


def group_rates(
    attributes: pl.DataFrame, decisions: pl.DataFrame, kinds: Mapping[str, Kind], least: int
) -> pl.DataFrame:
    """Count decisions by group."""
    # Returns A row per attribute, decision and group: `customers`, `decided`, `rate` with its 95 % interval,
    # `reference` (the best-off group), `impact_ratio` (rates of the better outcome over the reference's), `harm_ratio`,
    # `gap` (rate less the reference's; of errors), `p`. Groups under `least` have neither rate nor ratio, those under
    # ten share a row without their names, and without a count where it is under ten too. Where nobody meets a decision,
    # no reference is named.
    table = []
    for attribute in attributes.columns:
        for decision in decisions.columns:
            both = pl.DataFrame({"group": attributes[attribute], "decided": decisions[decision]}).drop_nulls()
            counted = (
                both.group_by("group", maintain_order=True)
                .agg(customers=pl.len(), decided=pl.col("decided").sum())
                .sort("group")
            )
            rows = _against_best([GroupCount(*row) for row in counted.iter_rows()], kinds[decision], least)
            about = {"attribute": attribute, "decision": decision, "kind": kinds[decision]}
            table += [{**about, **vars(row)} for row in rows]
    return pl.DataFrame(table, schema=SCHEMA)


def wilson(hits: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """Take the interval of a share."""
    # Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.
    ends = binomtest(hits, of).proportion_ci(level, method="wilson")
    return float(ends.low), float(ends.high)


def _against_best(counted: Sequence[GroupCount], kind: Kind, least: int) -> list[GroupRate]:
    large = [row for row in counted if row.customers >= least]
    small = [GroupRate(row.group, row.customers) for row in counted if LEAST_NAMED <= row.customers < least]
    rest = [row.customers for row in counted if row.customers < LEAST_NAMED]
    if rest:
        small.append(GroupRate(f"{len(rest)} {POOLED}", sum(rest) if sum(rest) >= LEAST_NAMED else None))
    if len(large) < 2 or not any(row.decided for row in large):
        return [*map(_with_rate, large), *small]
    sign = 1.0 if kind == "benefit" else -1.0
    best = min(large, key=lambda row: (-sign * row.rate, -row.customers, row.group))
    return [*(_compared(row, best, kind, len(large)) for row in large), *small]


def _with_rate(row: GroupCount) -> GroupRate:
    return GroupRate(row.group, row.customers, row.decided, row.rate, *wilson(row.decided, row.customers))


def _compared(row: GroupCount, best: GroupCount, kind: Kind, groups: int) -> GroupRate:
    good, best_good = (group.rate if kind == "benefit" else 1.0 - group.rate for group in (row, best))
    own = row.group == best.group
    # where the best-off are never harmed, any harm of others is beyond every ratio: there is none to show
    harm = None if kind != "harm" or (best.rate == 0 and not own) else 1.0 if own else row.rate / best.rate
    p = difference_p(row.decided, row.customers, best.decided, best.customers)
    return replace(
        _with_rate(row),
        reference=best.group,
        impact_ratio=None if kind == "error" else 1.0 if own else good / best_good if best_good else None,
        harm_ratio=harm,
        gap=row.rate - best.rate if kind == "error" else None,
        p=None if own else against_best(p, groups),
    )
