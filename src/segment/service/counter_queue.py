"""How long people wait at a branch's counters: Erlang's formula, with a lane that is served before the other.

People of both lanes come as a Poisson process, each counter serves one in `minutes` on average, exponentially, and
nobody is broken off for another (non-preemptive). Service times are not quite exponential in life (DOMAIN.md 3.9): a
simulation in `tests/service/test_counter_queue.py` says how far that matters.

References
----------
Erlang, 1917. Cobham, Priority assignment in waiting line problems, Operations Research 2, 1954. Abate and Whitt,
Numerical inversion of Laplace transforms of probability distributions, ORSA J. Computing 7, 1995 (the Euler method).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb, exp, pi

import numpy as np

_TERMS, _EULER, _ACCURACY = 15, 11, 18.4


@dataclass(frozen=True)
class Counters:
    """Counters with people coming to two lanes, in one hour of the day."""

    number: int
    minutes: float  # Of one service, on average
    fast_per_hour: float  # Who come to the lane that is served first
    others_per_hour: float

    @property
    def utilisation(self) -> float:
        """Share of the counters' time that is asked for; from 1 on the queue grows without end."""
        return (self.fast_per_hour + self.others_per_hour) * self.minutes / 60.0 / self.number

    @property
    def waits(self) -> float:
        """Chance to find all counters taken (Erlang C)."""
        offered, blocked = self.utilisation * self.number, 1.0
        for counter in range(1, self.number + 1):
            blocked = offered * blocked / (counter + offered * blocked)
        return blocked / (1.0 - self.utilisation * (1.0 - blocked))

    def longer_than(self, minutes: float, *, fast: bool = False) -> float:
        """Chance that somebody of a lane waits longer than this."""
        if self.utilisation >= 1.0:
            # a lane that alone asks for less than the counters can do is still served
            alone = Counters(self.number, self.minutes, 0.0, self.fast_per_hour)
            return alone._after_all_taken(minutes) if fast and alone.utilisation < 1.0 else 1.0
        if fast or not self.fast_per_hour:
            own = self.fast_per_hour if fast else self.others_per_hour
            return self.waits * exp(-minutes * (self._served - own / 60.0))
        return self.waits * _tail(self._ordinary, minutes)

    def mean_wait(self, *, fast: bool = False) -> float:
        """Mean wait of a lane in minutes, of those who need not wait too."""
        if self.utilisation >= 1.0:
            return float("inf")
        first = 1.0 - self.fast_per_hour * self.minutes / 60.0 / self.number
        wait = self.waits / (self._served * first)
        return wait if fast else wait / (1.0 - self.utilisation)

    def reached_by(self, share: float) -> float:
        """Minutes within which this share of the ordinary lane is served."""
        if self.utilisation >= 1.0:
            return float("inf")
        low, high = 0.0, max(1.0, 20.0 * self.mean_wait())
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if self.longer_than(middle) > 1.0 - share else (low, middle)
        return high

    @property
    def _served(self) -> float:
        """People served a minute while all counters are taken."""
        return self.number / self.minutes

    def _after_all_taken(self, minutes: float) -> float:
        """Chance that the first lane waits longer while the other never leaves a counter free."""
        return exp(-minutes * (self._served - self.others_per_hour / 60.0))

    def _ordinary(self, s: np.ndarray) -> np.ndarray:
        """Laplace transform of the ordinary lane's wait, given that there is one."""
        # As many services as people are ahead, and one, each made longer by those of the fast lane who come meanwhile:
        # a geometric number of busy periods.
        fast, total = self.fast_per_hour / 60.0, self._served + self.fast_per_hour / 60.0 + s
        busy = 2.0 * self._served / (total + np.sqrt(total**2 - 4.0 * fast * self._served))
        return np.asarray((1.0 - self.utilisation) * busy / (1.0 - self.utilisation * busy))


def _tail(transform: Callable[[np.ndarray], np.ndarray], minutes: float) -> float:
    """Chance that a time is longer, from its Laplace transform."""
    if minutes <= 0.0:
        return 1.0
    orders = np.arange(_TERMS + _EULER + 1)
    points = (_ACCURACY + 2j * pi * orders) / (2.0 * minutes)
    terms = np.real((1.0 - transform(points)) / points) * (-1.0) ** orders
    terms[0] /= 2.0
    sums = np.cumsum(terms)[_TERMS:]
    weights = np.array([comb(_EULER, order) for order in range(_EULER + 1)]) / 2.0**_EULER
    return float(np.clip(exp(_ACCURACY / 2.0) / minutes * (weights @ sums), 0.0, 1.0))
