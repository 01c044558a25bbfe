from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from segment.banks.simulator.record_tables import ids
from tests.banks.simulator.conftest import LAST_DAY, SimulatedBank


def test_birth_dates_fit_what_people_do(bank: SimulatedBank) -> None:
    customers = bank.table("customers")
    age = (pl.lit(LAST_DAY) - pl.col("birth_date")).dt.total_days() / 365.25
    ages = customers.with_columns(age=age).group_by("occupation").agg(pl.col("age").median(), low=pl.col("age").min())
    by_occupation = {row["occupation"]: row for row in ages.iter_rows(named=True)}
    assert (
        by_occupation["student"]["age"] < 30 < by_occupation["worker"]["age"] < 55 < by_occupation["pensioner"]["low"]
    )
    joined_at = (pl.col("joined_on") - pl.col("birth_date")).dt.total_days() / 365.25
    assert customers.select(joined_at.min()).item() > 14


def test_three_in_four_people_work(bank: SimulatedBank) -> None:
    shares = bank.table("customers")["occupation"].value_counts(normalize=True)
    by_occupation = dict(zip(shares["occupation"], shares["proportion"], strict=True))
    assert abs(by_occupation["worker"] - 0.72) < 0.05
    assert abs(by_occupation["pensioner"] - 0.14) < 0.04


def test_the_survey_asks_about_four_in_a_hundred_and_is_wrong_in_seven(bank: SimulatedBank) -> None:
    labels = bank.table("main_bank_labels").with_columns(month=pl.col("observed_on").dt.truncate("1mo"))
    truth = bank.truth().select("customer_id", "month", "state")
    asked = labels.join(truth, on=["customer_id", "month"])
    assert 0.025 < labels.height / 2 / (truth.height / 24) < 0.06
    sure = asked.filter(pl.col("state").is_in(["main_here", "elsewhere"]))
    wrong = (sure["main_bank_here"] != (sure["state"] == "main_here")).mean()
    assert 0.02 < wrong < 0.15
    assert labels.filter(pl.col("wallet_elsewhere_12m").is_null()).height > 0


def test_the_survey_misses_dormant_customers(bank: SimulatedBank) -> None:
    labels = bank.table("main_bank_labels")["customer_id"].to_list()
    dormant = bank.truth().filter(pl.col("month") == date(2025, 12, 1)).with_columns(pl.col("state") == "dormant")
    asked = (
        dormant.with_columns(asked=pl.col("customer_id").is_in(labels)).group_by("state").agg(pl.col("asked").mean())
    )
    by_dormant = dict(zip(asked["state"], asked["asked"], strict=True))
    assert by_dormant[True] < 0.5 * by_dormant[False]


def test_every_contact_rule_but_the_rarest_occurs_and_none_starts_in_the_future(bank: SimulatedBank) -> None:
    rules = bank.table("contact_rules")
    assert set(rules["rule"]) >= {
        "no_consent",
        "opt_out",
        "complaint",
        "vulnerable",
        "deceased",
        "basic_account",
        "fee_exempt",
        "recently_contacted",
    }
    assert rules["starts_on"].max() <= LAST_DAY


def test_outlets_serve_about_three_hundred_customers_and_there_are_at_least_four(bank: SimulatedBank) -> None:
    assert bank.table("branches").height == 2_000 // 300
    assert bank.table("relationship_managers")["branch_id"].n_unique() == bank.table("branches").height
    assert bank.table("suppression_sources")["refreshed_on"].unique().to_list() == [LAST_DAY]


def test_a_hidden_attribute_goes_with_digital_preference_and_stands_in_no_table(bank: SimulatedBank) -> None:
    people = bank.truth("truth_customers").with_columns(pl.col("hidden_group").cast(pl.Float64))
    assert 0.2 < people.select(pl.corr("hidden_group", "digital")).item() < 0.4
    assert "hidden_group" not in bank.table("customers").columns


def test_ids_have_equal_length() -> None:
    assert ids("C", np.array([1, 22]), 3).to_list() == ["C001", "C022"]
