"""Two policies' tiers side by side."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segment.evaluation.replay_metrics import Moves, effects_by_group, migrations, moves, service_cost, under_served
from segment.features import target_name
from segment.policy import load_policy

POLICY = load_policy(Path(__file__).parents[2] / "models" / "retail.toml")
DAY = dt.date(2025, 12, 31)


def both(before: list[str], after: list[str], **further: Any) -> pl.DataFrame:
    rows = len(before)
    columns: dict[str, Any] = {
        "as_of": [DAY] * rows,
        "customer_id": [f"{number}" for number in range(rows)],
        "before": before,
        "after": after,
        "branch_id": ["b1"] * rows,
        "contribution_12m": [1.0] * rows,
        "realised_tier": [None] * rows,
        target_name(12): [None] * rows,
    }
    types = {"realised_tier": pl.String, target_name(12): pl.Float64}
    return pl.DataFrame({**columns, **further}, schema_overrides=types)


def test_the_value_of_a_move_of_few_customers_is_withheld() -> None:
    found = migrations(both(["valuable"] * 21, ["high_value"] * 9 + ["valuable"] * 12))
    assert [(row.customers, row.contribution_12m) for row in found] == [(9, None), (12, 12.0)]


def test_the_cost_of_service_is_the_plans_budget_and_follows_whom_a_side_puts_where() -> None:
    moved = ["high_value", "high_value", "break_even", "break_even"]
    frame = both(["high_value", "valuable", "break_even", "loss_making"], moved, contribution_12m=[300.0, 100, 0, -9])
    before, after = (service_cost(frame, side, POLICY) for side in ("before", "after"))
    # four times 120, half of it by head; 180 + 60, 60 + 60, 60, 60 a head
    assert before == pytest.approx(4 * 120.0)
    assert after == pytest.approx(2 * 240.0 + 2 * 60.0)
    assert service_cost(frame, "before", POLICY.model_copy(update={"service": None})) is None


def test_value_is_missed_where_a_customer_was_put_below_what_came() -> None:
    came = {"realised_tier": ["high_value", "break_even", None], target_name(12): [500.0, 10.0, None]}
    frame = both(["valuable", "valuable", "loss_making"], ["high_value", "break_even", "loss_making"], **came)
    before, after = (under_served(frame, side, POLICY) for side in ("before", "after"))
    assert (before.judged, before.too_low, before.value_missed) == (2, 1, 500.0)
    assert before.cost_of_error == (2.0 + 1.0) / 2
    assert (after.too_low, after.value_missed, after.cost_of_error) == (0, 0.0, 0.0)


def test_nothing_is_said_of_value_missed_before_outcomes_are_known() -> None:
    assert under_served(both(["valuable"], ["valuable"]), "before", POLICY).value_missed is None


def test_groups_of_few_customers_have_no_figures() -> None:
    frame = both(["valuable"] * 15, ["break_even"] * 15, sex=["f"] * 11 + ["m"] * 4)
    large, small = effects_by_group(frame, ("sex",))
    assert (large.group, large.lowered, large.raised) == ("f", 1.0, 0.0)
    assert set(small.to_dict()) == {"grouped_by", "group"}


def test_a_tier_that_changes_and_changes_back_is_counted() -> None:
    days = [dt.date(2025, 10, 31), dt.date(2025, 11, 30), DAY]
    tiers = ["valuable", "break_even", "valuable"]
    frame = both(tiers, ["valuable"] * 3, customer_id=["a"] * 3, as_of=days)
    assert moves(frame, "before") == Moves(changed=1.0, changed_back=1.0)
    assert moves(frame, "after") == Moves(changed=0.0, changed_back=0.0)
