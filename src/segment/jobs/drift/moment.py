"""Drift of one moment: features, scores and tiers against a reference, and whether tiers may be published."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from segment.jobs.drift.critical import critical_index
from segment.jobs.drift.psi import index_of_shares
from segment.jobs.drift.reference import DriftReference, by_group, tier_counts
from segment.jobs.gates.gate import Gate
from segment.policy.drift import DriftLimits

TIER_MIX = "tier mix"


@dataclass(frozen=True)
class Feature:
    """A feature's index, its missing rates then and now, its limit, and whether it can block."""

    index: float
    missing_then: float
    missing_now: float
    limit: float
    judged: bool


@dataclass(frozen=True)
class Score:
    """Index of a score or of the tier mix in a group of branches ("" is the bank), and its limit."""

    group: str
    name: str
    index: float
    limit: float
    customers: int


@dataclass(frozen=True)
class Drift:
    """What moved.

    Attributes
    ----------
    customers : int
    features : dict of str to Feature
        Most moved first.
    scores : list of Score
        Forecast, probability and tier mix, by group of branches.
    limits : DriftLimits
        The policy's.
    """

    customers: int
    features: dict[str, Feature]
    scores: list[Score]
    limits: DriftLimits

    @property
    def moved_share(self) -> float:
        """Share of the judged features beyond their limits."""
        judged = [one for one in self.features.values() if one.judged]
        return sum(one.index >= one.limit for one in judged) / max(len(judged), 1)

    @property
    def jumped(self) -> dict[str, float]:
        """Judged features whose missing rate rose too far, and by how much."""
        rises = {n: one.missing_now - one.missing_then for n, one in self.features.items() if one.judged}
        return {name: rise for name, rise in rises.items() if rise > self.limits.missing_jump}

    @property
    def moved(self) -> list[Score]:
        """Scores and tier mixes beyond their limits."""
        return [one for one in self.scores if one.index >= one.limit]

    def gate(self) -> Gate:
        """Say whether tiers may be published.

        Returns
        -------
        Gate
        """
        found = []
        for one in self.moved:
            where = f"branches {one.group}" if one.group else "the bank"
            found.append(f"{one.name} of {where} has index {one.index:.2f} (limit {one.limit:.2f})")
        if self.moved_share > self.limits.moved_share:
            found.append(f"{self.moved_share:.0%} of the features moved (limit {self.limits.moved_share:.0%})")
        jumps = [f"{name} is missing for {rise:.0%} more customers" for name, rise in self.jumped.items()]
        found += [f"{jump} (limit {self.limits.missing_jump:.0%})" for jump in jumps]
        calm = f"{self.moved_share:.0%} of the features moved, no score and no missing rate beyond its limit"
        return Gate("drift", not found, "; ".join(found) or calm, self._figures())

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "customers": self.customers,
            "features": {name: asdict(one) for name, one in self.features.items()},
            "scores": [asdict(one) for one in self.scores],
            "limits": self.limits.model_dump(mode="json"),
            "gate": self.gate().to_dict(),
        }

    def _figures(self) -> dict[str, float]:
        bank = {one.name: one.index for one in self.scores if not one.group}
        rises = [one.missing_now - one.missing_then for one in self.features.values() if one.judged]
        return {
            "moved_share": self.moved_share,
            "largest_missing_rise": max(rises, default=0.0),
            **{f"index {name}": index for name, index in bank.items()},
        }


def drift_of(scored: pl.DataFrame, snapshot: pl.DataFrame, reference: DriftReference, limits: DriftLimits) -> Drift:
    """Hold a moment against what the champion learned from.

    Parameters
    ----------
    scored : polars.DataFrame
        What the champion says of the moment.
    snapshot : polars.DataFrame
        The moment's features.
    reference : DriftReference
        Of the champion's training.
    limits : DriftLimits
        The policy's.

    Returns
    -------
    Drift
        A feature that the snapshot lacks counts as missing for everybody. Few customers get the limit that chance
        alone stays below, where it is the higher one.
    """
    features = {name: _feature(name, snapshot, reference, limits) for name in reference.features}
    groups = by_group(scored, snapshot, limits.least_group)
    known = {group: part for group, part in groups.items() if group in reference.scores}
    scores = [one for group, part in known.items() for one in _scores(group, part, reference, limits, 3 * len(known))]
    ranked = dict(sorted(features.items(), key=lambda one: (-one[1].index, one[0])))
    return Drift(snapshot.height, ranked, scores, limits)


def _feature(name: str, snapshot: pl.DataFrame, reference: DriftReference, limits: DriftLimits) -> Feature:
    then = reference.features[name]
    absent = pl.Series(name, [None] * snapshot.height, dtype=pl.Float64)
    now = then.again(snapshot[name] if name in snapshot.columns else absent)
    chance = critical_index(then.customers, now.customers, then.bins, limits.confidence)
    limit = max(limits.significant, chance)
    return Feature(then.index(now), then.missing, now.missing, limit, name not in limits.not_judged)


def _scores(group: str, part: pl.DataFrame, reference: DriftReference, limits: DriftLimits, tests: int) -> list[Score]:
    def limit(then: int, bins: int) -> float:
        return max(limits.significant, critical_index(then, part.height, bins, limits.confidence, tests))

    found = [
        Score(group, name, then.index(then.again(part[name])), limit(then.customers, then.bins), part.height)
        for name, then in reference.scores[group].items()
    ]
    before, now = reference.tiers[group], tier_counts(part)
    tiers = sorted({*before, *now})
    then, after = (np.array([one.get(t, 0) for t in tiers]) / max(sum(one.values()), 1) for one in (before, now))
    fewer = min(sum(before.values()), sum(now.values()))
    index = index_of_shares(then, after, fewer)
    mix = Score(group, TIER_MIX, index, limit(sum(before.values()), len(tiers)), part.height)
    return [*found, mix]
