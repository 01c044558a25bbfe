"""Waits at the counter: published values, a simulation by other hands, and what must hold of any branch."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from segment.service.counter_queue import Counters


@pytest.mark.parametrize(
    ("per_hour", "minutes", "number", "longer", "mean"),
    [(24, 6, 3, 0.2381, 6.47), (24, 4, 2, 0.2616, 7.11), (30, 6, 4, 0.0962, 3.06), (20, 9, 4, 0.1677, 4.58)],
)
def test_domain_3_9_waits_over_ten_minutes(
    per_hour: float, minutes: float, number: int, longer: float, mean: float
) -> None:
    counters = Counters(number, minutes, 0.0, per_hour)
    assert counters.longer_than(10.0) == pytest.approx(longer, abs=5e-5)
    assert counters.mean_wait() == pytest.approx(mean, abs=0.005)


@pytest.mark.parametrize(("number", "most"), [(1, 4.8), (2, 13.8), (3, 23.3), (4, 33.0), (6, 52.6)])
def test_domain_3_9_most_arrivals_of_six_minutes_for_a_fifth_over_ten(number: int, most: float) -> None:
    # to the tenth at which the published figure is rounded
    assert Counters(number, 6.0, 0.0, most - 0.05).longer_than(10.0) <= 0.2
    assert Counters(number, 6.0, 0.0, most + 0.05).longer_than(10.0) > 0.2


def simulated(counters: Counters, hours: int, seed: int) -> dict[int, np.ndarray]:
    """Waits of the fast lane, 0, and of the others, 1."""
    rng, env, waits = random.Random(seed), simpy.Environment(), {0: [], 1: []}
    desks = simpy.PriorityResource(env, counters.number)

    def person(lane: int):
        came = env.now
        with desks.request(priority=lane) as turn:
            yield turn
            waits[lane].append(env.now - came)
            yield env.timeout(rng.expovariate(1.0 / counters.minutes))

    def people(lane: int, per_hour: float):
        while per_hour:
            yield env.timeout(rng.expovariate(per_hour / 60.0))
            env.process(person(lane))

    for lane, per_hour in enumerate((counters.fast_per_hour, counters.others_per_hour)):
        env.process(people(lane, per_hour))
    env.run(60 * hours)
    return {lane: np.array(found) for lane, found in waits.items()}


@pytest.mark.parametrize(
    "counters", [Counters(3, 6.0, 6.0, 17.0), Counters(1, 6.0, 2.0, 5.0), Counters(4, 6.0, 0.0, 30.0)], ids=str
)
def test_a_simulation_waits_as_long_in_both_lanes(counters: Counters) -> None:
    waits = simulated(counters, hours=3000, seed=7)
    for lane, found in waits.items():
        for minutes in (0.0, 5.0, 10.0, 20.0) if found.size else ():
            expected = counters.longer_than(minutes, fast=lane == 0)
            # waits of one busy spell go together, so the error is a few times that of as many draws
            assert float((found > minutes).mean()) == pytest.approx(expected, rel=0.1, abs=0.01)
        if found.size:
            assert float(found.mean()) == pytest.approx(counters.mean_wait(fast=lane == 0), rel=0.1)


branches = st.builds(
    Counters, st.integers(1, 12), st.floats(1.0, 20.0), st.floats(0.0, 60.0) | st.just(0.0), st.floats(0.1, 60.0)
)


@given(branches, st.floats(0.1, 60.0))
def test_more_counters_never_make_anyone_wait_longer_and_the_fast_lane_never_waits_longest(
    counters: Counters, minutes: float
) -> None:
    more = replace(counters, number=counters.number + 1)
    for fast in (True, False):
        assert 0.0 <= counters.longer_than(minutes, fast=fast) <= 1.0
        assert more.longer_than(minutes, fast=fast) <= counters.longer_than(minutes, fast=fast) + 1e-6
    assert counters.longer_than(minutes, fast=True) <= counters.longer_than(minutes) + 1e-6


@given(branches)
def test_who_asks_for_more_than_the_counters_can_do_waits_without_end(counters: Counters) -> None:
    assert (counters.longer_than(600.0) == 1.0) or counters.utilisation < 1.0
    assert (counters.mean_wait() == float("inf")) is (counters.utilisation >= 1.0)


def test_a_lane_of_nobody_changes_nothing() -> None:
    alone, beside = Counters(3, 6.0, 0.0, 24.0), Counters(3, 6.0, 1e-6, 24.0)
    assert beside.longer_than(10.0) == pytest.approx(alone.longer_than(10.0), abs=1e-4)
    assert alone.longer_than(alone.reached_by(0.9)) == pytest.approx(0.1, abs=1e-6)
