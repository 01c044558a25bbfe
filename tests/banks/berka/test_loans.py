"""Loans are accounts of their own, rebuilt from terms and the payments that were seen."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from segment.banks.berka.loans import closing_days, loan_balances, loan_postings, own_payments
from segment.policy import load_policy
from tests.banks.berka.bank import day


def loans(granted: str = "1993-02-10", instalments: int = 3) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "loan_id": ["10"],
            "account_id": ["1"],
            "date": [day(granted)],
            "amount": [instalments * 1200_00],
            "duration": [instalments],
            "payments": [1200_00],
        }
    )


def paid(*days: str, cents: int = -1200_30) -> pl.DataFrame:
    rows = [(f"t{at}", "1", day(on), cents, "loan_payment") for at, on in enumerate(days)]
    return pl.DataFrame(
        rows,
        schema={
            "transaction_id": pl.String,
            "account_id": pl.String,
            "day": pl.Date,
            "cents": pl.Int64,
            "kind": pl.String,
        },
        orient="row",
    )


def months(loan: pl.DataFrame, posted: pl.DataFrame, until: str) -> pl.DataFrame:
    payments = own_payments(posted, loan)
    observed = pl.DataFrame({"account_id": ["1"], "observed_until": [day(until)]})
    return loan_balances(closing_days(loan, payments), payments, observed, 0.14)


def test_the_debt_falls_by_one_instalment_a_payment_to_exactly_zero() -> None:
    found = months(loans(), paid("1993-02-12", "1993-03-12", "1993-04-12"), "1993-06-30")
    assert found["closing_balance"].to_list() == [-2400.0, -1200.0, 0.0]
    assert found["average_balance"][0] == -(2 * 3600 + 17 * 2400) / 28
    assert set(found["interest_rate_annual"]) == {0.14}


def test_a_loan_closes_on_the_day_of_its_last_instalment() -> None:
    posted = own_payments(paid("1993-02-12", "1993-03-12", "1993-04-12"), loans())
    assert closing_days(loans(), posted)["closed_on"].to_list() == [day("1993-04-12")]
    assert closing_days(loans(), posted.head(2))["closed_on"].to_list() == [None]


def test_days_past_due_count_from_the_oldest_unpaid_instalment() -> None:
    found = months(loans(), paid("1993-03-12"), "1993-04-30")
    assert found["days_past_due"].to_list() == [16, 19, 18 + 31]


def test_an_instalment_falls_due_only_after_the_loan_was_granted() -> None:
    found = months(loans("1993-02-15"), paid("1993-03-12"), "1993-03-31")
    assert found["days_past_due"].to_list() == [0, 0]


def test_only_payments_of_the_instalments_amount_after_the_granting_are_the_loans_own() -> None:
    assert own_payments(paid("1993-02-12", cents=-900_00), loans()).is_empty()
    assert own_payments(paid("1993-02-09"), loans()).is_empty()


def test_a_loan_takes_no_more_payments_than_it_has_instalments() -> None:
    assert len(own_payments(paid("1993-02-12", "1993-03-12"), loans(instalments=1))) == 1


def test_derived_postings_say_what_they_come_from() -> None:
    derived = loan_postings(loans(), own_payments(paid("1993-02-12"), loans()))
    assert derived.select("transaction_id", "account_id", "cents", "kind").rows() == [
        ("l10-granted", "l10", -3600_00, "loan_disbursement"),
        ("t0-loan", "l10", 1200_00, "loan_payment"),
    ]


def test_an_account_not_observed_after_the_granting_gives_its_loan_no_balance() -> None:
    assert months(loans(), paid(), "1993-02-09").is_empty()


def test_the_policy_assumes_one_rate_for_imported_loans_and_for_the_product() -> None:
    policy = load_policy(Path(__file__).parents[3] / "models" / "berka.toml")
    lent = policy.products["consumer_loan"].debt
    assert policy.assumptions is not None
    assert lent is not None
    assert lent.rate_annual == policy.assumptions.imported_loan_rate_annual
