"""When a proposed tier becomes the customer's."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment.exceptions import HistoryError, ModelError
from segment.policy import load_policy
from segment.tiers.stability.hysteresis import rank_of, with_hysteresis
from segment.tiers.stability.stabilise import stabilise
from segment.tiers.tier_columns import TIERS
from tests.tiers.stability.moments import (
    AMOUNTS,
    POLICY,
    SURE_TO_BE_HIGH,
    SURE_TO_COVER,
    SURE_TO_LOSE,
    followed,
    month_end,
    path,
    proposed,
)

H, V, B, L = TIERS
RANK = {tier: place for place, tier in enumerate(reversed(TIERS))}
amounts = st.floats(-500, 900, allow_nan=False)
odds = st.lists(st.floats(0.01, 1), min_size=4, max_size=4).map(lambda drawn: [one / sum(drawn) for one in drawn])


def test_a_fall_waits_for_three_refreshes_in_a_row() -> None:
    assert path(V, B, B, B, B) == [V, V, V, B, B]


def test_a_fall_goes_one_step_at_a_time_and_counts_anew_after_each() -> None:
    assert path(H, *[L] * 9) == [H, H, H, V, V, V, B, B, B, L]


def test_a_fall_that_pauses_counts_from_the_start() -> None:
    assert path(V, B, B, V, B, B, B) == [V, V, V, V, V, V, B]


def test_a_fall_to_within_the_margin_of_the_border_does_not_count() -> None:
    moments = followed([[60.0], *[[46.0]] * 5, *[[44.0]] * 3])
    assert [moment["tier"].item() for moment in moments] == [V] * 8 + [B]


def test_the_margin_below_a_negative_border_lies_further_from_zero() -> None:
    near, beyond = followed([[0.0], *[[-54.0]] * 5]), followed([[0.0], *[[-56.0]] * 3])
    assert near[-1]["tier"].item() == B
    assert beyond[-1]["tier"].item() == L


def test_no_margin_is_asked_for_where_a_cluster_that_has_its_way_is_lower() -> None:
    tiers = POLICY.tiers.model_copy(update={"guard_margin_of_mean_cost": 0.2})
    moments = [[60.0], *[[48.0]] * 3]
    by_cluster = followed(moments, cluster_tier=[B], policy=POLICY.model_copy(update={"tiers": tiers}))
    assert by_cluster[-1]["tier"].item() == B
    assert followed(moments, cluster_tier=[B])[-1]["tier"].item() == V


@pytest.mark.parametrize("decide_by", ["clusters", "expected_cost"])
def test_no_margin_of_the_border_is_asked_for_where_odds_decide(decide_by: str) -> None:
    by_odds = POLICY.model_copy(update={"tiers": POLICY.tiers.model_copy(update={"decide_by": decide_by})})
    moments = followed([[60.0], *[[46.0]] * 3], policy=by_odds)
    assert [moment["tier"].item() for moment in moments] == [V, V, V, B]


def test_a_customer_for_whom_high_value_is_out_of_reach_falls_though_the_contribution_is_large() -> None:
    first = followed([[800.0]])[-1]
    for number in range(1, 4):
        out_of_reach = proposed(month_end(number), [800.0]).with_columns(
            tier=pl.lit(V), own_tier=pl.lit(V), border_high_reachable=pl.lit(None, dtype=pl.Float64)
        )
        first = stabilise(out_of_reach, first, month_end(number), POLICY)
    assert first["tier"].item() == V


def test_a_rise_waits_for_two_refreshes_in_a_row() -> None:
    assert path(B, V, V) == [B, B, V]
    assert path(B, V, B, V, B) == [B, B, B, B, B]


def test_a_rise_is_applied_at_once_where_the_next_year_very_probably_holds_it() -> None:
    assert path(B, V, odds=SURE_TO_COVER) == [B, V]


def test_a_jump_to_high_value_needs_two_refreshes_however_probable() -> None:
    assert path(B, H, H, odds=SURE_TO_BE_HIGH) == [B, V, H]
    assert path(L, H, L, L, odds=SURE_TO_BE_HIGH) == [L, V, V, V]
    assert path(V, H, odds=SURE_TO_BE_HIGH) == [V, H]


def test_a_rise_leads_no_higher_than_all_its_refreshes_proposed() -> None:
    assert path(L, H, B, odds=SURE_TO_LOSE) == [L, L, B]
    assert path(L, B, H, odds=SURE_TO_LOSE) == [L, L, B]
    assert path(L, V, H, odds=SURE_TO_LOSE) == [L, L, V]


@pytest.mark.parametrize("standing", ["excluded", "new"])
def test_whom_figures_do_not_judge_never_waits(standing: str) -> None:
    valuable = followed([[200.0]])[-1]
    now = proposed(month_end(1), [0.0], standing=standing)
    assert stabilise(now, valuable, month_end(1), POLICY)["tier"].item() == B


def test_the_first_tier_of_a_customer_who_was_new_is_applied_at_once() -> None:
    new = followed([[0.0]], standing="new")[-1]
    assert stabilise(proposed(month_end(1), [800.0]), new, month_end(1), POLICY)["tier"].item() == H


def test_a_missed_month_breaks_the_row_but_keeps_the_tier() -> None:
    moments = followed([[AMOUNTS[tier]] for tier in (V, B, B, B, B, B)], months=[0, 1, 2, 4, 5, 6])
    assert [moment["tier"].item() for moment in moments] == [V, V, V, V, V, B]


def test_after_a_move_to_another_branch_three_more_refreshes_keep_the_better_tier() -> None:
    moments = followed([[200.0], [0.0], [0.0]])
    for number in range(3, 7):
        moved = proposed(month_end(number), [0.0], branch_id="elsewhere")
        moments.append(stabilise(moved, moments[-1], month_end(number), POLICY))
    assert [moment["tier"].item() for moment in moments] == [V, V, V, V, V, V, B]


def test_without_hysteresis_the_proposal_is_published() -> None:
    rules = POLICY.tiers.stability.model_copy(update={"hysteresis": False})
    policy = POLICY.model_copy(update={"tiers": POLICY.tiers.model_copy(update={"stability": rules})})
    assert path(V, B, H, L, policy=policy) == [V, B, H, L]


@given(st.lists(amounts, min_size=1, max_size=8), odds)
@settings(max_examples=25)
def test_constant_input_changes_nothing(one: list[float], chances: list[float]) -> None:
    moments = followed([one] * 6, odds=chances)
    for moment in moments[1:]:
        assert moment["tier"].to_list() == moments[0]["tier"].to_list()
        assert moment["tier_since"].to_list() == [month_end(0)] * len(one)


@given(
    st.lists(st.lists(amounts, min_size=1, max_size=1), min_size=1, max_size=6),
    st.lists(amounts, min_size=2, max_size=12),
    odds,
    st.sampled_from(TIERS),
)
@settings(max_examples=60)
def test_with_the_same_history_more_contribution_never_gives_a_lower_tier(
    history: list[list[float]], now: list[float], chances: list[float], cluster: str
) -> None:
    before = followed(history, odds=chances)[-1]
    many = pl.concat([before] * len(now)).with_columns(
        customer_id=pl.Series([f"c{place:05}" for place in range(len(now))])
    )
    as_of = month_end(len(history))
    tiers = stabilise(proposed(as_of, sorted(now), chances, cluster_tier=[cluster] * len(now)), many, as_of, POLICY)[
        "tier"
    ]
    ranks = [RANK[tier] for tier in tiers]
    assert ranks == sorted(ranks)


@given(st.lists(st.sampled_from(TIERS), min_size=2, max_size=10), odds)
@settings(max_examples=40)
def test_a_tier_never_falls_by_more_than_a_step_nor_rises_above_the_proposal(
    tiers: list[str], chances: list[float]
) -> None:
    published = [RANK[tier] for tier in path(*tiers, odds=chances)]
    wanted = [RANK[tier] for tier in tiers]
    for before, now, goal in zip(published, published[1:], wanted[1:], strict=False):
        assert before - 1 <= now <= max(before, goal)


@pytest.mark.slow
@given(st.lists(st.sampled_from(TIERS), min_size=1, max_size=4), st.sampled_from(TIERS), odds)
@settings(max_examples=25)
def test_a_proposal_that_lasts_is_reached(history: list[str], goal: str, chances: list[float]) -> None:
    assert path(*history, *[goal] * 10, odds=chances)[-1] == goal


def test_the_same_month_again_gives_the_same() -> None:
    before = followed([[200.0, 0.0, -200.0], [0.0, 200.0, 800.0]])[-1]
    now = proposed(month_end(2), [0.0, 200.0, 800.0])
    once, again = (stabilise(now, before, month_end(2), POLICY) for _ in range(2))
    assert once.equals(again)
    # what was published of that very month is never read, as it is not earlier
    with pytest.raises(HistoryError, match="earlier than 2023-03-31"):
        stabilise(now, once, month_end(2), POLICY)


def test_noise_of_five_percent_flips_fewer_than_two_in_a_hundred_customers_a_refresh() -> None:
    random = np.random.default_rng(7)
    steady = random.normal(60.0, 250.0, 3000)
    noisy = [(steady * (1.0 + random.normal(0.0, 0.05, steady.size))).tolist() for _ in range(12)]
    moments = followed(noisy)
    for before, now in zip(moments[1:], moments[2:], strict=False):
        assert (before["tier"] != now["tier"]).mean() < 0.02
        assert now["returned"].mean() < 0.02


def test_a_frame_that_was_not_scored_is_refused() -> None:
    with pytest.raises(ModelError, match="Hysteresis needs"):
        with_hysteresis(proposed(month_end(0), [1.0]).drop("chance_valuable"), POLICY.tiers)


def test_with_hysteresis_of_a_case_computed_by_hand() -> None:
    falling = pl.DataFrame(
        {
            "tier": ["break_even"],
            "tier_note": [None],
            "standing": ["active"],
            "branch_id": ["b"],
            "cluster_tier": ["break_even"],
            "blended_contribution_12m": [10.0],
            "border_low": [-50.0],
            "border_break_even": [50.0],
            "border_high": [400.0],
            "chance_high_value": [0.0],
            "chance_valuable": [0.2],
            "chance_break_even": [0.7],
            "chance_loss_making": [0.1],
            "was_stable_tier": ["valuable"],
            "was_candidate_tier": [None],
            "was_candidate_refreshes": [0],
            "was_standing": ["active"],
            "was_branch_id": ["b"],
        },
        schema_overrides={"tier_note": pl.String, "was_candidate_tier": pl.String},
    )
    held = with_hysteresis(falling, load_policy("models/retail.toml").tiers)
    assert held.select("stable_tier", "candidate_tier", "candidate_refreshes").row(0) == ("valuable", "break_even", 1)


def test_rank_of_of_a_case_computed_by_hand() -> None:
    assert pl.DataFrame({"tier": ["loss_making", "high_value"]}).select(rank_of("tier")).to_series().to_list() == [0, 3]
