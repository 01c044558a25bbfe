"""One setting of the search, how it did, and which setting is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from segment.arrays import Floats

_LEAST_PER_CLUSTER = 20
# A hundredth of cost is worth a tenth of a point of adjusted Rand index.
_PRICE_OF_COST = 10.0
# Other clusters than the last model's cost people their reports: they come only where they are clearly better.
_DEVIATIONS_TO_LEAVE = 2.0
# In a large bank every difference is clear; one below the price of a hundredth of cost is not worth it either.
_LEAST_TO_LEAVE = 0.1


@dataclass(frozen=True)
class Grid:
    """The settings to try and how hard."""

    n_clusters: Sequence[int]
    behaviour_weight: Sequence[float]
    guard_margin: Sequence[float]
    n_bootstraps: int
    shrinkage_customers: float

    def __iter__(self) -> Iterator[tuple[int, float]]:
        """Go through what clusters depend on; the margins are tried on the same clusters."""
        return product(self.n_clusters, self.behaviour_weight)

    def spans(self, n_clusters: int, behaviour_weight: float) -> bool:
        """Tell whether a setting lies within the range of those to try."""
        given, tried = (n_clusters, behaviour_weight), (self.n_clusters, self.behaviour_weight)
        return all(min(values) <= value <= max(values) for value, values in zip(given, tried, strict=True))


@dataclass(frozen=True)
class Candidate:
    """One setting and how it did."""

    n_clusters: int  # n_clusters, behaviour_weight, guard_margin: The setting.
    behaviour_weight: float
    guard_margin: float
    stability: float  # Mean adjusted Rand index between the clusters and those of bootstrap samples
    separation: float  # Mean silhouette
    # cost, guarded: Of tiers by these clusters, for customers of earlier dates by what came; NaN without odds.
    cost: float
    guarded: float
    costs: Floats = field(repr=False)  # costs, rand: (n_bootstraps,): of each bootstrap sample's clusters
    rand: Floats = field(repr=False)
    centers: Floats = field(repr=False)  # (n_clusters, n_coordinates)
    continued: bool = False  # Whether the centres are the last model's

    @property
    def scores(self) -> Floats:
        """What the search maximises, of each bootstrap sample's clusters."""
        if np.isnan(self.cost):
            return np.asarray(self.rand + self.separation, dtype=np.float64)
        return np.asarray(self.rand - _PRICE_OF_COST * self.costs, dtype=np.float64)

    @property
    def score(self) -> float:
        """Mean of the bootstrap samples' scores."""
        return round(float(np.mean(self.scores)), 9)

    @property
    def uncertainty(self) -> float:
        """Standard deviation of the score from one sample of customers to the next."""
        return float(np.std(self.scores, ddof=1)) if len(self.scores) > 1 else 0.0

    def report(self) -> dict[str, float]:
        """Return the setting and its figures without those of each sample and the centres, in plain types."""
        left_out = ("costs", "rand", "centers", "continued")
        names = [name for name in self.__dataclass_fields__ if name not in left_out]
        return {name: getattr(self, name) for name in names} | {"score": self.score, "uncertainty": self.uncertainty}


def choose(trials: Sequence[Candidate], most_guarded: float = 1.0) -> Candidate:
    """Choose the plainest setting that cannot be told from the best, of those in which clusters decide."""
    # Clusters that the own odds of more than `most_guarded` of the customers overrule do not decide; where that is so
    # of all settings, the one is taken in which they overrule the fewest.
    # The best of many settings is often the best by luck, and another sample of the same customers would choose
    # another: clusters would change although customers do not. So every setting counts as good whose score falls short
    # of the best by no more than a score's standard deviation between bootstrap samples (the median of all settings:
    # one's own, from a handful of samples, may be small by luck). Of these the one with most behaviour is taken, for
    # that is what clusters tell beside the odds; then the fewest clusters, then the narrowest margin, which costs
    # each customer least. The last model's clusters stay unless they fall short by more than twice as much, and by more
    # than a hundredth of cost counts.
    # Source: Breiman, Friedman, Olshen and Stone, Classification and Regression Trees (1984), section 3.4.3: the rule
    # of one standard error.
    decide = [trial for trial in trials if not trial.guarded > most_guarded]
    trials = decide or [min(trials, key=lambda trial: trial.guarded)]
    best = max(trials, key=lambda trial: trial.score)
    uncertainty = float(np.median([trial.uncertainty for trial in trials]))
    enough_to_leave = max(_DEVIATIONS_TO_LEAVE * uncertainty, _LEAST_TO_LEAVE)
    stayed = [trial for trial in trials if trial.continued and best.score - trial.score <= enough_to_leave]
    if stayed:
        return max(stayed, key=lambda trial: trial.score)
    good = [trial for trial in trials if best.score - trial.score <= uncertainty]
    return min(good, key=lambda trial: (-trial.behaviour_weight, trial.n_clusters, trial.guard_margin))


def few_enough(n_clusters: Sequence[int], n_customers: int) -> list[int]:
    """Return the numbers of clusters that leave twenty customers to each, or else the smallest."""
    ascending = sorted(n_clusters)
    return [count for count in ascending if count * _LEAST_PER_CLUSTER <= n_customers] or ascending[:1]
