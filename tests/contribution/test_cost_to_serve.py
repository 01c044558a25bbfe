from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import narwhals as nw
import polars as pl
import pytest

from segment.contribution import person_lines
from segment.contribution.cost_to_serve import (
    MANUAL_EVENTS,
    account_cost,
    complaints_of_month,
    counter_minutes,
    is_manual,
    service_event_cost,
    transaction_cost,
)
from segment.policy import load_policy
from tests.contribution.small_bank import JUNE, account_row, collected, lazy, policy


def person(events: list[Mapping[str, Any]], rules: list[Mapping[str, Any]] | None = None) -> dict[str, dict[str, Any]]:
    """Lines of persons by customer in June."""
    frame = person_lines(lazy("service_events", *events), lazy("contact_rules", *(rules or [])), policy(), JUNE)
    return {row["customer_id"]: row for row in collected(frame, "customer_id").to_dicts()}


def test_transactions_cost_their_channel_s_unit() -> None:
    # 10 + 1.5 + 0.1 + 0.2 + 0.3 + 6 + 0.02 = 18.12
    channels = ["counter", "atm", "pos", "mobile", "online", "phone", "automatic"]
    rows = [{"channel": channel, "amount": -1.0} for channel in channels]
    assert account_row({}, transactions=rows)["transaction_cost"] == pytest.approx(18.12)


@pytest.mark.parametrize(
    ("kind", "channel", "bank", "cost"),
    [
        ("cash_withdrawal", "atm", "other", 3.5),
        ("cash_withdrawal", "atm", None, 1.5),
        ("cash_deposit", "atm", "other", 1.5),
        ("cash_withdrawal", "counter", "other", 10.0),
    ],
)
def test_only_cash_from_another_bank_s_machine_costs_its_price(
    kind: str, channel: str, bank: str | None, cost: float
) -> None:
    row = {"kind": kind, "channel": channel, "counterparty_bank": bank, "amount": -50.0}
    assert account_row({}, transactions=[row])["transaction_cost"] == pytest.approx(cost)


def test_service_events_cost_their_channel_and_only_an_adviser_s_minutes() -> None:
    # counter 10, phone 6 whatever its minutes, adviser 5 + 20 * 2 = 45, adviser without minutes 5 + 30 * 2 = 65
    events = [("counter", None), ("phone", 99.0), ("adviser", 20.0), ("adviser", None)]
    rows = person([{"channel": channel, "minutes": minutes} for channel, minutes in events])
    assert rows["x"]["service_event_cost"] == pytest.approx(126.0)


def test_a_complaint_costs_in_the_month_it_began_and_in_no_other() -> None:
    days = [dt.date(2025, 5, 31), dt.date(2025, 6, 1), dt.date(2025, 6, 30), dt.date(2025, 7, 1)]
    rules = [{"starts_on": day} for day in days] + [{"rule": "opt_out"}]
    assert person([], rules)["x"]["complaint_cost"] == pytest.approx(200.0)


def test_head_office_is_charged_by_manual_event() -> None:
    # three of the five events are a person's work: 3 * 0.5
    channels = ["counter", "phone", "adviser", "mobile", "atm"]
    assert person([{"channel": channel} for channel in channels])["x"]["overhead_cost"] == pytest.approx(1.5)


def test_an_open_account_bears_its_fixed_cost_and_head_office() -> None:
    # overhead 1 for the account, 2 * 0.5 for a counter and a phone transaction
    rows = [{"channel": channel, "amount": -1.0} for channel in ("counter", "phone", "mobile")]
    row = account_row({"product": "mortgage"}, transactions=rows)
    assert (row["account_cost"], row["overhead_cost"]) == (10.0, 2.0)


def test_events_and_complaints_of_one_person_stand_in_one_row() -> None:
    rows = person([{"channel": "counter"}, {"channel": "counter", "customer_id": "y"}], [{}])
    assert sorted(rows) == ["x", "y"]
    assert (rows["x"]["service_event_cost"], rows["x"]["complaint_cost"]) == (10.0, 100.0)


def test_a_transaction_costs_what_its_channel_does() -> None:
    rows = {"channel": ["counter", "atm"], "kind": "cash_withdrawal", "counterparty_bank": [None, "0102"]}
    frame = nw.from_native(pl.LazyFrame(rows))
    assert frame.select(cost=transaction_cost(load_policy("models/retail.toml").costs)).collect()["cost"].to_list() == [
        10.0,
        3.5,
    ]


def test_minutes_of_an_adviser_alone_are_priced() -> None:
    frame = nw.from_native(pl.LazyFrame({"channel": ["phone", "adviser", "adviser"], "minutes": [9.0, 10.0, None]}))
    assert frame.select(cost=service_event_cost(load_policy("models/retail.toml").costs)).collect()[
        "cost"
    ].to_list() == [6.0, 20.0, 60.0]


def test_an_adviser_is_a_person_of_the_bank_and_an_app_is_not() -> None:
    frame = nw.from_native(pl.LazyFrame({"channel": ["adviser", "mobile"]}))
    assert frame.select(manual=is_manual(MANUAL_EVENTS)).collect()["manual"].to_list() == [1.0, 0.0]


def test_minutes_at_the_counter_are_those_recorded_or_those_of_the_policy() -> None:
    costs = load_policy("models/retail.toml").costs
    frame = nw.from_native(pl.LazyFrame({"channel": ["counter", "counter", "phone"], "minutes": [9.0, None, 9.0]}))
    assert frame.select(used=counter_minutes(costs, nw.col("minutes"))).collect()["used"].to_list() == [9.0, 6.0, 0.0]


def test_an_open_account_costs_what_its_product_does() -> None:
    frame = nw.from_native(pl.LazyFrame({"product": ["current", "mortgage"]}))
    assert frame.select(cost=account_cost(load_policy("models/retail.toml"))).collect()["cost"].to_list() == [3.0, 10.0]


def test_a_complaint_counts_in_the_month_it_began() -> None:
    rules = {"rule": ["complaint"] * 2, "starts_on": [dt.date(2025, 6, 30), dt.date(2025, 7, 1)]}
    began = complaints_of_month(nw.from_native(pl.LazyFrame(rules)), dt.date(2025, 6, 1), dt.date(2025, 7, 1))
    assert began.collect().rows() == [("complaint", dt.date(2025, 6, 30))]
