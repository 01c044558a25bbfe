"""One setting of the search, how it did, and which setting is chosen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np

from segment.arrays import Floats

# A point of adjusted Rand or silhouette is worth a tenth of a point of agreement, and half of one of the worst band's
# recall: a cluster that blurs a tier is no use however stable it is.
_PRICE_OF_DISAGREEMENT = 10.0
_PRICE_OF_MISSED_BAND = 2.0
_LEAST_PER_CLUSTER = 20
# Other clusters than the last model's cost people their reports: they come only where they are clearly better.
_DEVIATIONS_TO_LEAVE = 2.0
# In a large bank every difference is clear; one below the price of a point of agreement is not worth it either.
_LEAST_TO_LEAVE = 0.1


@dataclass(frozen=True)
class Grid:
    """The settings to try and how hard."""

    n_clusters: Sequence[int]
    border_sharpness: Sequence[float]
    behaviour_weight: Sequence[float]
    n_bootstraps: int
    shrinkage_customers: float

    def __iter__(self) -> Iterator[tuple[int, float, float]]:
        return product(self.n_clusters, self.border_sharpness, self.behaviour_weight)

    def spans(self, n_clusters: int, border_sharpness: float, behaviour_weight: float) -> bool:
        """Tell whether a setting lies within the range of those to try."""
        given = (n_clusters, border_sharpness, behaviour_weight)
        tried = (self.n_clusters, self.border_sharpness, self.behaviour_weight)
        return all(min(values) <= value <= max(values) for value, values in zip(given, tried, strict=True))


@dataclass(frozen=True)
class Candidate:
    """One setting and how it did."""

    n_clusters: int  # n_clusters, border_sharpness, behaviour_weight: The setting.
    border_sharpness: float
    behaviour_weight: float
    stability: float  # Mean adjusted Rand index between the clusters and those of bootstrap samples
    separation: float  # Mean silhouette
    # agreement, break_even_recall, least_recall: Against each customer's own band; NaN without borders.
    agreement: float
    break_even_recall: float
    least_recall: float
    # (n_bootstraps,): stability, separation, agreement and least recall of each bootstrap sample's clusters, as one
    # figure
    scores: Floats = field(repr=False)
    centers: Floats = field(repr=False)  # (n_clusters, n_coordinates)
    continued: bool = False  # Whether the centres began as the last model's

    @property
    def score(self) -> float:
        """Mean of the bootstrap samples' scores."""
        return round(float(np.mean(self.scores)), 9)

    @property
    def uncertainty(self) -> float:
        """Standard deviation of the score from one sample of customers to the next."""
        return float(np.std(self.scores, ddof=1)) if len(self.scores) > 1 else 0.0

    def report(self) -> dict[str, float]:
        """Return the setting and its figures without scores and centres, in plain types."""
        names = [name for name in self.__dataclass_fields__ if name not in ("scores", "centers", "continued")]
        return {name: getattr(self, name) for name in names} | {"score": self.score, "uncertainty": self.uncertainty}


def score(stability: float, separation: float, agreement: float, least_recall: float) -> float:
    """Return what the search maximises, as one figure."""
    if np.isnan(agreement):
        return stability + separation
    missed = _PRICE_OF_DISAGREEMENT * (1 - agreement) + _PRICE_OF_MISSED_BAND * (1 - least_recall)
    return stability + separation - missed


def choose(trials: Sequence[Candidate]) -> Candidate:
    """Choose the simplest setting that cannot be told from the best."""
    # The best of many settings is often the best by luck, and another sample of the same customers would choose
    # another: clusters would change although customers do not. So every setting counts as good whose score falls short
    # of the best by no more than a score's standard deviation between bootstrap samples (the median of all settings:
    # one's own, from a handful of samples, may be small by luck), and the simplest of them is taken: fewest clusters,
    # then the sharpest borders, then the least weight of behaviour. The last model's clusters stay unless they fall
    # short by more than twice as much, and by more than a point of agreement counts.
    # Source: Breiman, Friedman, Olshen and Stone, Classification and Regression Trees (1984), section 3.4.3: the rule
    # of one standard error.
    best = max(trials, key=lambda trial: trial.score)
    uncertainty = float(np.median([trial.uncertainty for trial in trials]))
    enough_to_leave = max(_DEVIATIONS_TO_LEAVE * uncertainty, _LEAST_TO_LEAVE)
    for trial in trials:
        if trial.continued and best.score - trial.score <= enough_to_leave:
            return trial
    good = [trial for trial in trials if best.score - trial.score <= uncertainty]
    return min(good, key=lambda trial: (trial.n_clusters, -trial.border_sharpness, trial.behaviour_weight))


def few_enough(n_clusters: Sequence[int], n_customers: int) -> list[int]:
    """Return the numbers of clusters that leave twenty customers to each, or else the smallest."""
    ascending = sorted(n_clusters)
    return [count for count in ascending if count * _LEAST_PER_CLUSTER <= n_customers] or ascending[:1]
