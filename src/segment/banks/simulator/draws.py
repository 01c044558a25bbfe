"""Array types, and random draws in which what one customer draws depends on no other."""

# A draw is a hash of the seed, the topic, the month, the place in the program, the customer, and how often the customer
# drew there before: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), counted instead of carried on. So an act that
# changes one customer's life leaves everybody else's dice as they were.

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, gammaincinv, ndtri

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
Generator = np.random.Generator

NONE = -1
"""No account, no partner, no bank: the missing value of every index array."""

NEVER = 10**6
"""A day that does not come."""

_GAMMA, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_MASK = (1 << 64) - 1
_REPEATS = 4096
"""More than anybody draws at one place in one month."""
_LARGEST_MEAN = 500.0


def _mix(z: NDArray[np.uint64]) -> None:
    """Finish SplitMix64, in place."""
    z ^= z >> np.uint64(30)
    z *= np.uint64(_FIRST)
    z ^= z >> np.uint64(27)
    z *= np.uint64(_SECOND)
    z ^= z >> np.uint64(31)


def _mixed_number(z: int) -> int:
    """Finish SplitMix64 of one number."""
    z = (z ^ z >> 30) * _FIRST & _MASK
    z = (z ^ z >> 27) * _SECOND & _MASK
    return z ^ z >> 31


def _repeats(who: IntArray) -> IntArray | int:
    """How often each number stood before in the array."""
    step = np.diff(who)
    if (step > 0).all():
        return 0
    order = np.arange(len(who)) if (step >= 0).all() else np.argsort(who, kind="stable")
    ordered = who[order]
    position = np.arange(len(who))
    first = np.append(True, ordered[1:] != ordered[:-1])
    before = np.empty(len(who), dtype=np.int64)
    before[order] = position - np.maximum.accumulate(np.where(first, position, 0))
    return before


class CustomerStream:
    """Random draws on one topic: `who` says whose each one is, as often as that customer draws."""

    def __init__(self, seed: int, topic: int) -> None:
        self._start = int(np.random.SeedSequence([seed, topic]).generate_state(2, np.uint64)[0])
        self._month = self._calls = 0
        self._last: tuple[IntArray, IntArray | int] | None = None

    def turn_to(self, month: int) -> None:
        """Begin a month: how often anyone drew in earlier ones no longer matters."""
        self._month, self._calls = month + 1, 0

    def random(self, who: IntArray) -> FloatArray:
        """Draw evenly between 0 and 1, both left out."""
        self._calls += 1
        if len(who) == 0:
            return np.empty(0)
        if self._last is None or self._last[0] is not who:
            self._last = (who, _repeats(who))
        place = _mixed_number((self._start + (self._month << 20 | self._calls) * _GAMMA) & _MASK)
        drawn = (who * _REPEATS + self._last[1]).view(np.uint64)
        drawn *= np.uint64(_GAMMA)
        drawn += np.uint64(place)
        _mix(drawn)
        drawn >>= np.uint64(12)
        return (drawn.astype(np.float64) + 0.5) * 2.0**-52

    def chance(self, who: IntArray, probability: ArrayLike) -> BoolArray:
        """Draw yes with a probability."""
        yes: BoolArray = self.random(who) < np.asarray(probability, dtype=np.float64)
        return yes

    def uniform(self, who: IntArray, low: float, high: float) -> FloatArray:
        """Draw evenly between two figures."""
        return low + (high - low) * self.random(who)

    def integers(self, who: IntArray, low: ArrayLike, high: ArrayLike) -> IntArray:
        """Draw whole numbers from `low` up to, and without, `high`."""
        span = np.asarray(high, dtype=np.int64) - np.asarray(low, dtype=np.int64)
        return np.asarray(low, dtype=np.int64) + (self.random(who) * span).astype(np.int64)

    def normal(self, who: IntArray, mean: ArrayLike = 0.0, sigma: float = 1.0) -> FloatArray:
        """Draw from a normal distribution."""
        drawn: FloatArray = np.asarray(mean) + sigma * ndtri(self.random(who))
        return drawn

    def lognormal(self, who: IntArray, mean: float, sigma: float) -> FloatArray:
        """Draw from a log-normal distribution; `mean` is that of the logarithm."""
        return np.exp(self.normal(who, mean, sigma))

    def around_median(self, who: IntArray, median_and_sigma: tuple[float, float]) -> FloatArray:
        """Draw log-normal factors around a median."""
        return self.lognormal(who, float(np.log(median_and_sigma[0])), median_and_sigma[1])

    def gamma(self, who: IntArray, shape: float, scale: float) -> FloatArray:
        """Draw from a gamma distribution."""
        return np.asarray(gammaincinv(shape, self.random(who)), dtype=np.float64) * scale

    def beta(self, who: IntArray, a: float | FloatArray, b: float | FloatArray) -> FloatArray:
        """Draw from a beta distribution."""
        return np.asarray(betaincinv(a, b, self.random(who)), dtype=np.float64)

    def beta_by(self, who: IntArray, table: ArrayLike, group: IntArray) -> FloatArray:
        """Draw from a beta distribution whose two parameters stand in the row of `table` that `group` names."""
        rows = np.asarray(table, dtype=np.float64)[group]
        return self.beta(who, rows[:, 0], rows[:, 1])

    def poisson(self, who: IntArray, mean: ArrayLike) -> IntArray:
        """Draw counts, by inversion."""
        expected = np.broadcast_to(np.minimum(np.asarray(mean, dtype=np.float64), _LARGEST_MEAN), who.shape)
        term = np.exp(-expected)
        left = self.random(who) - term
        count = np.zeros(len(who), dtype=np.int64)
        more = np.flatnonzero((left > 0) & (expected > 0))
        left, term, expected = left[more], term[more], expected[more]
        reached = 0
        while len(more):
            reached += 1
            count[more] = reached
            term = term * expected / reached
            left = left - term
            # beyond the last digit of the draw nothing more is added
            on = (left > 0) & ((term > 1e-17) | (reached < expected))
            more, left, term, expected = more[on], left[on], term[on], expected[on]
        return count

    def pick(self, who: IntArray, probabilities: ArrayLike) -> IntArray:
        """Draw positions with the given probabilities, of shape (k,) or (len(who), k); each row adds up to 1."""
        edges = np.cumsum(np.atleast_2d(np.asarray(probabilities, dtype=np.float64)), axis=1)[:, :-1]
        if len(edges) == 1:
            return np.searchsorted(edges[0], self.random(who), side="right").astype(np.int64)
        return (self.random(who)[:, None] >= edges).sum(axis=1)

    def days(self, who: IntArray, weights: FloatArray) -> IntArray:
        """Draw days of a month (0 is the first) in proportion to their weights."""
        return self.pick(who, weights / weights.sum())


def round_to(amount: FloatArray, step: float) -> FloatArray:
    """Round down to a multiple of `step`, as people do with money that they move by hand."""
    rounded: FloatArray = np.floor(amount / step) * step
    return rounded
