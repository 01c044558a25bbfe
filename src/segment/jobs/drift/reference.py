"""What is remembered of the customers that a model learned from: shares of bins, no customer's row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from segment.jobs.drift.binned import Binned, binned

REFERENCE = "drift_reference.json"
"""Artifact of a training's run."""

GROWN_INDEX, GROWN_SHARE = 0.10, 0.03
FORMAT = 4

MOST_GROUPS = 50  # of branches: more would be noise to read, and a large file
SCORES = ("future_value_12m", "main_bank_elsewhere_probability", "chance_high_value", "chance_of_lower_tier")


@dataclass(frozen=True)
class DriftReference:
    """Distributions to hold a moment against, by group of branches; "" is the bank.

    Attributes
    ----------
    by : str
        Column that groups branches.
    features : dict of str to dict of str to Binned
        Of the snapshots that the model learned from. A group's figures lie in the bank's bins.
    scores : dict of str to dict of str to Binned
        Of the training's moment, whose outcomes nobody knew.
    tiers : dict of str to dict of str to int
        Customers by tier, of the same moment.
    """

    by: str
    features: dict[str, dict[str, Binned]]
    scores: dict[str, dict[str, Binned]]
    tiers: dict[str, dict[str, int]]

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
        """Read what `to_json` wrote.

        Parameters
        ----------
        text : str

        Returns
        -------
        DriftReference or None
            None where another version of this package wrote it in another form.
        """
        content = json.loads(text)
        if content.get("format") != FORMAT:
            return None
        return cls(content["by"], _read(content["features"]), _read(content["scores"]), content["tiers"])


def reference_of(
    learned: pl.DataFrame, newest: pl.DataFrame, scored: pl.DataFrame, features: Sequence[str], least_group: int
) -> DriftReference:
    """Take the distributions of a training.

    Parameters
    ----------
    learned : polars.DataFrame
        Snapshots that the model learned from.
    newest, scored : polars.DataFrame
        The training's own moment: its snapshot, and what the model says of it.
    features : sequence of str
        That the model reads; those that are no numbers are left out.
    least_group : int
        Groups of branches with fewer customers are not kept.

    Returns
    -------
    DriftReference
        A feature that had moved between those moments and the training's own, as where the history was short and its
        window not yet full, is held against the training's moment.
    """
    numeric = [name for name in features if learned[name].dtype.is_numeric() or learned[name].dtype == pl.Boolean]
    by = grouping(learned)
    parts = split(learned, by, least_group)
    grown = {name for name in numeric if _moved_by_itself(learned[name], newest[name])}
    of_day = split(newest, by, least_group)
    bank = {name: binned((newest if name in grown else learned)[name]) for name in numeric}
    said = {group: part for group, part in by_group(scored, newest, by, least_group).items() if group in parts}
    return DriftReference(
        by,
        {
            # a customer of five snapshots is one customer: chance moves few customers more than many rows
            group: {
                name: _again(one, name, of_day[group] if name in grown and group in of_day else part)
                for name, one in bank.items()
            }
            for group, part in parts.items()
        },
        {group: {name: binned(part[name]) for name in SCORES if name in part.columns} for group, part in said.items()},
        {group: tier_counts(part) for group, part in said.items()},
    )


def _moved_by_itself(learned: pl.Series, newest: pl.Series) -> bool:
    then = binned(learned)
    now = then.again(newest)
    emptied = max(now.missing - then.missing, now.zeros - then.zeros)
    return then.index(now) >= GROWN_INDEX or emptied >= GROWN_SHARE


def _again(one: Binned, name: str, part: pl.DataFrame) -> Binned:
    return one.again(part[name]).of(part["customer_id"].n_unique())


def grouping(snapshot: pl.DataFrame) -> str:
    """Choose how branches are grouped: by kind and region, or each for itself where these are not known.

    Parameters
    ----------
    snapshot : polars.DataFrame
        With `peer_group` and `branch_id`.

    Returns
    -------
    str
        A column.

    Examples
    --------
    >>> grouping(pl.DataFrame({"peer_group": ["all", "all"], "branch_id": ["a", "b"]}))
    'branch_id'
    """
    return "peer_group" if snapshot["peer_group"].n_unique() > 1 else "branch_id"


def by_group(scored: pl.DataFrame, snapshot: pl.DataFrame, by: str, least_group: int) -> dict[str, pl.DataFrame]:
    """Split what is said of customers by their group of branches.

    Parameters
    ----------
    scored, snapshot : polars.DataFrame
        Of one moment.
    by : str
        Column of the snapshot that groups branches.
    least_group : int
        Groups of fewer customers are left out.

    Returns
    -------
    dict of str to polars.DataFrame
        "" is the whole bank.
    """
    said = [name for name in ("tier", "proposed_tier", *SCORES) if name in scored.columns]
    groups = snapshot.select("customer_id", by)
    joined = scored.select("customer_id", *said).join(groups, on="customer_id", how="left", maintain_order="left")
    return split(joined, by, least_group)


def split(rows: pl.DataFrame, by: str, least_group: int) -> dict[str, pl.DataFrame]:
    """Split rows by their group of branches.

    Parameters
    ----------
    rows : polars.DataFrame
        A customer may have several.
    by : str
        Column that groups branches.
    least_group : int
        Groups of fewer customers are left out.

    Returns
    -------
    dict of str to polars.DataFrame
        "" is the whole bank; a bank of one group is not told twice. The largest groups, by name.
    """
    found = {str(group): part for (group,), part in rows.drop_nulls(by).group_by(by)}
    large = sorted((-_customers(part), group) for group, part in found.items() if _customers(part) >= least_group)
    named = sorted(group for _, group in large[:MOST_GROUPS]) if len(found) > 1 else []
    return {"": rows, **{group: found[group] for group in named}}


def _customers(rows: pl.DataFrame) -> int:
    return rows["customer_id"].n_unique() if "customer_id" in rows.columns else rows.height


def _plain(groups: dict[str, dict[str, Binned]]) -> dict[str, dict[str, Any]]:
    return {group: {name: one.to_dict() for name, one in figures.items()} for group, figures in groups.items()}


def _read(groups: dict[str, dict[str, Any]]) -> dict[str, dict[str, Binned]]:
    return {group: {name: Binned.from_dict(one) for name, one in figures.items()} for group, figures in groups.items()}


def tier_counts(scored: pl.DataFrame, column: str = "tier") -> dict[str, int]:
    """Count customers by tier; those without one are left out.

    Parameters
    ----------
    scored : polars.DataFrame
    column : str
        That holds the tier.

    Returns
    -------
    dict of str to int
    """
    return dict(scored.drop_nulls(column).group_by(column).len().sort(column).iter_rows())
