"""What moved at a date: scores, tiers and features, of the bank and by group of branches."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from segment.policy.drift import DriftLimits

TIER_MIX = "tier mix"
TRAINING, LAST_PUBLICATION = "training", "last publication"
FEATURES_MOVED, MISSING_RISE, ZERO_RISE = "features moved", "largest rise of missing", "largest rise of zeros"
BANK = ""
"""Name of the group that every customer belongs to."""

_SHOWN_OF_A_GROUP = 5  # features that the file names


@dataclass(frozen=True)
class ShareRise:
    """A share of customers then and now, and how far it may rise."""

    then: float
    now: float
    limit: float

    @property
    def rise(self) -> float:
        """From then to now."""
        return self.now - self.then

    @property
    def jumped(self) -> bool:
        """Whether it rose too far."""
        return self.rise > self.limit


@dataclass(frozen=True)
class FeatureDrift:
    """A feature's index, and its shares of missing figures and of zeros."""

    index: float
    limit: float
    judged: bool  # Whether its index and its zeros can stop a publication; a missing rate that jumps always can
    missing: ShareRise
    zeros: ShareRise

    @property
    def moved(self) -> bool:
        """Whether the index counts and is beyond its limit."""
        return self.judged and self.index >= self.limit

    @property
    def zeroed(self) -> bool:
        """Whether it counts and is zero for too many more customers."""
        return self.judged and self.zeros.jumped


@dataclass(frozen=True)
class GroupDrift:
    """Features of a group of branches, most moved first."""

    customers: int = 0
    features: dict[str, FeatureDrift] = field(default_factory=dict)

    @property
    def moved_share(self) -> float:
        """Share of the judged features beyond their limits."""
        judged = [feature.moved for feature in self.features.values() if feature.judged]
        return sum(judged) / max(len(judged), 1)

    @property
    def jumped(self) -> dict[str, float]:
        """Features whose missing rate rose too far, and by how much."""
        return {name: feature.missing.rise for name, feature in self.features.items() if feature.missing.jumped}

    @property
    def zeroed(self) -> dict[str, float]:
        """Judged features that are zero for too many more customers, and for how many."""
        return {name: feature.zeros.rise for name, feature in self.features.items() if feature.zeroed}

    def to_dict(self, most: int | None = None) -> dict[str, Any]:
        """Return plain values, with the features that moved most and all that went missing or to zero."""
        shown = {
            name: asdict(feature)
            for place, (name, feature) in enumerate(self.features.items())
            if most is None or place < most or feature.missing.jumped or feature.zeroed
        }
        return {"customers": self.customers, "moved_share": self.moved_share, "features": shown}


@dataclass(frozen=True)
class ScoreDrift:
    """Index of a score or of the tier mix in a group of branches, and its limit."""

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
class SmallGroups:
    """Groups of branches that are judged with the bank alone: too small, or too many, to be judged by themselves."""

    groups: int = 0
    customers: int = 0


@dataclass(frozen=True)
class DriftReport:
    """What moved."""

    customers: int
    limits: DriftLimits  # The policy's
    scores: list[ScoreDrift]  # Forecast, probabilities and tier mix, by group of branches
    groups: dict[str, GroupDrift]  # Features by group of branches
    small: SmallGroups = SmallGroups()

    @property
    def bank(self) -> GroupDrift:
        """Features of the whole bank."""
        return self.groups.get(BANK, GroupDrift())

    @property
    def moved(self) -> list[ScoreDrift]:
        """Scores and tier mixes beyond their limits."""
        return [score for score in self.scores if score.moved]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: all features of the bank, the most moved ones of each group."""
        groups = {name: group.to_dict(_SHOWN_OF_A_GROUP) for name, group in self.groups.items() if name != BANK}
        return {
            **self.bank.to_dict(),
            "customers": self.customers,
            "groups": groups,
            "small": asdict(self.small),
            "scores": [asdict(score) for score in self.scores],
            "limits": self.limits.model_dump(mode="json"),
        }


def series_name(name: str, against: str) -> str:
    """Name a score together with what it is held against.

    Examples
    --------
    >>> series_name("tier mix", "training"), series_name("tier mix", "last publication")
    ('tier mix', 'tier mix against the last publication')
    """
    return name if against == TRAINING else f"{name} against the {against}"
