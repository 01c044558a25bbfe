"""How often each group meets a decision, against the group that fares best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

import polars as pl
from scipy.stats import binomtest

from segment.audit.groups import LEAST_TOLD
from segment.audit.significance import against_best, difference_p

Kind = Literal["benefit", "harm", "error"]
"""Something good, something bad, and a mistake of the forecast to a customer's disadvantage."""

SCHEMA: Final[dict[str, Any]] = {
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
POOLED = f"of fewer than {LEAST_TOLD}"
Row = dict[str, Any]


def group_rates(
    attributes: pl.DataFrame, decisions: pl.DataFrame, kinds: Mapping[str, Kind], least: int
) -> pl.DataFrame:
    """Count decisions by group.

    Parameters
    ----------
    attributes : polars.DataFrame, n rows
        A column of words per attribute; null where it is not known.
    decisions : polars.DataFrame, n rows
        Of the same customers: a column of booleans per decision; null where a rule of law decides in place of the bank.
    kinds : mapping of str to {"benefit", "harm", "error"}
        By decision.
    least : int
        Customers that a group must have to be judged.

    Returns
    -------
    polars.DataFrame
        A row per attribute, decision and group: `customers`, `decided`, `rate` with its 95 % interval, `reference` (the
        best-off group), `impact_ratio` (rates of the better outcome over the reference's), `harm_ratio`, `gap` (rate
        less the reference's; of errors), `p`. Groups under `least` have neither rate nor ratio, those under ten share a
        row without their names, and without a count where it is under ten too. Where nobody meets a decision, no
        reference is named.

    Examples
    --------
    >>> people = pl.DataFrame({"sex": ["f"] * 100 + ["m"] * 100})
    >>> listed = pl.DataFrame({"on_list": [True] * 20 + [False] * 80 + [True] * 40 + [False] * 60})
    >>> rows = group_rates(people, listed, {"on_list": "benefit"}, 50)
    >>> rows.select("group", "rate", "reference", "impact_ratio").rows()
    [('f', 0.2, 'm', 0.5), ('m', 0.4, 'm', 1.0)]
    """
    found: list[Row] = []
    for attribute in attributes.columns:
        for decision in decisions.columns:
            both = pl.DataFrame({"group": attributes[attribute], "decided": decisions[decision]}).drop_nulls()
            counted = both.group_by("group").agg(customers=pl.len(), decided=pl.col("decided").sum()).sort("group")
            rows = _against_best(counted.to_dicts(), kinds[decision], least)
            found += [{"attribute": attribute, "decision": decision, "kind": kinds[decision], **row} for row in rows]
    return pl.DataFrame(found, schema=SCHEMA)


def wilson(hits: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """Take the interval of a share.

    Parameters
    ----------
    hits, of : int
        Customers with the outcome, and customers.
    level : float
        Chance that the interval holds.

    Returns
    -------
    tuple of float

    References
    ----------
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927.

    Examples
    --------
    >>> [round(end, 4) for end in wilson(10, 50)]
    [0.1124, 0.3304]
    """
    ends = binomtest(hits, of).proportion_ci(level, method="wilson")
    return float(ends.low), float(ends.high)


def _against_best(counted: list[Row], kind: Kind, least: int) -> list[Row]:
    large = [row for row in counted if row["customers"] >= least]
    small = [{**row, "decided": None} for row in counted if LEAST_TOLD <= row["customers"] < least]
    rest = [row["customers"] for row in counted if row["customers"] < LEAST_TOLD]
    if rest:
        together = sum(rest) if sum(rest) >= LEAST_TOLD else None
        small.append({"group": f"{len(rest)} {POOLED}", "customers": together, "decided": None})
    told = [_with_rate(row) for row in large]
    if len(told) < 2 or not any(row["decided"] for row in told):
        return [*told, *small]
    sign = 1.0 if kind == "benefit" else -1.0
    best = min(told, key=lambda row: (-sign * row["rate"], -row["customers"], row["group"]))
    return [*(_compared(row, best, kind, len(told)) for row in told), *small]


def _with_rate(row: Row) -> Row:
    low, high = wilson(row["decided"], row["customers"])
    return {**row, "rate": row["decided"] / row["customers"], "low": low, "high": high}


def _compared(row: Row, best: Row, kind: Kind, groups: int) -> Row:
    good, best_good = (one["rate"] if kind == "benefit" else 1.0 - one["rate"] for one in (row, best))
    own = row["group"] == best["group"]
    # where the best-off are never harmed, any harm of others is beyond every ratio: there is none to show
    harm = None if kind != "harm" or (best["rate"] == 0 and not own) else 1.0 if own else row["rate"] / best["rate"]
    p = difference_p(row["decided"], row["customers"], best["decided"], best["customers"])
    return {
        **row,
        "reference": best["group"],
        "impact_ratio": None if kind == "error" else 1.0 if own else good / best_good if best_good else None,
        "harm_ratio": harm,
        "gap": row["rate"] - best["rate"] if kind == "error" else None,
        "p": None if own else against_best(p, groups),
    }
