from __future__ import annotations

from datetime import date

import polars as pl

from tests.banks.simulator.conftest import SimulatedBank


def test_a_death_becomes_a_contact_rule_and_ends_what_the_customer_does(bank: SimulatedBank) -> None:
    deaths = bank.truth("truth_events").filter(pl.col("event") == "death")
    rules = bank.table("contact_rules").filter(pl.col("rule") == "deceased")
    known = deaths.filter(pl.col("month") < date(2025, 11, 1))["customer_id"]
    assert known.is_in(rules["customer_id"].to_list()).all()
    assert 0.002 < deaths.height / 2 / 2_000 < 0.02
    after = bank.booked().join(deaths.select("customer_id", died="month"), on="customer_id")
    after = after.filter(pl.col("booked_on") > pl.col("died").dt.month_end().dt.offset_by("1mo"))
    assert not after["kind"].is_in(["salary", "pension", "cash_withdrawal"]).any()


def test_a_customer_who_leaves_closes_every_account_of_their_own_at_nothing(bank: SimulatedBank) -> None:
    left = bank.table("customers").drop_nulls("left_on")
    joint = bank.table("holdings").filter(pl.col("role") == "co_owner")["account_id"]
    held = bank.table("holdings").filter((pl.col("role") == "owner") & ~pl.col("account_id").is_in(joint.to_list()))
    theirs = left.join(held, on="customer_id").join(bank.table("accounts").drop("branch_id"), on="account_id")
    assert left.height > 40
    assert (theirs["closed_on"] <= theirs["left_on"]).all()
    assert theirs["closed_on"].null_count() == 0
    last = bank.table("balances").sort("month").group_by("account_id", maintain_order=True).last()
    assert theirs.join(last, on="account_id")["closing_balance"].abs().max() < 0.005


def test_nothing_is_booked_after_an_account_is_closed_or_before_it_is_opened(bank: SimulatedBank) -> None:
    rows = bank.table("transactions").join(bank.table("accounts"), on="account_id")
    assert rows.filter(pl.col("booked_on") > pl.col("closed_on")).height == 0
    assert rows.filter(pl.col("booked_on") < pl.col("opened_on")).height == 0


def test_no_one_is_served_before_joining_or_after_leaving(bank: SimulatedBank) -> None:
    events = bank.table("service_events").join(bank.table("customers"), on="customer_id")
    assert events.filter(pl.col("occurred_on") < pl.col("joined_on")).height == 0
    assert events.filter(pl.col("occurred_on") > pl.col("left_on")).height == 0


def test_the_life_events_of_the_page_all_happen(bank: SimulatedBank) -> None:
    events = set(bank.truth("truth_events")["event"])
    assert events >= {
        "marriage",
        "child",
        "home_purchase",
        "inheritance",
        "retirement",
        "divorce",
        "migration",
        "death",
        "job_lost",
        "new_employer",
        "employer_left_bank",
        "to_main_here",
        "to_elsewhere",
    }


def test_an_employer_that_leaves_takes_its_salaries_with_it(bank: SimulatedBank) -> None:
    hit = bank.truth("truth_events").filter(pl.col("event") == "employer_left_bank")
    # another leaves three months before the end
    hit = hit.filter(pl.col("month") <= date(2025, 2, 1))
    month = hit["month"][0]
    salary = bank.booked().filter(
        (pl.col("kind") == "salary") & pl.col("customer_id").is_in(hit["customer_id"].to_list())
    )
    before = salary.filter(pl.col("booked_on").is_between(date(2024, 9, 1), date(2024, 11, 30))).height
    after = salary.filter(pl.col("booked_on").is_between(date(2025, 4, 1), date(2025, 6, 30))).height
    assert month == date(2025, 1, 1)
    assert before > 3 * max(after, 1)
