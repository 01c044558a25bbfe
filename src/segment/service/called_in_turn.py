"""Two lanes before counters that are all taken, of which one is called before the other, but never twice in a row.

A state is how many wait in each lane and who was called last. Those of the ordinary lane are levels of a
quasi-birth-death process; within a level stand the fast lane's number and the last call. What somebody who comes waits
follows from the states that are found and from how they go on, event by event.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import ceil, log
from typing import Final

import numpy as np

from segment.arrays import Floats

ORDINARY, FAST = 0, 1
"""Who was called last: after an ordinary call the fast lane is next, after a fast one the ordinary lane."""

_NEGLIGIBLE, _FEWEST, _MOST_FAST, _MOST_LEVELS, _MOST_EVENTS = 1e-10, 8, 60, 400, 20_000

Levels = list[Floats]
"""For each number of the ordinary lane who wait: chance of (fast who wait, last call), shape (most fast + 1, 2)."""

_ROUNDS: Final = 60


def all_taken(served: float, fast: float, others: float) -> tuple[Levels, Floats]:
    """Chances of the states while all counters are taken: the first levels, and all beyond them together."""
    # `served`, `fast`, `others`: People a minute; fast and others together below served.
    most = _most_fast(served, fast)
    up, local, down = _moves(served, fast, others, most)
    rate = _rate_matrix(up, local, down)
    unit = np.eye(len(rate))
    # nobody waits and a counter falls free: whoever comes next is served, and is the last call
    empty = local.copy()
    size = most + 1
    coming_is_fast = fast / (fast + others)
    for last in (ORDINARY, FAST):
        for waiting in range(1, size):
            if last == FAST:  # nobody of the ordinary lane waits, so the fast lane is called again
                empty[_at(waiting, last), _at(waiting - 1, FAST)] += served
        empty[_at(0, last), _at(0, FAST)] += served * coming_is_fast
        empty[_at(0, last), _at(0, ORDINARY)] += served * (1.0 - coming_is_fast)
    beyond = np.linalg.inv(unit - rate)
    balance = np.vstack([(empty + rate @ down).T, beyond.sum(axis=1)])
    level = np.linalg.lstsq(balance, np.append(np.zeros(2 * size), 1.0), rcond=None)[0]
    levels: Levels = []
    left = 1.0
    while left > _NEGLIGIBLE and len(levels) < _MOST_LEVELS:
        levels.append(level.reshape(size, 2))
        left -= float(level.sum())
        level = level @ rate
    return levels, (level @ beyond).reshape(size, 2)


def always_others(served: float, fast: float) -> tuple[Levels, Floats]:
    """Chances of the states where some of the ordinary lane always wait; all of them lie beyond any level."""
    # `fast`: Below half of `served`.
    most = _most_fast(served, fast)
    _, local, down = _moves(served, fast, 0.0, most)
    balance = np.vstack([(local + down).T, np.ones(2 * (most + 1))])
    chances = np.linalg.lstsq(balance, np.append(np.zeros(2 * (most + 1)), 1.0), rcond=None)[0]
    return [], chances.reshape(most + 1, 2)


def _most_fast(served: float, fast: float) -> int:
    """So many of the fast lane that more hardly ever wait: with every other call it is at most this busy."""
    busy = float(np.clip(2.0 * fast / served, 1e-9, 0.95))
    return int(np.clip(ceil(log(_NEGLIGIBLE) / log(busy)), _FEWEST, _MOST_FAST))


def _at(waiting: int, last: int) -> int:
    return 2 * waiting + last


def _moves(served: float, fast: float, others: float, most: int) -> tuple[Floats, Floats, Floats]:
    """Rates to the level above, within a level, and to the level below, where somebody of the ordinary lane waits."""
    states = 2 * (most + 1)
    up, local, down = others * np.eye(states), np.zeros((states, states)), np.zeros((states, states))
    for waiting in range(most + 1):
        for last in (ORDINARY, FAST):
            here = _at(waiting, last)
            if waiting < most:
                local[here, _at(waiting + 1, last)] += fast
            if last == ORDINARY and waiting:
                local[here, _at(waiting - 1, FAST)] += served
            else:
                down[here, _at(waiting, ORDINARY)] += served
    local -= np.diag(local.sum(axis=1) + down.sum(axis=1) + up.sum(axis=1))
    return up, local, down


def _rate_matrix(up: Floats, local: Floats, down: Floats) -> Floats:
    """Each level's chances are the one's below times this (logarithmic reduction)."""
    unit, back = np.eye(len(up)), np.linalg.inv(-local)
    higher, lower = back @ up, back @ down
    first, product = lower.copy(), higher.copy()
    for _ in range(_ROUNDS):
        both = np.linalg.inv(unit - higher @ lower - lower @ higher)
        higher, lower = both @ higher @ higher, both @ lower @ lower
        first += product @ lower
        product = product @ higher
        if product.max() < 1e-14:
            break
    return np.asarray(up @ np.linalg.inv(-(local + up @ first)), dtype=np.float64)


class _Wait(ABC):
    """Chance to wait on, event by event, for somebody who finds all counters taken."""

    def __init__(self, rate: float, states: Floats) -> None:
        self.rate = rate  # Events a minute
        self.states = states
        self.left: Floats = np.array([float(states.sum())])  # Chance to wait on after each event

    def longer_than(self, minutes: float) -> float:
        """Chance of a longer wait."""
        expected = self.rate * minutes
        if expected <= 0.0:
            return float(self.left[0])
        events = int(expected + 10.0 * np.sqrt(expected) + 20.0)
        number = np.arange(events)
        log_factorial = np.cumsum(np.log(np.maximum(number, 1)))
        chance = np.exp(number * log(expected) - expected - log_factorial)
        return min(1.0, max(0.0, float(chance @ self._until(events))))

    def mean(self) -> float:
        """Mean wait in minutes."""
        while self.left[-1] > _NEGLIGIBLE and len(self.left) < _MOST_EVENTS:
            self._until(2 * len(self.left))
        return float(self.left.sum()) / self.rate

    def _until(self, events: int) -> Floats:
        more = []
        for _ in range(events - len(self.left)):
            self.states = self._next(self.states)
            more.append(float(self.states.sum()))
        if more:
            self.left = np.append(self.left, more)
        return self.left[:events]

    @abstractmethod
    def _next(self, states: Floats) -> Floats:
        """Chances of the states after one more event, of those who still wait."""


class FastWait(_Wait):
    """Of the fast lane: who is ahead in it, and those of the ordinary lane who are called in between."""

    # states: (ordinary who wait, fast ahead, last call); the last of the ordinary stands for it and all above, who
    # are never used up: no more of them are called than there are fast ahead, and one

    def __init__(self, served: float, others: float, levels: Levels, beyond: Floats) -> None:
        size = len(beyond) + 2
        found = np.zeros((size, *beyond.shape))
        for number, level in enumerate(levels):
            found[min(number, size - 1)] += level
        found[-1] += beyond
        super().__init__(served + others, found)
        self.call, self.comes = served / self.rate, others / self.rate

    def _next(self, states: Floats) -> Floats:
        after = np.zeros_like(states)
        after[1:] += self.comes * states[:-1]
        after[-1] += self.comes * states[-1]
        called = self.call * states
        after[:, :-1, FAST] += called[:, 1:, ORDINARY]
        after[0, :-1, FAST] += called[0, 1:, FAST]
        after[:-1, :, ORDINARY] += called[1:, :, FAST]
        # of the last level none are used up
        after[-2, :, ORDINARY] -= called[-1, :, FAST]
        after[-1, :, ORDINARY] += called[-1, :, FAST]
        return after


class OrdinaryWait(_Wait):
    """Of the ordinary lane: who is ahead in it, and those of the fast lane who are called in between."""

    # states: (ordinary ahead, fast who wait, last call)

    def __init__(self, served: float, fast: float, levels: Levels, beyond: Floats) -> None:
        super().__init__(served + fast, np.stack([*levels, beyond]))
        self.call, self.comes = served / self.rate, fast / self.rate

    def _next(self, states: Floats) -> Floats:
        after = np.zeros_like(states)
        after[:, 1:] += self.comes * states[:, :-1]
        after[:, -1] += self.comes * states[:, -1]
        called = self.call * states
        after[:, :-1, FAST] += called[:, 1:, ORDINARY]
        ordinary = called[:, :, FAST].copy()
        ordinary[:, 0] += called[:, 0, ORDINARY]
        after[:-1, :, ORDINARY] += ordinary[1:]
        # who is beyond the levels is not called soon
        after[-2, :, ORDINARY] -= ordinary[-1]
        after[-1, :, ORDINARY] += ordinary[-1]
        return after
