from __future__ import annotations

import dataclasses
import json

import numpy as np
import polars as pl
import pytest

from segment.tiers import learn_references
from segment.tiers.branch_reference import BranchReferences, shrinkage, with_references
from tests.tiers.people import POLICY, placed

TIERS = POLICY.tiers


def bank(means: dict[str, float], size: int, spread: float = 0.0, **columns) -> pl.DataFrame:
    branch = [name for name in means for _ in range(size)]
    noise = np.resize([-spread, spread], size)
    value = [mean + n for mean in means.values() for n in noise]
    return placed(len(branch), branch_id=branch, blended_contribution_12m=value, **columns)


def test_two_branches_cannot_say_how_much_to_shrink():
    references = learn_references(bank({"a": 100.0, "b": 300.0}, 50, spread=10.0), TIERS)
    assert references.shrinkage_customers == TIERS.shrinkage_customers
    # (50 * 100 + 200 * 200) / (50 + 200)
    assert references.branches["a"] == pytest.approx(180.0)


def test_shrinkage_is_the_variance_within_over_the_variance_between():
    rng = np.random.default_rng(1)
    rows = []
    for _ in range(400):
        values = rng.normal(rng.normal(50.0, 10.0), 100.0, 60)
        rows.append(("all", 60, values.mean(), ((values - values.mean()) ** 2).sum()))
    branches = pl.DataFrame(rows, schema=["peer_group", "customers", "mean", "squares"], orient="row")
    assert shrinkage(branches, 200.0) == pytest.approx(100.0**2 / 10.0**2, rel=0.25)


def test_branches_that_differ_only_by_chance_take_their_peers_mean():
    same = bank({"a": 100.0, "b": 101.0, "c": 99.0, "d": 100.0}, 40, spread=50.0)
    references = learn_references(same, TIERS)
    assert references.shrinkage_customers == np.inf
    assert set(references.branches.values()) == {100.0}


def test_a_branch_reference_does_not_jump_where_the_variance_between_passes_zero():
    def reference(apart: float) -> float:
        means = {"a": 100.0 + apart, "b": 100.0, "c": 100.0 - apart, "d": 100.0}
        return learn_references(bank(means, 40, spread=50.0), TIERS).branches["a"]

    references = [reference(apart) for apart in np.linspace(0.0, 30.0, 301)]
    assert references[0] == references[50] == pytest.approx(100.0)
    assert references[-1] > 115.0
    assert np.abs(np.diff(references)).max() < 0.5


def test_a_branch_with_few_customers_takes_its_peers_reference():
    few = TIERS.pooled_below_customers - 1
    frame = pl.concat([bank({"a": 100.0}, 200), bank({"small": 9000.0}, few)])
    references = learn_references(frame, TIERS)
    mean = frame["blended_contribution_12m"].mean()
    assert references.pooled == ("small",)
    assert references.branches["small"] == pytest.approx(mean)


def test_a_loss_making_branch_still_has_a_positive_yardstick():
    references = learn_references(bank({"a": -500.0}, 200, cost_annual=80.0), TIERS)
    assert references.branches["a"] == TIERS.reference_floor_of_mean_cost * 80.0


def test_only_active_seasoned_customers_are_the_yardstick():
    frame = placed(3, standing=["active", "dormant", "provisional"], blended_contribution_12m=[100.0, 9e9, -9e9])
    assert learn_references(frame, TIERS).bank == 100.0


def test_a_branch_that_was_not_seen_takes_its_peers_then_the_banks_reference():
    known = BranchReferences(50.0, 200.0, {"b": 80.0}, (), {"city": 70.0}, 60.0)
    frame = with_references(placed(3, branch_id=["b", "x", "y"], peer_group=["city", "city", "land"]), known)
    assert frame["branch_reference"].to_list() == [80.0, 70.0, 60.0]
    assert frame["branch_pooled"].to_list() == [False, True, True]


def test_references_are_plain_enough_to_be_written_beside_a_model():
    references = learn_references(bank({"a": 100.0, "b": 300.0}, 50), TIERS)
    assert json.loads(json.dumps(dataclasses.asdict(references)))["branches"] == references.branches


def test_the_order_of_customers_changes_no_reference():
    frame = bank({"a": 10.5, "b": 30.25, "c": 70.75, "d": 500.0}, 40, spread=7.0)
    forth, back = learn_references(frame, TIERS), learn_references(frame.reverse(), TIERS)
    assert back.branches == pytest.approx(forth.branches)


def test_shrinkage_of_a_case_computed_by_hand() -> None:
    assert (
        shrinkage(pl.DataFrame({"peer_group": ["a"], "customers": [9], "mean": [1.0], "squares": [3.0]}), 200.0)
        == 200.0
    )


def test_with_references_of_a_case_computed_by_hand() -> None:
    known = BranchReferences(50.0, 200.0, {"north": 80.0}, (), {"all": 70.0}, 60.0)
    people = pl.DataFrame({"branch_id": ["north", "new"], "peer_group": ["all", "all"]})
    assert with_references(people, known).select("branch_reference", "branch_pooled").rows() == [
        (80.0, False),
        (70.0, True),
    ]
