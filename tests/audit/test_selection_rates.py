from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from segment.audit.selection_rates import Kind, group_rates, wilson
from segment.audit.verdict import FAR, NOBODY, REFERENCE, TOO_FEW, UNSURE, WITHIN, with_verdicts
from segment.policy.fairness import Audit

LIMITS = Audit()


def rows_of(counts: dict[str, tuple[int, int]], kind: Kind, limits: Audit = LIMITS) -> dict[str, dict[str, object]]:
    """Judge groups of so many customers with the outcome out of so many."""
    words = [name for name, (_, of) in counts.items() for _ in range(of)]
    decided = [place < hits for hits, of in counts.values() for place in range(of)]
    rates = group_rates(pl.DataFrame({"g": words}), pl.DataFrame({"d": decided}), {"d": kind}, limits.least_group)
    judged = with_verdicts([rates], limits)[0]
    return {row["group"]: row for row in judged.iter_rows(named=True)}


def test_selection_by_hand() -> None:
    found = rows_of({"a": (30, 100), "b": (60, 100)}, "benefit")
    assert found["b"]["verdict"] == REFERENCE
    assert (found["a"]["rate"], found["a"]["impact_ratio"], found["a"]["harm_ratio"]) == (0.3, 0.5, None)
    assert found["a"]["p"] == pytest.approx(2.00787e-05, rel=1e-3)  # z = 0.3 / sqrt(.45 · .55 · .02) = 4.264
    assert found["a"]["verdict"] == FAR


def test_harm_by_hand_looks_at_those_not_harmed_and_at_those_harmed() -> None:
    found = rows_of({"a": (30, 200), "b": (10, 200)}, "harm")
    assert found["b"]["verdict"] == REFERENCE
    assert found["a"]["impact_ratio"] == pytest.approx(0.85 / 0.95)
    assert found["a"]["harm_ratio"] == pytest.approx(3.0)
    assert found["a"]["verdict"] == FAR


@pytest.mark.parametrize(("hits", "verdict"), [(400, WITHIN), (399, FAR)])
def test_four_fifths_is_the_limit_29_cfr_1607_4_d(hits: int, verdict: str) -> None:
    found = rows_of({"a": (hits * 10, 10_000), "b": (5_000, 10_000)}, "benefit")
    assert found["a"]["verdict"] == verdict


@pytest.mark.parametrize(("hits", "verdict"), [(1_250, WITHIN), (1_260, FAR)])
def test_a_harm_may_be_a_quarter_more_often_domain_5(hits: int, verdict: str) -> None:
    assert rows_of({"a": (hits, 10_000), "b": (1_000, 10_000)}, "harm")["a"]["verdict"] == verdict


@pytest.mark.parametrize(("hits", "verdict"), [(50, WITHIN), (52, UNSURE), (80, FAR)])
def test_missed_customers_may_be_five_points_more_domain_5(hits: int, verdict: str) -> None:
    assert rows_of({"a": (hits + 40, 400), "b": (70, 400)}, "error")["a"]["verdict"] == verdict


def test_a_harm_that_the_best_off_never_meet_lies_outside_every_ratio() -> None:
    found = rows_of({"a": (20, 100), "b": (0, 100)}, "harm")
    assert found["a"]["harm_ratio"] is None
    assert found["a"]["verdict"] == FAR


def test_a_difference_of_few_customers_may_be_chance() -> None:
    assert rows_of({"a": (3, 50), "b": (5, 50)}, "benefit")["a"]["verdict"] == UNSURE


def test_nothing_is_said_of_a_single_group_or_of_what_nobody_meets() -> None:
    assert rows_of({"a": (3, 50), "b": (5, 49)}, "benefit")["a"]["verdict"] == TOO_FEW
    assert {row["verdict"] for row in rows_of({"a": (0, 50), "b": (0, 60)}, "harm").values()} == {NOBODY}


def test_customers_of_whom_a_rule_decides_are_left_out() -> None:
    words = pl.DataFrame({"g": ["a"] * 60 + ["b"] * 60})
    decided = pl.DataFrame({"d": [None] * 5 + [True] * 55 + [True] * 30 + [False] * 30})
    rows = group_rates(words, decided, {"d": "benefit"}, 50)
    assert rows["customers"].to_list() == [55, 60]


@pytest.mark.parametrize(("hits", "of"), [(0, 50), (7, 50), (50, 50), (123, 4_567)])
def test_intervals_are_wilsons(hits: int, of: int) -> None:
    assert wilson(hits, of) == pytest.approx(proportion_confint(hits, of, method="wilson"), abs=1e-9)


@given(st.lists(st.integers(0, 60), min_size=2, max_size=5), st.sampled_from(["benefit", "harm", "error"]))
def test_other_names_for_the_groups_change_nothing(hits: list[int], kind: Kind) -> None:
    sizes = [60 + 7 * place for place in range(len(hits))]  # no ties between groups of one size
    plain = rows_of({f"g{place}": one for place, one in enumerate(zip(hits, sizes, strict=True))}, kind)
    turned = rows_of({f"g{9 - place}": one for place, one in enumerate(zip(hits, sizes, strict=True))}, kind)
    for place in range(len(hits)):
        one, other = plain[f"g{place}"], turned[f"g{9 - place}"]
        names = ("customers", "rate", "impact_ratio", "harm_ratio", "gap", "p_adjusted", "verdict")
        assert [one[name] for name in names] == pytest.approx([other[name] for name in names], nan_ok=True)


@pytest.mark.slow
def test_a_fair_draw_is_seldom_called_unfair() -> None:
    """Four attributes of two to five groups and three decisions, drawn by lot; an audit may err once in twenty."""
    rng, runs, flagged = np.random.default_rng(11), 100, 0
    kinds: dict[str, Kind] = {"high": "benefit", "harm": "harm", "list": "benefit"}
    for _ in range(runs):
        words = {f"a{k}": [f"g{w}" for w in rng.integers(0, k, 800)] for k in (2, 3, 4, 5)}
        decided = {name: rng.random(800) < share for name, share in zip(kinds, (0.1, 0.15, 0.05), strict=True)}
        rates = group_rates(pl.DataFrame(words), pl.DataFrame(decided), kinds, 50)
        flagged += FAR in with_verdicts([rates], LIMITS)[0]["verdict"].to_list()
    assert flagged / runs <= 0.05 + 1.64 * (0.05 * 0.95 / runs) ** 0.5


def test_an_unfair_rule_is_found() -> None:
    rng = np.random.default_rng(3)
    group = rng.random(2_000) < 0.4
    chosen = rng.random(2_000) < np.where(group, 0.06, 0.15)
    words = pl.DataFrame({"sex": np.where(group, "f", "m"), "town": [f"t{one}" for one in rng.integers(0, 4, 2_000)]})
    rates = group_rates(words, pl.DataFrame({"list": chosen}), {"list": "benefit"}, 50)
    judged = with_verdicts([rates], LIMITS)[0].filter(verdict=FAR)
    assert judged.select("attribute", "group").rows() == [("sex", "f")]


def test_group_rates_of_a_case_computed_by_hand() -> None:
    people = pl.DataFrame({"sex": ["f"] * 100 + ["m"] * 100})
    listed = pl.DataFrame({"on_list": [True] * 20 + [False] * 80 + [True] * 40 + [False] * 60})
    rows = group_rates(people, listed, {"on_list": "benefit"}, 50)
    assert rows.select("group", "rate", "reference", "impact_ratio").rows() == [
        ("f", 0.2, "m", 0.5),
        ("m", 0.4, "m", 1.0),
    ]


def test_wilson_of_a_case_computed_by_hand() -> None:
    assert [round(end, 4) for end in wilson(10, 50)] == [0.1124, 0.3304]
