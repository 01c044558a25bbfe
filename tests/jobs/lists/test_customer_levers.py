"""The levers of a published moment: whom they are for, how far they lift, and what stands on the list."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import HistoryError
from segment.jobs.lists.customer_levers import (
    CustomerLevers,
    customer_levers,
    find_levers,
    gaps,
    lever_columns,
    levers_in_words,
    unused_accounts,
)
from segment.jobs.lists.upgrade_list import upgrade_list
from segment.policy import Policy, load_policy
from segment.upgrade.levers import lever_candidates
from segment.warehouse.published_tiers import published_tiers
from segment.warehouse.reference_tables import read_reference
from segment.workspace import Workspace
from tests.conftest import AS_OF, Bank

RETAIL = Path(__file__).parents[3] / "models" / "retail.toml"


@pytest.fixture(scope="module")
def retail() -> Policy:
    return load_policy(RETAIL)


@pytest.fixture(scope="module")
def found(trained_bank: Bank) -> CustomerLevers:
    tiers = published_tiers(trained_bank.workspace, AS_OF)
    return customer_levers(AS_OF, tiers, trained_bank.workspace, trained_bank.policy)


def test_levers_are_for_break_even_and_loss_making_customers(trained_bank: Bank, found: CustomerLevers) -> None:
    tiers = published_tiers(trained_bank.workspace, AS_OF)
    with_lever = tiers.join(found.candidates, on="customer_id", how="semi")
    assert set(with_lever["tier"]) == {"break_even", "loss_making"}


def test_no_customer_of_sixty_is_offered_a_machine(trained_bank: Bank, found: CustomerLevers) -> None:
    to_machine = found.candidates.filter(pl.col("lever").str.contains("_to_m"))
    people = read_reference(trained_bank.workspace)["customers"].join(to_machine, on="customer_id", how="semi")
    assert people["birth_date"].min() > dt.date(AS_OF.year - 60, AS_OF.month, AS_OF.day)


def test_a_set_lifts_its_customer_over_the_border_of_the_new_cost(trained_bank: Bank, found: CustomerLevers) -> None:
    rules = trained_bank.policy.tiers
    sums = found.sets.group_by("customer_id").agg(pl.col("gain_12m", "cost_saved").sum())
    lifted = published_tiers(trained_bank.workspace, AS_OF).join(sums, on="customer_id")
    annual = pl.col("cost_12m") * 12 / pl.col("months_observed").clip(1, 12) - pl.col("cost_saved")
    epsilon, cap = (share * pl.col("mean_cost") for share in (rules.epsilon_of_mean_cost, rules.band_cap_of_mean_cost))
    low = -pl.max_horizontal(epsilon, pl.min_horizontal((1 - rules.coverage_low) * annual, cap))
    up = pl.max_horizontal(epsilon, pl.min_horizontal((rules.coverage_high - 1) * annual, cap))
    after = pl.col("blended_contribution_12m") + pl.col("gain_12m")
    border = pl.when(pl.col("tier") == "loss_making").then(low).otherwise(up)
    assert lifted.height > 0
    assert lifted.select((after - border).min()).item() > -1e-6


def test_the_list_names_the_best_lever_of_a_rows_own_kind_and_how_it_stands_to_the_potential(
    bank: Bank, found: CustomerLevers
) -> None:
    rows = upgrade_list(AS_OF, bank.workspace, bank.policy).to_contact
    with_lever = rows.filter(pl.col("lever").is_not_null())
    beside = with_lever.filter(pl.col("lever").str.ends_with("beside the potential"))
    within = with_lever.filter(pl.col("lever").str.ends_with("of the potential"))
    assert within.height + beside.height == with_lever.height > 0
    # a lever that is a part of the potential is no larger; a cheaper channel stands beside a wallet
    own = within.filter(pl.col("programme").is_in(["lower_cost", "grow_income"]))
    assert own.height > 0
    assert (own["lever_gain_12m"] <= own["upgrade_potential_12m"] + 1e-6).all()
    others = rows.filter(~pl.col("programme").is_in(["lower_cost", "grow_income"]))
    both = others.join(found.best, on="customer_id")
    assert both["lever_gain_12m"].to_list() == both["gain_12m"].to_list()


def test_nobody_of_sixty_before_the_list_expires_is_helped_to_a_machine(retail: Policy) -> None:
    columns = dict.fromkeys(lever_columns(retail), 0.0) | {"count_counter_12m": 400.0}
    row = pl.DataFrame([columns | {"customer_id": "c1", "tier": "loss_making", "main_bank_elsewhere": False}])
    for until, levers in ((dt.date(2026, 1, 29), 2), (dt.date(2026, 1, 30), 0)):
        asked = row.with_columns(birth_date=pl.lit(dt.date(1966, 1, 30)))
        nothing = pl.DataFrame(schema={"customer_id": pl.String, "product": pl.String})
        assert lever_candidates(asked, nothing, retail, AS_OF, until).height == levers


def test_levers_in_words_of_a_case_computed_by_hand() -> None:
    levers = pl.DataFrame({"name": ["cash desk to machine", "a change"], "gain_12m": [40.6, 40.0]})
    assert levers_in_words(levers).to_list() == ["cash desk to machine: +41 a year", "a change: +40 a year"]


def test_without_a_snapshot_the_job_says_what_to_run(trained_bank: Bank, tmp_path: Path) -> None:
    tiers = published_tiers(trained_bank.workspace, AS_OF)
    with pytest.raises(HistoryError, match="`extract"):
        customer_levers(AS_OF, tiers, Workspace(tmp_path), trained_bank.policy)


def test_the_gap_to_the_next_tier_by_hand(retail: Policy) -> None:
    tiers = pl.DataFrame(
        {
            "customer_id": ["loses", "small", "even"],
            "tier": ["loss_making", "loss_making", "break_even"],
            "blended_contribution_12m": [-300.0, -80.0, 20.0],
            "border_low": [-160.0, -50.0, -50.0],
            "border_break_even": [200.0, 50.0, 50.0],
            "mean_cost": [200.0] * 3,
            "cost_12m": [800.0, 100.0, 100.0],
            "months_observed": [24] * 3,
        }
    )
    made = gaps(tiers, retail).rows()
    assert made == [
        ("loses", 140.0, False, 0.2, True),
        ("small", 30.0, False, 0.0, True),
        ("even", 30.0, True, 0.25, False),
    ]


def accounts(*products: str, share: float = 1.0, rule: str = "opt_out") -> dict[str, pl.DataFrame]:
    names = [f"a{place}" for place in range(len(products))]
    opened = pl.DataFrame({"account_id": names, "product": products, "opened_on": dt.date(2020, 1, 1)})
    families = {"current": "deposit", "savings": "deposit", "mortgage": "loan"}
    return {
        "accounts": opened.with_columns(
            closed_on=pl.lit(None, pl.Date), family=pl.col("product").replace_strict(families)
        ),
        "holdings": pl.DataFrame({"account_id": names, "customer_id": "c1", "share": share}),
        "contact_rules": pl.DataFrame({"customer_id": ["c1"], "rule": [rule]}),
    }


def unused(tables: dict[str, pl.DataFrame], policy: Policy, fees: float = 0.0, savings: float = 0.0) -> list[str]:
    figures = {"balance_current_12m": 0.0, "balance_savings_12m": savings, "balance_mortgage_12m": 0.0}
    people = pl.DataFrame([{"customer_id": "c1", "fee_income_12m": fees, **figures}])
    return unused_accounts(people, tables, policy, AS_OF)["product"].to_list()


def test_an_account_without_balance_or_fee_may_be_closed_but_not_the_last(retail: Policy) -> None:
    assert unused(accounts("current", "savings"), retail) == ["savings"]
    assert unused(accounts("savings"), retail) == []
    assert unused(accounts("mortgage", "savings"), retail) == ["savings"]


def test_joint_and_basic_and_used_and_paid_accounts_stay(retail: Policy) -> None:
    assert unused(accounts("mortgage", "savings", share=0.5), retail) == []
    assert unused(accounts("mortgage", "savings", rule="basic_account"), retail) == []
    assert unused(accounts("mortgage", "savings"), retail, savings=0.01) == []
    assert unused(accounts("mortgage", "savings"), retail, fees=12.0) == []


def test_no_lever_is_for_somebody_in_arrears_in_hardship_or_with_a_loss_by_credit(retail: Policy) -> None:
    """DOMAIN.md 3.10: no push to self-service."""
    names = ["kept", "late", "credit", "hard"]
    figures = {"blended_contribution_12m": -300.0, "border_low": -160.0, "border_break_even": 200.0, "mean_cost": 200.0}
    figures |= {"cost_12m": 800.0, "months_observed": 24.0}
    words = {"tier": "loss_making", "standing": "active", "main_bank_elsewhere": False}
    tiers = pl.DataFrame(
        {"customer_id": names, "sub_state": ["loss_direct", "in_arrears", "loss_credit", "loss_direct"]}
    ).with_columns(pl.lit(value).alias(name) for name, value in (figures | words).items())
    columns = dict.fromkeys(lever_columns(retail), 0.0) | {"count_counter_12m": 40.0}
    snapshot = pl.DataFrame({"customer_id": names}).with_columns(
        pl.lit(value).alias(name) for name, value in columns.items() if name != "customer_id"
    )
    said = {"customer_id": ["hard"], "rule": ["hardship"], "starts_on": [AS_OF], "ends_on": [None]}
    people = pl.DataFrame({"customer_id": names}).with_columns(birth_date=dt.date(1990, 1, 1))
    rules = pl.DataFrame(said, schema_overrides={"ends_on": pl.Date})
    found = find_levers(
        AS_OF, tiers, snapshot, accounts("current") | {"customers": people, "contact_rules": rules}, retail
    )
    assert set(found.candidates["customer_id"]) == {"kept"}
