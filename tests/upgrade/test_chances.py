"""Chances start from the policy's, follow what was measured as far as it is sure, and say what outcomes refute."""

from __future__ import annotations

from math import exp

import numpy as np
import polars as pl
import pytest

from segment.effects.intention import share_effect
from segment.policy import Policy
from segment.upgrade.chances import LearnedChances
from segment.upgrade.learn_chances import learn_chances


def arms(contacts: int, moved: int, control: int, alone: int, **columns: object) -> pl.DataFrame:
    rows = [("contact", n < moved) for n in range(contacts)] + [("control", n < alone) for n in range(control)]
    given = {
        "programme": "main_account",
        "channel": "phone",
        "movable_probability": 1.0,
        "tier": "break_even",
    } | columns
    whole = pl.DataFrame(rows, schema={"arm": pl.String, "moved": pl.Boolean}, orient="row")
    named = whole.with_columns(pl.lit(value).alias(name) for name, value in given.items())
    place = pl.concat_str(pl.lit("".join(map(str, given.values()))), pl.int_range(pl.len()).cast(pl.String))
    return named.with_columns(household=place)


def learned(rows: pl.DataFrame, policy: Policy) -> LearnedChances:
    return learn_chances(rows, policy, share_effect)


def test_a_programmes_chance_of_a_case_computed_by_hand(retail: Policy) -> None:
    rows = arms(1000, 60, 200, 4)
    found = share_effect(
        rows["moved"].cast(pl.Float64).to_numpy(), (rows["arm"] == "contact").to_numpy(), group=np.arange(1200)
    )
    # the policy's .02 is as sure as 200 contacts: sqrt(.98 / (.02 * 200)) = .495 of it; measured: .06 - .02 = .04
    own = 0.495**2 / (0.495**2 + (found.standard_error / 0.02) ** 2)
    (chance,) = learned(rows, retail).programmes
    assert (chance.promised, chance.measured) == (pytest.approx(0.02), pytest.approx(0.04))
    assert chance.own_weight == pytest.approx(own, abs=1e-4)
    # its one channel and its one tier say nothing that the programme did not
    assert chance.used == pytest.approx(0.02 * (1.0 + own), abs=1e-5)


def test_many_contacts_outweigh_the_policys_chance(retail: Policy) -> None:
    chances = learned(arms(90_000, 9_000, 10_000, 300), retail)
    assert chances.added(retail, "main_account", "phone") == pytest.approx(0.07, abs=0.002)
    assert chances.without["main_account"] == pytest.approx(0.03, abs=0.001)
    assert chances.programmes[0].own_weight > 0.95


def test_few_contacts_leave_it_near_the_policys(retail: Policy) -> None:
    chances = learned(arms(9, 0, 2, 0), retail)
    assert chances.added(retail, "main_account", "phone") == pytest.approx(0.02, abs=0.002)
    assert chances.programmes[0].own_weight < 0.05


def test_a_small_control_arm_makes_many_contacts_say_little(retail: Policy) -> None:
    small, large = (learned(arms(5000, 250, control, control // 50), retail) for control in (50, 5000))
    assert small.programmes[0].own_weight < 0.3 < large.programmes[0].own_weight


def test_a_move_counts_against_who_had_something_to_move(retail: Policy) -> None:
    """A share of .02 among people of whom four in ten bank elsewhere is a chance of .05 of those who do."""
    half, whole = (learned(arms(90_000, 2_700, 90_000, 900, movable_probability=p), retail) for p in (0.4, 1.0))
    assert half.added(retail, "main_account", "phone") == pytest.approx(0.05, abs=0.003)
    assert whole.added(retail, "main_account", "phone") == pytest.approx(0.02, abs=0.001)


def test_lists_that_are_not_measurable_and_programmes_without_control_teach_nothing(retail: Policy) -> None:
    waiting = arms(90, 9, 10, 0).with_columns(moved=pl.lit(None, pl.Boolean))
    assert learned(waiting, retail) == learned(arms(90, 9, 0, 0), retail) == LearnedChances()


def test_an_older_list_teaches_where_there_surely_was_something_to_move(retail: Policy) -> None:
    rows = arms(1000, 60, 200, 4).drop("movable_probability")
    assert learned(rows, retail) == LearnedChances()
    growth = rows.with_columns(programme=pl.lit("break_even_growth"))
    assert learned(growth, retail).programmes[0].promised == pytest.approx(0.02)


def test_a_channel_is_drawn_to_its_programme(retail: Policy) -> None:
    rows = pl.concat([arms(20_000, 1_600, 4_000, 40), arms(20, 0, 5, 0, channel="adviser")])
    chances = learned(rows, retail)
    # calls bring 3.5 times what the policy said, and so, as far as anybody knows, do visits, whose 20 say nothing
    by_phone, by_visit = (chances.added(retail, "main_account", name) for name in ("phone", "adviser"))
    assert by_phone == pytest.approx(0.07, abs=0.005)
    assert 0.04 * 2.5 < by_visit < 0.04 * 3.6
    assert chances.added(retail, "main_account", "mobile") == pytest.approx(
        0.002 * chances.channels["main_account", ""].value
    )


def test_a_programme_is_drawn_to_all_of_its_aim(retail: Policy) -> None:
    many, few = arms(20_000, 1_600, 4_000, 40), arms(40, 0, 10, 0, programme="main_account_unproven")
    chances = learned(pl.concat([many, few]), retail)
    alone = learned(few, retail)
    by_itself, with_others = (each.added(retail, "main_account_unproven", "phone") for each in (alone, chances))
    assert by_itself < 0.021 < 0.05 < with_others
    assert chances.added(retail, "lower_cost", "phone") == pytest.approx(0.10)  # another aim


def test_kinds_that_differ_by_chance_alone_are_no_evidence(retail: Policy) -> None:
    rows = pl.concat([arms(10_000, 300 + number, 10_000, 100, cluster=number) for number in (0, 3, 5)])
    assert {key: factor.value for key, factor in learned(rows, retail).evidence.items() if key[0] == "cluster"} == {
        ("cluster", str(number)): 1.0 for number in (0, 3, 5)
    }


def test_evidence_is_what_like_customers_did_and_is_capped(retail: Policy) -> None:
    kinds = {1: 40, 2: 1_560}
    rows = pl.concat([arms(10_000, moved, 10_000, 0, cluster=number) for number, moved in kinds.items()])
    chances = learned(rows, retail)
    people = pl.DataFrame({"cluster": [1, 2, 3, None], "tier": "break_even"})
    evidence = people.select(chances.of_evidence(people.columns, 1.3)).to_series()
    assert evidence[0] < 0.3 < evidence[2] == evidence[3] < 1.1 < evidence[1]
    capped = people.select(chances.of_evidence(people.columns, 0.2)).to_series()
    assert capped.to_list()[:2] == pytest.approx([exp(-0.2), exp(0.2)])


def test_a_cluster_has_a_channel_and_a_bundle_of_its_own(retail: Policy) -> None:
    """One cluster moves by calls and for one bundle, the other by visits and for the other; the means are the same."""
    ways = [(channel, bundle) for channel in ("phone", "adviser") for bundle in ("a", "b")]
    counts = {1: (300, 100, 100, 30), 2: (30, 100, 100, 300)}
    moved = {(cluster, *way): count for cluster in counts for way, count in zip(ways, counts[cluster], strict=True)}
    rows = [
        arms(4_000, count, 4_000, 0, cluster=cluster, channel=channel, bundle=bundle, programme="break_even_growth")
        for (cluster, channel, bundle), count in moved.items()
    ]
    chances = learned(pl.concat(rows), retail)
    offers = pl.DataFrame(list(moved), schema=["cluster", "channel", "bundle"], orient="row")
    evidence = offers.select("cluster", "channel", "bundle", chances.of_evidence(offers.columns, 1.3))
    found = {(row[0], row[1], row[2]): row[3] for row in evidence.iter_rows()}
    assert found[1, "phone", "a"] > found[1, "adviser", "a"]
    assert found[2, "phone", "b"] < found[2, "adviser", "b"]
    assert found[1, "phone", "a"] > found[1, "phone", "b"]
    assert found[2, "adviser", "a"] < found[2, "adviser", "b"]
    nobodys = pl.DataFrame(
        {"cluster": [None, 3], "channel": "phone", "bundle": "a"}, schema_overrides={"cluster": pl.Int64}
    )
    assert nobodys.select(chances.of_evidence(nobodys.columns, 1.3)).to_series().to_list() == pytest.approx(
        [1.0, 1.0], abs=0.2
    )


def test_people_of_no_kind_learn_from_their_programme_alone(retail: Policy) -> None:
    assert not learned(arms(500, 20, 100, 1, tier=None), retail).evidence


def test_own_outcomes_make_a_chance_surer(retail: Policy) -> None:
    nothing, much = LearnedChances(), learned(arms(20_000, 700, 20_000, 100), retail)
    # .98 / (.02 * 200) = .245
    assert nothing.variation(retail, "main_account", "phone") == pytest.approx(0.245)
    assert much.variation(retail, "main_account", "phone") < 0.02
