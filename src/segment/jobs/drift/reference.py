"""What is remembered of the customers that a model learned from: shares of bins, no customer's row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from segment.jobs.drift.binned import Binned, binned

REFERENCE = "drift_reference.json"
"""Artifact of a training's run."""

FORECAST, PROBABILITY, GROUP = "future_value_12m", "main_bank_elsewhere_probability", "peer_group"
SCORES = (FORECAST, PROBABILITY)


@dataclass(frozen=True)
class DriftReference:
    """Distributions to hold a moment against.

    Attributes
    ----------
    features : dict of str to Binned
        Of the snapshots that the model learned from.
    scores : dict of str to dict of str to Binned
        By group of branches ("" is the bank), then score; of the training's moment, whose outcomes nobody knew.
    tiers : dict of str to dict of str to int
        Customers by group of branches and tier, of the same moment.
    """

    features: dict[str, Binned]
    scores: dict[str, dict[str, Binned]]
    tiers: dict[str, dict[str, int]]

    def to_json(self) -> str:
        """Write as text."""
        content = {
            "features": {name: one.to_dict() for name, one in self.features.items()},
            "scores": {
                group: {name: one.to_dict() for name, one in scores.items()} for group, scores in self.scores.items()
            },
            "tiers": self.tiers,
        }
        return json.dumps(content, indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> DriftReference:
        """Read what `to_json` wrote.

        Parameters
        ----------
        text : str

        Returns
        -------
        DriftReference
        """
        content = json.loads(text)
        return cls(
            {name: Binned.from_dict(one) for name, one in content["features"].items()},
            {
                group: {name: Binned.from_dict(one) for name, one in scores.items()}
                for group, scores in content["scores"].items()
            },
            content["tiers"],
        )


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
        Smaller groups of branches are not kept.

    Returns
    -------
    DriftReference
    """
    numeric = [name for name in features if learned[name].dtype.is_numeric() or learned[name].dtype == pl.Boolean]
    groups = by_group(scored, newest, least_group)
    return DriftReference(
        {name: binned(learned[name]) for name in numeric},
        {group: {name: binned(part[name]) for name in SCORES} for group, part in groups.items()},
        {group: tier_counts(part) for group, part in groups.items()},
    )


def by_group(scored: pl.DataFrame, snapshot: pl.DataFrame, least_group: int) -> dict[str, pl.DataFrame]:
    """Split what is said of customers by their group of branches.

    Parameters
    ----------
    scored, snapshot : polars.DataFrame
        Of one moment.
    least_group : int
        Smaller groups are left out.

    Returns
    -------
    dict of str to polars.DataFrame
        "" is the whole bank.
    """
    joined = scored.select("customer_id", "tier", *SCORES).join(
        snapshot.select("customer_id", GROUP), on="customer_id", how="left", maintain_order="left"
    )
    parts = {
        str(group): part
        for (group,), part in sorted(joined.drop_nulls(GROUP).group_by(GROUP), key=lambda one: str(one[0][0]))
        if part.height >= least_group
    }
    return {"": joined, **parts}


def tier_counts(scored: pl.DataFrame) -> dict[str, int]:
    """Count customers by tier; those without one are left out.

    Parameters
    ----------
    scored : polars.DataFrame

    Returns
    -------
    dict of str to int
    """
    return dict(scored.drop_nulls("tier").group_by("tier").len().sort("tier").iter_rows())
