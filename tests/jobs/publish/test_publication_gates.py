"""Each gate of a publication, by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from segment.jobs.build.extract import Extracted
from segment.jobs.publish.publication_gates import contract, migration, quarantine, reconciliation, tier_shares
from segment.policy import Policy, load_policy
from segment.tiers import TIERS
from segment.warehouse.tiers_table import read_tiers
from tests.conftest import AS_OF, RETAIL, Bank

BEFORE = dt.date(2025, 11, 30)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(RETAIL)


@pytest.fixture(scope="module")
def published(trained_bank: Bank) -> pl.DataFrame:
    return read_tiers(trained_bank.workspace.tiers, AS_OF)


def extracted(rows: int = 1_000, quarantined: int = 0, unreconciled: int = 0) -> Extracted:
    return Extracted(AS_OF, 10, 1, 0, rows, quarantined, unreconciled, {}, "")


def of_tiers(counts: dict[str, int], previous: dict[str, str] | None = None) -> pl.DataFrame:
    tiers = [tier for tier, count in counts.items() for _ in range(count)]
    frame = pl.DataFrame({"tier": tiers, "branch_id": "b", "contribution_12m": 1.0, "main_bank_elsewhere": False})
    return frame.with_columns(
        as_of=pl.lit(AS_OF),
        standing=pl.lit("active"),
        previous_tier=pl.col("tier").replace_strict(previous or {}, default=pl.col("tier"), return_dtype=pl.String),
    )


def test_the_published_table_keeps_its_contract(published: pl.DataFrame) -> None:
    assert contract(published, published.height).holds


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda tiers: tiers.drop("tier_source"), "the columns are not those of the published table"),
        (lambda tiers: pl.concat([tiers, tiers.head(2)]), "2 customers stand in it more than once"),
        (lambda tiers: tiers.head(10), "it has 10 rows for"),
        (lambda tiers: tiers.with_columns(tier=pl.lit("gold")), "rows have none of the four tiers"),
        (lambda tiers: tiers.with_columns(contribution_12m=None), "figures are missing in contribution_12m"),
    ],
)
def test_a_broken_table_is_told_without_a_customer(published: pl.DataFrame, broken: object, said: str) -> None:
    gate = contract(broken(published), published.height)  # type: ignore[operator]
    assert not gate.holds
    assert said in gate.message
    assert not [name for name in published["customer_id"] if name in gate.message]


def test_a_ratio_that_has_nothing_to_be_taken_of_may_be_missing(published: pl.DataFrame) -> None:
    nothing = published.with_columns(cost_coverage=pl.lit(None, pl.Float64), branch_multiple=pl.lit(None, pl.Float64))
    assert contract(nothing, published.height).holds


@pytest.mark.parametrize(("bad", "holds"), [(0, True), (10, True), (11, False)])
def test_bad_rows_are_held_to_the_policys_share(policy: Policy, bad: int, holds: bool) -> None:
    assert quarantine(extracted(quarantined=bad), policy).holds is holds


def test_lines_that_do_not_reconcile_stop_where_the_policy_says_so(policy: Policy) -> None:
    gate = reconciliation(extracted(unreconciled=3), policy)
    assert not gate.holds
    assert "3 lines of a branch" in gate.message
    warned = policy.reconciliation.model_copy(update={"beyond_tolerance": "warn"})
    assert reconciliation(extracted(unreconciled=3), policy.model_copy(update={"reconciliation": warned})).holds


def test_shares_are_held_to_the_limits_and_a_small_bank_gets_room_for_luck(policy: Policy) -> None:
    usual = dict(zip(TIERS, (50, 250, 500, 200), strict=True))
    assert tier_shares(of_tiers(usual), policy).holds
    much = dict(zip(TIERS, (400, 200, 300, 100), strict=True))
    assert not tier_shares(of_tiers(much), policy).holds
    small = {tier: count // 100 for tier, count in much.items()}
    assert tier_shares(of_tiers(small), policy).holds


@pytest.mark.parametrize(("kept", "months", "holds"), [(900, 1, True), (800, 1, False), (800, 2, True)])
def test_customers_keep_their_tier_at_the_policys_rate_a_month(
    policy: Policy, kept: int, months: int, holds: bool
) -> None:
    now = of_tiers({"valuable": kept, "break_even": 1_000 - kept}, {"break_even": "valuable"})
    before = pl.DataFrame({"as_of": [BEFORE if months == 1 else dt.date(2025, 10, 31)]})
    gate = migration(now, before, policy)
    assert gate.holds is holds
    assert f"{kept / 10:.1f}% of 1,000 customers" in gate.message


def test_the_first_publication_has_nothing_to_be_compared_with(policy: Policy, tmp_path: Path) -> None:
    assert migration(of_tiers({"valuable": 5}), None, policy).holds
