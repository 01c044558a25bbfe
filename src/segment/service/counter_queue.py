"""How long people wait at a branch's counters: Erlang's formula, with a lane that is called before the other.

People of both lanes come as a Poisson process, each counter serves one in `minutes` on average, exponentially, and
nobody is broken off for another. Between two calls of the ordinary lane at most one of the fast lane is called, as long
as anybody of the ordinary one waits (DOMAIN.md 3.9). Service times are not quite exponential in life: a simulation in
`tests/service/test_counter_queue.py` says how far that matters.

References
----------
Erlang, 1917. Latouche and Ramaswami, A logarithmic reduction algorithm for quasi-birth-death processes, Journal of
Applied Probability 30, 1993. Jensen, Markoff chains as an aid in the study of Markoff processes, Skandinavisk
Aktuarietidskrift 36, 1953 (uniformisation).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import exp

from segment.service.called_in_turn import FastWait, OrdinaryWait, all_taken, always_others


@dataclass(frozen=True)
class Counters:
    """Counters with people coming to two lanes, in one hour of the day."""

    number: int
    minutes: float  # Of one service, on average
    fast_per_hour: float  # Who come to the lane that is called first
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
            # a lane that asks for less than every other call is still served
            served = fast and self._fast < self._served / 2.0
            return self._lanes[0].longer_than(minutes) if served else 1.0
        if not self.fast_per_hour or not self.others_per_hour:
            ahead = 0.0 if fast and not self.fast_per_hour else self._fast + self._others
            return self.waits * exp(-minutes * (self._served - ahead))
        return self.waits * self._lanes[0 if fast else 1].longer_than(minutes)

    def mean_wait(self, *, fast: bool = False) -> float:
        """Mean wait of a lane in minutes, of those who need not wait too."""
        if self.utilisation >= 1.0:
            return float("inf")
        in_turn = self.waits / (self._served - self._fast - self._others)
        if not self.fast_per_hour or not self.others_per_hour:
            return self.waits / self._served if fast and not self.fast_per_hour else in_turn
        first = self.waits * self._lanes[0].mean()
        # whoever is called first, the work is the same: what one lane gains the other loses
        return first if fast else ((self._fast + self._others) * in_turn - self._fast * first) / self._others

    def reached_by(self, share: float) -> float:
        """Minutes within which this share of the ordinary lane is served."""
        if self.utilisation >= 1.0:
            return float("inf")
        low, high = 0.0, max(1.0, 20.0 * self.mean_wait())
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if self.longer_than(middle) > 1.0 - share else (low, middle)
        return high

    @cached_property
    def _lanes(self) -> tuple[FastWait, OrdinaryWait]:
        """Waits of both lanes while all counters are taken; where too much is asked, some of the others always wait."""
        always = self.utilisation >= 1.0
        rates = self._served, self._fast
        found = always_others(*rates) if always else all_taken(*rates, self._others)
        return FastWait(self._served, 0.0 if always else self._others, *found), OrdinaryWait(*rates, *found)

    @property
    def _served(self) -> float:
        """People served a minute while all counters are taken."""
        return self.number / self.minutes

    @property
    def _fast(self) -> float:
        return self.fast_per_hour / 60.0

    @property
    def _others(self) -> float:
        return self.others_per_hour / 60.0
