"""What moved at a moment, and whether tiers may be published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from segment.jobs.drift.features import Feature, Features
from segment.jobs.gates.gate import Gate
from segment.policy.drift import DriftLimits

TIER_MIX = "tier mix"
TRAINING, LAST_PUBLICATION = "training", "last publication"
FEATURES_MOVED, MISSING_RISE, ZERO_RISE = "features moved", "largest rise of missing", "largest rise of zeros"
NAMED = 3  # groups that a finding names
TOLD_OF_A_GROUP = 5  # features that the file names
TOLD = 12  # findings that a gate names; the page shows all


@dataclass(frozen=True)
class Score:
    """Index of a score or of the tier mix in a group of branches ("" is the bank), and its limit."""

    group: str
    name: str
    index: float
    limit: float
    customers: int
    against: str = TRAINING

    @property
    def moved(self) -> bool:
        """Whether it is beyond its limit."""
        return self.index >= self.limit


@dataclass(frozen=True)
class Drift:
    """What moved.

    Attributes
    ----------
    customers : int
    limits : DriftLimits
        The policy's.
    scores : list of Score
        Forecast, probabilities and tier mix, by group of branches.
    groups : dict of str to Features
        Features by group of branches.
    """

    customers: int
    limits: DriftLimits
    scores: list[Score]
    groups: dict[str, Features] = field(default_factory=dict)

    @property
    def features(self) -> dict[str, Feature]:
        """The bank's features, most moved first."""
        return self.groups[""].features if "" in self.groups else {}

    @property
    def moved_share(self) -> float:
        """Share of the bank's judged features beyond their limits."""
        return self.groups[""].moved_share if "" in self.groups else 0.0

    @property
    def jumped(self) -> dict[str, float]:
        """The bank's features whose missing rate rose too far, and by how much."""
        return self.groups[""].jumped if "" in self.groups else {}

    @property
    def zeroed(self) -> dict[str, float]:
        """The bank's judged features that are zero for too many more customers, and for how many."""
        return self.groups[""].zeroed if "" in self.groups else {}

    @property
    def moved(self) -> list[Score]:
        """Scores and tier mixes beyond their limits."""
        return [one for one in self.scores if one.moved]

    def gate(self) -> Gate:
        """Say whether tiers may be published.

        Returns
        -------
        Gate
        """
        found = [*self._scores_said(), *self._features_said(), *self._jumps_said()]
        more = [f"and {len(found) - TOLD} more"] if len(found) > TOLD else []
        calm = (
            f"{self.moved_share:.0%} of the features moved (limit {self.limits.moved_share:.0%}), "
            "no score, no tier mix, no share of missing or zero figures beyond its limit"
        )
        return Gate("drift", not found, "; ".join([*found[:TOLD], *more]) or calm, self._figures())

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: all features of the bank, the most moved ones of each group."""
        groups = {group: one.told(TOLD_OF_A_GROUP) for group, one in self.groups.items() if group}
        return {
            "customers": self.customers,
            "moved_share": self.moved_share,
            "features": {name: asdict(one) for name, one in self.features.items()},
            "groups": groups,
            "scores": [asdict(one) for one in self.scores],
            "limits": self.limits.model_dump(mode="json"),
            "gate": self.gate().to_dict(),
        }

    def _scores_said(self) -> list[str]:
        moved: dict[tuple[str, str], list[Score]] = {}
        for one in self.moved:
            moved.setdefault((one.name, one.against), []).append(one)
        return [f"{name} moved against the {against}: {_worst(them)}" for (name, against), them in moved.items()]

    def _features_said(self) -> list[str]:
        most = self.limits.moved_share
        return [
            f"{one.moved_share:.0%} of the features of {_where(group)} moved (limit {most:.0%})"
            for group, one in self.groups.items()
            if one.moved_share > most
        ]

    def _jumps_said(self) -> list[str]:
        """Name the bank's jumps, and those of a group that the bank as a whole does not show."""
        return [
            f"{name} is {what} for {rise:.0%} more customers of {_where(group)} (limit {limit:.0%})"
            for what, group, name, rise, limit in self._jumps()
        ]

    def _jumps(self) -> Iterator[tuple[str, str, str, float, float]]:
        for group, one in self.groups.items():
            for name, rise in one.jumped.items():
                if not group or name not in self.jumped:
                    yield "missing", group, name, rise, one.features[name].missing.limit
            for name, rise in one.zeroed.items():
                if not group or name not in self.zeroed:
                    yield "zero", group, name, rise, one.features[name].zeros.limit

    def _figures(self) -> dict[str, float]:
        bank = {series_name(one.name, one.against): one.index for one in self.scores if not one.group}
        rises = [one.missing.rise for one in self.features.values()]
        zeros = [one.zeros.rise for one in self.features.values() if one.judged]
        shares = (one.moved_share for group, one in self.groups.items() if group)
        return {
            "moved_share": self.moved_share,
            "largest_moved_share_of_a_group": max(shares, default=0.0),
            "largest_missing_rise": max(rises, default=0.0),
            "largest_zero_rise": max(zeros, default=0.0),
            **{f"index {name}": index for name, index in bank.items()},
        }


def not_judged(why: str) -> Gate:
    """Pass, and say why nothing was judged.

    Parameters
    ----------
    why : str
        Ends the sentence.

    Returns
    -------
    Gate

    Examples
    --------
    >>> not_judged("the champion has no reference").said
    'not judged: the champion has no reference'
    """
    return Gate("drift", True, f"not judged: {why}")


def _worst(scores: list[Score]) -> str:
    ranked = sorted(scores, key=lambda one: (one.group != "", -one.index, one.group))
    told = [f"{_where(one.group)} has index {one.index:.2f} (limit {one.limit:.2f})" for one in ranked[:NAMED]]
    more = [f"{len(ranked) - NAMED} more groups of branches"] if len(ranked) > NAMED else []
    return ", ".join([*told, *more])


def _where(group: str) -> str:
    return f"branches {group}" if group else "the bank"


def series_name(name: str, against: str) -> str:
    """Name a score together with what it is held against.

    Parameters
    ----------
    name, against : str

    Returns
    -------
    str

    Examples
    --------
    >>> series_name("tier mix", "training"), series_name("tier mix", "last publication")
    ('tier mix', 'tier mix against the last publication')
    """
    return name if against == TRAINING else f"{name} against the {against}"
