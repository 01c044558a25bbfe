from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from segment.banks.simulator import simulate_bank
from segment.banks.simulator.accounts import PRODUCTS
from segment.exceptions import UsageError
from segment.ledger import check_ledger, open_source
from segment.ledger.trial_ledger import trial_day
from tests.banks.simulator.conftest import SimulatedBank


def _files(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*.parquet"))}


def test_the_same_seed_gives_the_same_files_and_another_seed_others(simulate: Callable[..., SimulatedBank]) -> None:
    first, again, other = (simulate(seed=seed, customers=80, months=3) for seed in (1, 1, 2))
    assert _files(first.out) == _files(again.out)
    assert first.table("transactions").height != other.table("transactions").height


def test_a_simulated_ledger_passes_the_contract_without_a_bad_row(bank: SimulatedBank) -> None:
    ledger = check_ledger(bank.ledger, PRODUCTS, 0.0)
    assert ledger.quarantine == {}
    assert all(not table.extra_columns for table in ledger.report.tables)


def test_every_table_is_there_and_the_summary_counts_its_rows(bank: SimulatedBank) -> None:
    assert {path.name for path in bank.ledger.iterdir()} == {
        "trial.toml",
        *(f"{name}.parquet" for name in bank.summary.rows),
    }
    assert all(bank.table(name).height == rows > 0 for name, rows in bank.summary.rows.items())


def test_months_end_with_december_2025_by_default(bank: SimulatedBank) -> None:
    assert (bank.summary.first_month, bank.summary.last_day) == (date(2024, 1, 1), date(2025, 12, 31))
    booked = bank.table("transactions")["booked_on"]
    assert (booked.min(), booked.max()) == (date(2024, 1, 1), date(2025, 12, 31))
    with open_source(bank.ledger) as source:
        assert trial_day(source) == date(2025, 12, 31)


def test_transactions_come_by_day(bank: SimulatedBank) -> None:
    assert bank.table("transactions")["booked_on"].is_sorted()


def test_a_customer_month_has_eight_to_twenty_two_transactions_and_none_has_hundreds(bank: SimulatedBank) -> None:
    each = bank.booked().group_by("customer_id", pl.col("booked_on").dt.truncate("1mo")).len()
    assert 8 < each["len"].sum() / bank.truth().height < 22
    assert each["len"].max() < 250


def test_the_truth_lies_beside_the_ledger_and_never_in_it(bank: SimulatedBank) -> None:
    names = {path.name for path in bank.out.iterdir()}
    assert names == {
        "ledger",
        "truth.parquet",
        "truth_contribution.parquet",
        "truth_customers.parquet",
        "truth_events.parquet",
        "truth_defects.parquet",
    }
    columns = {column for path in bank.ledger.glob("*.parquet") for column in pl.read_parquet_schema(path)}
    assert not columns & {"leak_canary", "state", "wealth_total", "heaviness", "switched_on"}


def test_owners_shares_add_up_to_one_and_users_have_none(bank: SimulatedBank) -> None:
    holdings = bank.table("holdings")
    owners = holdings.filter(pl.col("role") != "authorised").group_by("account_id").agg(pl.col("share").sum(), pl.len())
    assert (owners["share"] - 1.0).abs().max() < 1e-9
    assert owners.height == bank.table("accounts").height
    assert (owners["len"] == 2).sum() > 20
    assert holdings.filter(pl.col("role") == "authorised")["share"].to_list().count(0.0) > 5


def test_customers_join_and_leave_in_every_year_and_some_are_new_at_the_end(bank: SimulatedBank) -> None:
    customers = bank.table("customers")
    joined = customers.filter(pl.col("joined_on") >= bank.summary.first_month)["joined_on"]
    left = customers["left_on"].drop_nulls()
    assert set(joined.dt.year()) == set(left.dt.year()) == {2024, 2025}
    assert (joined > date(2025, 10, 1)).sum() > 5
    assert bank.table("accounts")["opened_on"].max() > date(2025, 12, 1)


def test_an_unknown_setting_or_a_tiny_bank_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="`setting` must be known"):
        simulate_bank(tmp_path, 50, 1, 1, setting="rich")
    with pytest.raises(UsageError, match="at least 20 customers"):
        simulate_bank(tmp_path, 5, 1, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_ledger_that_was_not_simulated_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "customers.csv").write_text("customer_id\n1\n")
    with pytest.raises(UsageError, match="may only replace a simulated bank"):
        simulate_bank(tmp_path, 50, 1, 1)
    assert (tmp_path / "ledger" / "customers.csv").exists()


def test_a_simulation_that_fails_leaves_the_bank_before_it_untouched(tmp_path: Path) -> None:
    simulate_bank(tmp_path, 50, 2, 1)
    before = _files(tmp_path)

    def stop(done: int, months: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate_bank(tmp_path, 50, 2, 2, progress=stop)
    assert _files(tmp_path) == before
    assert {path.name for path in tmp_path.iterdir()} >= {"ledger", "truth.parquet"}


def test_progress_counts_the_months(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    simulate_bank(tmp_path, 40, 3, 1, progress=lambda done, months: seen.append((done, months)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
