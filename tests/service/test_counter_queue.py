"""Waits at the counter: published values, a simulation by other hands, and what must hold of any branch."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.service.called_in_turn import FAST, FastWait, all_taken
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
    """Waits of the fast lane, 0, and of the others, 1, where no two of the fast lane are called while others wait."""
    rng, env, waits = random.Random(seed), simpy.Environment(), {0: [], 1: []}
    lanes, free, called = {0: [], 1: []}, [counters.number], [1]

    def call(lane: int) -> None:
        called[0] = lane
        lanes[lane].pop(0).succeed()

    def person(lane: int):
        came, turn = env.now, env.event()
        lanes[lane].append(turn)
        if free[0]:
            free[0] -= 1
            call(lane)
        yield turn
        waits[lane].append(env.now - came)
        yield env.timeout(rng.expovariate(1.0 / counters.minutes))
        if lanes[0] and (called[0] == 1 or not lanes[1]):
            call(0)
        elif lanes[1]:
            call(1)
        else:
            free[0] += 1

    def people(lane: int, per_hour: float):
        while per_hour:
            yield env.timeout(rng.expovariate(per_hour / 60.0))
            env.process(person(lane))

    for lane, per_hour in enumerate((counters.fast_per_hour, counters.others_per_hour)):
        env.process(people(lane, per_hour))
    env.run(60 * hours)
    return {lane: np.array(found) for lane, found in waits.items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    "counters",
    [
        Counters(3, 6.0, 6.0, 17.0), Counters(1, 6.0, 2.0, 5.0), Counters(4, 6.0, 0.0, 30.0),
        Counters(3, 6.0, 12.0, 10.0),
    ],
    ids=str,
)  # fmt: skip
def test_a_simulation_waits_as_long_in_both_lanes(counters: Counters) -> None:
    waits = simulated(counters, hours=6000, seed=7)
    for lane, found in waits.items():
        for minutes in (0.0, 5.0, 10.0, 20.0) if found.size else ():
            expected = counters.longer_than(minutes, fast=lane == 0)
            # waits of one busy spell go together, so the error is a few times that of as many draws
            assert float((found > minutes).mean()) == pytest.approx(expected, rel=0.1, abs=0.01)
        if found.size:
            assert float(found.mean()) == pytest.approx(counters.mean_wait(fast=lane == 0), rel=0.1)


@pytest.mark.slow
def test_a_simulation_serves_the_fast_lane_of_a_branch_that_is_asked_for_too_much() -> None:
    counters = Counters(3, 6.0, 8.0, 30.0)
    found = simulated(counters, hours=3000, seed=3)[0]
    for minutes in (5.0, 10.0):
        assert float((found > minutes).mean()) == pytest.approx(counters.longer_than(minutes, fast=True), abs=0.01)
    assert counters.longer_than(500.0) == 1.0
    assert replace(counters, fast_per_hour=15.0).longer_than(500.0, fast=True) == 1.0  # every other call is not enough


def test_the_fast_lane_of_one_counter_by_hand() -> None:
    # one is ahead in the lane and was called last before an ordinary one: two services of six minutes, by Erlang
    ahead = np.zeros((9, 2))
    ahead[0, FAST] = 1.0
    wait = FastWait(1 / 6, 0.0, [], ahead)
    assert wait.longer_than(12.0) == pytest.approx(np.exp(-2.0) * (1.0 + 2.0))
    assert wait.mean() == pytest.approx(12.0)


@pytest.mark.parametrize(("fast", "others"), [(0.05, 0.25), (0.2, 0.2), (0.3, 0.1)])
def test_how_many_wait_in_both_lanes_together_is_what_one_queue_has(fast: float, others: float) -> None:
    levels, _ = all_taken(0.5, fast, others)
    busy = (fast + others) / 0.5
    for waiting in range(6):
        found = sum(levels[ordinary][waiting - ordinary].sum() for ordinary in range(waiting + 1))
        assert found == pytest.approx((1.0 - busy) * busy**waiting, abs=1e-6)


branches = st.builds(
    Counters, st.integers(1, 12), st.floats(1.0, 20.0), st.floats(0.1, 60.0) | st.just(0.0), st.floats(0.1, 60.0)
)


@settings(max_examples=30)
@given(branches, st.floats(0.1, 60.0))
def test_more_counters_never_make_anyone_wait_longer(counters: Counters, minutes: float) -> None:
    more = replace(counters, number=counters.number + 1)
    for fast in (True, False):
        assert 0.0 <= counters.longer_than(minutes, fast=fast) <= 1.0
        assert more.longer_than(minutes, fast=fast) <= counters.longer_than(minutes, fast=fast) + 1e-6


@settings(max_examples=30)
@given(branches, st.floats(0.1, 60.0))
def test_the_fast_lane_is_no_slower_where_fewer_come_to_it_and_no_faster_than_first_of_all(
    counters: Counters, minutes: float
) -> None:
    counters = replace(counters, fast_per_hour=min(counters.fast_per_hour, counters.others_per_hour / 2.0))
    served = counters.number / counters.minutes
    first_of_all = np.exp(-minutes * (served - counters.fast_per_hour / 60.0))
    fast = counters.longer_than(minutes, fast=True)
    assert fast <= counters.longer_than(minutes) + 1e-6
    if counters.utilisation < 1.0:
        assert fast >= counters.waits * first_of_all - 1e-6


@given(branches)
def test_who_asks_for_more_than_the_counters_can_do_waits_without_end(counters: Counters) -> None:
    assert (counters.longer_than(600.0) == 1.0) or counters.utilisation < 1.0
    assert (counters.mean_wait() == float("inf")) is (counters.utilisation >= 1.0)


def test_a_lane_of_nobody_changes_nothing() -> None:
    alone, beside = Counters(3, 6.0, 0.0, 24.0), Counters(3, 6.0, 1e-6, 24.0)
    assert beside.longer_than(10.0) == pytest.approx(alone.longer_than(10.0), abs=1e-4)
    assert alone.longer_than(alone.reached_by(0.9)) == pytest.approx(0.1, abs=1e-6)
