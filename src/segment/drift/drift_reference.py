"""What is remembered of the customers that a model learned from: shares of bins, no customer's row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from segment.drift.histogram import Histogram, histogram

REFERENCE = "drift_reference.json"
"""Artifact of a training's run."""

GROWN_INDEX, GROWN_SHARE = 0.10, 0.03
FORMAT = 4

MOST_GROUPS = 50  # of branches: more would be noise to read, and a large file
SCORES = ("future_value_12m", "main_bank_elsewhere_probability", "chance_high_value", "chance_of_lower_tier")


@dataclass(frozen=True)
class DriftReference:
    """Distributions to hold a date against, by group of branches; "" is the bank."""

    by: str  # Column that groups branches
    # Of the snapshots that the model learned from. A group's figures lie in the bank's bins.
    features: dict[str, dict[str, Histogram]]
    scores: dict[str, dict[str, Histogram]]  # Of the training's date, whose outcomes nobody knew
    tiers: dict[str, dict[str, int]]  # Customers by tier, of the same date

    def to_json(self) -> str:
        """Write as text."""
        content = {
            "format": FORMAT,
            "by": self.by,
            "features": _plain(self.features),
            "scores": _plain(self.scores),
            "tiers": self.tiers,
        }
        return json.dumps(content, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> DriftReference | None:
        """Read what `to_json` wrote."""
        content = json.loads(text)
        if content.get("format") != FORMAT:
            return None
        return cls(content["by"], _read(content["features"]), _read(content["scores"]), content["tiers"])


def build_reference(
    train: pl.DataFrame, current: pl.DataFrame, scored: pl.DataFrame, features: Sequence[str], least_group: int
) -> DriftReference:
    """Take the distributions of a training: of its snapshots, and of its own date as the model scored it."""
    numeric = [name for name in features if train[name].dtype.is_numeric() or train[name].dtype == pl.Boolean]
    by = grouping(train)
    parts, of_day = split(train, by, least_group), split(current, by, least_group)
    grown = {name for name in numeric if _moves_by_itself(train[name], current[name])}
    bank = {name: histogram((current if name in grown else train)[name]) for name in numeric}
    groups: dict[str, dict[str, Histogram]] = {}
    for group, part in parts.items():
        rows = {name: of_day[group] if name in grown and group in of_day else part for name in numeric}
        # a customer of five snapshots is one customer: chance moves few customers more than many rows
        groups[group] = {
            name: bank[name].same_bins(frame[name], frame["customer_id"].n_unique()) for name, frame in rows.items()
        }
    predicted = {group: part for group, part in by_group(scored, current, by, least_group).items() if group in parts}
    return DriftReference(
        by,
        groups,
        {
            group: {name: histogram(part[name]) for name in SCORES if name in part.columns}
            for group, part in predicted.items()
        },
        {group: tier_counts(part) for group, part in predicted.items()},
    )


def _moves_by_itself(train: pl.Series, current: pl.Series) -> bool:
    then = histogram(train)
    now = then.same_bins(current)
    emptied = max(now.missing - then.missing, now.zeros - then.zeros)
    return then.index(now) >= GROWN_INDEX or emptied >= GROWN_SHARE


def grouping(snapshot: pl.DataFrame) -> str:
    """Choose how branches are grouped: by kind and region, or each for itself where these are not known.

    Examples
    --------
    >>> grouping(pl.DataFrame({"peer_group": ["all", "all"], "branch_id": ["a", "b"]}))
    'branch_id'
    """
    return "peer_group" if snapshot["peer_group"].n_unique() > 1 else "branch_id"


def by_group(scored: pl.DataFrame, snapshot: pl.DataFrame, by: str, least_group: int) -> dict[str, pl.DataFrame]:
    """Split scores and tiers by the customers' group of branches."""
    predicted = [name for name in ("tier", "proposed_tier", *SCORES) if name in scored.columns]
    groups = snapshot.select("customer_id", by)
    joined = scored.select("customer_id", *predicted).join(groups, on="customer_id", how="left", maintain_order="left")
    return split(joined, by, least_group)


def split(rows: pl.DataFrame, by: str, least_group: int) -> dict[str, pl.DataFrame]:
    """Split rows by their group of branches."""
    parts = {str(group): part for (group,), part in rows.drop_nulls(by).group_by(by, maintain_order=True)}
    customers = {group: _customers(part) for group, part in parts.items()}
    large = sorted((-count, group) for group, count in customers.items() if count >= least_group)
    named = sorted(group for _, group in large[:MOST_GROUPS]) if len(parts) > 1 else []
    return {"": rows, **{group: parts[group] for group in named}}


def _customers(rows: pl.DataFrame) -> int:
    return rows["customer_id"].n_unique() if "customer_id" in rows.columns else rows.height


def _plain(groups: dict[str, dict[str, Histogram]]) -> dict[str, dict[str, object]]:
    return {group: {name: bins.to_dict() for name, bins in columns.items()} for group, columns in groups.items()}


def _read(groups: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Histogram]]:
    return {
        group: {name: Histogram.from_dict(bins) for name, bins in columns.items()} for group, columns in groups.items()
    }


def tier_counts(scored: pl.DataFrame, column: str = "tier") -> dict[str, int]:
    """Count customers by tier; those without one are left out."""
    return dict(scored.drop_nulls(column).group_by(column, maintain_order=True).len().sort(column).iter_rows())
