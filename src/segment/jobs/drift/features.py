"""Features of a moment: how far each moved, and for how many more customers it is missing or zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Rate:
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
class Feature:
    """A feature's index, and its shares of missing figures and of zeros.

    Attributes
    ----------
    index, limit : float
    judged : bool
        Whether its index and its zeros can stop a publication; a missing rate that jumps always can.
    missing, zeros : Rate
    """

    index: float
    limit: float
    judged: bool
    missing: Rate
    zeros: Rate

    @property
    def moved(self) -> bool:
        """Whether the index counts and is beyond its limit."""
        return self.judged and self.index >= self.limit

    @property
    def emptied(self) -> bool:
        """Whether too many customers went missing, or to zero."""
        return self.missing.jumped or (self.judged and self.zeros.jumped)


@dataclass(frozen=True)
class Features:
    """Features of a group of branches ("" is the bank), most moved first."""

    customers: int
    features: dict[str, Feature]

    @property
    def moved_share(self) -> float:
        """Share of the judged features beyond their limits."""
        judged = [one.moved for one in self.features.values() if one.judged]
        return sum(judged) / max(len(judged), 1)

    @property
    def jumped(self) -> dict[str, float]:
        """Features whose missing rate rose too far, and by how much."""
        return {name: one.missing.rise for name, one in self.features.items() if one.missing.jumped}

    @property
    def zeroed(self) -> dict[str, float]:
        """Judged features that are zero for too many more customers, and for how many."""
        return {name: one.zeros.rise for name, one in self.features.items() if one.judged and one.zeros.jumped}

    def told(self, most: int) -> dict[str, Any]:
        """Return plain values, with the features that moved most and all that went missing or to zero.

        Parameters
        ----------
        most : int

        Returns
        -------
        dict
        """
        kept = {name: one for place, (name, one) in enumerate(self.features.items()) if place < most or one.emptied}
        return {
            "customers": self.customers,
            "moved_share": self.moved_share,
            "features": {name: asdict(one) for name, one in kept.items()},
        }


def by_moved(features: Mapping[str, Feature]) -> dict[str, Feature]:
    """Put the most moved features first.

    Parameters
    ----------
    features : mapping

    Returns
    -------
    dict of str to Feature
    """
    return dict(sorted(features.items(), key=lambda one: (-one[1].index, one[0])))
