"""Grades by assets: up the month after, down late, each by its own rules."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from segment.exceptions import PolicyError
from segment.policy import Policy, load_policy
from segment.policy.grades_by_assets import AssetGrades
from segment.tiers.asset_grades import card_without_value, crosswalk, grades_of, on_notice, value_without_card
from tests.policy.test_loader import RETAIL, rewritten
from tests.tiers.people import POLICY

AS_OF = dt.date(2025, 12, 31)
RULES = AssetGrades(
    grades={
        "private": {"from_assets": 1000.0, "down_months": 6},
        "gold": {"from_assets": 50.0},
    }
)


def followed(*assets: float, rules: AssetGrades = RULES) -> list[tuple[str | None, dt.date | None]]:
    """One customer's grade and its last day after each month; None: no row in the month."""
    months = [pl.DataFrame({"customer_id": ["a"], "assets": [amount]}) for amount in assets]
    return [grades_of(months[: end + 1], rules, AS_OF).row(0)[1:] for end in range(len(months))]


def grades(*assets: float, rules: AssetGrades = RULES) -> list[str | None]:
    return [grade for grade, _ in followed(*assets, rules=rules)]


def test_a_grade_is_reached_at_its_border_and_at_once():
    assert grades(49.99, 50.0, 1000.0) == [None, "gold", "private"]


def test_a_grade_is_lost_after_three_months_below_it_and_private_after_six():
    assert grades(50.0, 49.0, 49.0, 49.0) == ["gold", "gold", "gold", None]
    assert grades(1000.0, *[60.0] * 6) == ["private"] * 6 + ["gold"]
    # gold is gone after three months of nothing, private not before six
    assert grades(1000.0, *[0.0] * 6) == ["private"] * 6 + [None]


def test_one_month_above_begins_the_count_anew():
    assert grades(50.0, 0.0, 0.0, 50.0, 0.0, 0.0, 0.0) == ["gold"] * 6 + [None]


def test_a_grade_that_is_watched_says_its_last_day():
    # below in December: lost if January and February are below as well
    assert followed(50.0, 49.0)[-1] == ("gold", dt.date(2026, 2, 28))
    assert followed(50.0, 49.0, 49.0)[-1] == ("gold", dt.date(2026, 1, 31))
    assert followed(50.0)[-1] == ("gold", None)


def test_a_bank_may_ask_for_several_months_on_the_way_up():
    slow = AssetGrades(grades={"gold": {"from_assets": 50.0, "up_months": 2, "down_months": 1}})
    assert grades(50.0, 50.0, 49.0, 50.0, 50.0, rules=slow) == [None, "gold", None, None, "gold"]


def test_who_was_away_begins_anew():
    months = [["a", "b"], ["b"], ["a", "b"]]
    frames = [pl.DataFrame({"customer_id": names, "assets": [50.0 if n == 0 else 0.0] * len(names)})
              for n, names in enumerate(months)]  # fmt: skip
    assert grades_of(frames, RULES, AS_OF).select("customer_id", "asset_grade").rows() == [("a", None), ("b", "gold")]


@pytest.mark.parametrize("seed", range(3))
def test_grades_are_those_of_the_page_month_by_month(seed: int):
    random = np.random.default_rng(seed)
    rules = AssetGrades(
        grades={
            "low": {"from_assets": 20.0, "up_months": 2, "down_months": 2},
            "assets": {"from_assets": 50.0, "up_months": 1, "down_months": 4},
            "high": {"from_assets": 80.0, "up_months": 3, "down_months": 1},
        }
    )
    paths = random.integers(0, 100, (40, 15)).astype(float)
    months = [pl.DataFrame({"customer_id": [f"c{n:02}" for n in range(40)], "assets": paths[:, t]}) for t in range(15)]
    expected = []
    for path in paths:
        grade = None
        for name, one in rules.ascending:
            held = False
            for t in range(15):
                last_up = path[max(0, t + 1 - one.up_months) : t + 1]
                last_down = path[max(0, t + 1 - one.down_months) : t + 1]
                reached = len(last_up) == one.up_months and bool((last_up >= one.from_assets).all())
                lost = len(last_down) == one.down_months and bool((last_down < one.from_assets).all())
                held = reached or (held and not lost)
            grade = name if held else grade
        expected.append(grade)
    assert grades_of(months, rules, AS_OF)["asset_grade"].to_list() == expected


CROSSED = pl.DataFrame(
    {
        "tier": ["high_value", "loss_making", "valuable", "break_even", "break_even", "valuable"],
        "standing": ["active", "active", "active", "new", "active", "excluded"],
        "asset_grade": ["private", "gold", "gold", "gold", None, None],
        "asset_grade_until": [None, dt.date(2026, 1, 31), dt.date(2026, 2, 28), None, None, None],
        "contribution_12m": [900.0, -50.0, 70.0, 1.0, 2.0, 3.0],
    }
).with_columns(pl.lit("b").alias("branch_id"))


def test_the_crosswalk_counts_grades_by_tiers_the_highest_first():
    assert crosswalk(CROSSED).rows() == [
        ("private", 1, 0, 0, 0, 1, 900.0),
        ("gold", 0, 1, 1, 1, 3, 21.0),
        (None, 0, 0, 1, 0, 1, 2.0),
    ]


def test_who_has_the_card_without_the_value_and_the_value_without_the_card():
    # the excluded one has no tier, so neither
    rich = CROSSED.vstack(CROSSED.head(1).with_columns(asset_grade=pl.lit(None, pl.String)))
    assert rich.filter(card_without_value()).height == 2
    assert rich.filter(value_without_card()).height == 1


@pytest.mark.parametrize(("months", "told"), [(0, 0), (1, 1), (2, 2)])
def test_who_is_to_be_told_follows_from_the_notice(months: int, told: int):
    assert CROSSED.select(on_notice(AS_OF, months).sum()).item() == told


def test_a_policy_without_grades_keeps_its_hashes_and_grades_need_no_new_model():
    content = POLICY.model_dump(mode="json")
    assert content.pop("asset_grades") is None
    assert Policy.model_validate(content).hash == POLICY.hash
    graded = POLICY.model_copy(update={"asset_grades": RULES})
    assert graded.hash != POLICY.hash
    assert graded.model_hash == POLICY.model_hash


def test_grades_of_one_threshold_are_refused(tmp_path):
    text = "[asset_grades.grades.a]\nfrom_assets = 5\n[asset_grades.grades.b]\nfrom_assets = 5\n[retention]"
    with pytest.raises(PolicyError, match="from_assets"):
        load_policy(rewritten(tmp_path, "[retention]", text))
    assert "[asset_grades]" in RETAIL.read_text(encoding="utf-8")
