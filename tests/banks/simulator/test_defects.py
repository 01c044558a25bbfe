from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.banks.simulator import DEFECTS, simulate_bank
from segment.exceptions import UsageError
from tests.banks.simulator.conftest import SimulatedBank

Simulate = Callable[..., SimulatedBank]


def test_without_defects_nothing_is_spoilt_and_nothing_logged(clean_bank: SimulatedBank) -> None:
    assert clean_bank.truth("truth_defects").height == 0
    assert clean_bank.table("transactions")["transaction_id"].is_unique().all()


def test_by_default_three_in_twenty_counterparty_banks_are_missing(bank: SimulatedBank) -> None:
    log = bank.truth("truth_defects")
    assert set(log["defect"]) == {"missing_counterparty"}
    known = bank.table("transactions")["counterparty_bank"].is_not_null().sum()
    assert 0.13 < log.height / (known + log.height) < 0.17
    spoilt = bank.table("transactions").filter(pl.col("transaction_id").is_in(log["key"].to_list()))
    assert spoilt["counterparty_bank"].is_null().all()


@pytest.mark.parametrize("name", DEFECTS)
def test_each_defect_is_logged_with_what_was_true(simulate: Simulate, name: str) -> None:
    log = simulate(name, customers=600, months=3).truth("truth_defects")
    assert set(log["defect"]) == {name}
    assert log["key"].null_count() == log["truth"].null_count() == 0


def test_a_defect_spoils_nothing_but_its_own_rows(simulate: Simulate, clean_bank: SimulatedBank) -> None:
    late = simulate("late_postings")
    keys = late.truth("truth_defects")["key"].to_list()
    clean, spoilt = (b.table("transactions") for b in (clean_bank, late))
    untouched = ~pl.col("transaction_id").is_in(keys)
    assert clean.filter(untouched).equals(spoilt.filter(untouched))
    delay = (spoilt.filter(~untouched)["booked_on"] - clean.filter(~untouched)["booked_on"]).dt.total_days()
    assert delay.min() >= 3
    assert delay.max() <= 20


def test_duplicates_repeat_a_key_and_reversals_cancel_out(simulate: Simulate, clean_bank: SimulatedBank) -> None:
    twice = simulate("duplicates")
    keys = twice.truth("truth_defects")["key"]
    repeated = twice.table("transactions").filter(pl.col("transaction_id").is_duplicated())
    assert repeated.height == 2 * len(keys)
    reversed_bank = simulate("reversals").table("transactions")["amount"]
    clean = clean_bank.table("transactions")["amount"]
    assert len(reversed_bank) > len(clean)
    assert abs(reversed_bank.sum() - clean.sum()) < 1e-3


def test_spoilt_shares_no_longer_add_up(simulate: Simulate) -> None:
    spoilt = simulate("share_sums", customers=600)
    sums = spoilt.table("holdings").group_by("account_id").agg(pl.col("share").sum())
    wrong = sums.filter((pl.col("share") - 1).abs() > 1e-9)["account_id"]
    assert sorted(wrong) == sorted(spoilt.truth("truth_defects")["key"])


def test_an_unknown_defect_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Got typos"):
        simulate_bank(tmp_path, 50, 1, 1, defects=["typos"])
