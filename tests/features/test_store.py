"""The folder of customer months."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segment.exceptions import HistoryError, UsageError
from segment.features import measures, months_written, write_customer_months
from segment.features.slots import slot_of
from segment.features.store import debts_file, month_file, read_debts, scan_months
from tests.features.random_bank import random_bank
from tests.features.small_ledger import booking, ledger, policy

APRIL, MAY, JUNE = (dt.date(2025, month, 1) for month in (4, 5, 6))
AS_OF = dt.date(2025, 6, 30)


def bookings(*days: str) -> dict[str, pl.DataFrame]:
    return ledger(transactions=[booking(day, -1.0, "fee", transaction_id=day) for day in days])


def test_every_month_from_the_first_booking_to_the_moment_has_a_file(tmp_path: Path) -> None:
    written = write_customer_months(bookings("04-10", "06-10", "07-10"), policy(), AS_OF, tmp_path)
    assert written.built == (APRIL, MAY, JUNE)
    assert sorted(path.name for path in tmp_path.glob("*.parquet")) == [
        "2025-04.parquet",
        "2025-05.parquet",
        "2025-06.parquet",
    ]
    assert months_written(tmp_path, dt.date(2025, 5, 31)) == (APRIL, MAY)


def test_the_same_ledger_again_builds_nothing(tmp_path: Path) -> None:
    tables = bookings("04-10", "06-10")
    write_customer_months(tables, policy(), AS_OF, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    again = write_customer_months(tables, policy(), AS_OF, tmp_path)
    assert (again.built, again.unchanged) == ((), (APRIL, MAY, JUNE))
    assert {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("late", "rebuilt"), [("04-11", (APRIL,)), ("04-20", (APRIL, MAY)), ("06-30", (JUNE,)), ("07-01", ())]
)
def test_a_late_booking_rebuilds_the_months_that_see_it(
    tmp_path: Path, late: str, rebuilt: tuple[dt.date, ...]
) -> None:
    write_customer_months(bookings("04-10", "06-10"), policy(), AS_OF, tmp_path)
    assert write_customer_months(bookings("04-10", "06-10", late), policy(), AS_OF, tmp_path).built == rebuilt


def test_another_policy_rebuilds_every_month_and_another_name_none(tmp_path: Path) -> None:
    write_customer_months(bookings("06-10"), policy(), AS_OF, tmp_path)
    named, dearer = policy(), policy()
    named = named.model_copy(update={"version": "other"})
    dearer = dearer.model_copy(
        update={"fees": dearer.fees.model_copy(update={"vat_rate": dearer.fees.vat_rate + 0.01})}
    )
    assert write_customer_months(bookings("06-10"), named, AS_OF, tmp_path).built == ()
    assert write_customer_months(bookings("06-10"), dearer, AS_OF, tmp_path).built == (JUNE,)


def test_a_month_whose_file_is_gone_is_built_again(tmp_path: Path) -> None:
    write_customer_months(bookings("04-10"), policy(), AS_OF, tmp_path)
    month_file(tmp_path, MAY).unlink()
    assert write_customer_months(bookings("04-10"), policy(), AS_OF, tmp_path).built == (MAY,)


def test_the_order_of_rows_leaves_no_trace(tmp_path: Path) -> None:
    bank = random_bank(customers=30, months=2)
    shuffled = {name: frame.sample(fraction=1.0, shuffle=True, seed=2) for name, frame in bank.items()}
    for name, tables in (("one", bank), ("other", shuffled)):
        write_customer_months(tables, policy(), dt.date(2024, 2, 29), tmp_path / name)
    one, other = (pl.read_parquet(month_file(tmp_path / name, dt.date(2024, 2, 1))) for name in ("one", "other"))
    assert one.equals(other)


def test_duckdb_writes_the_same_figures(tmp_path: Path) -> None:
    bank = random_bank(customers=30, months=1)
    frames = []
    for engine in ("polars", "duckdb"):
        write_customer_months(bank, policy(), dt.date(2024, 1, 31), tmp_path / engine, engine=engine)
        frames.append(pl.read_parquet(month_file(tmp_path / engine, dt.date(2024, 1, 1))))
    difference = (frames[0].select(measures(policy())) - frames[1].select(measures(policy()))).fill_null(0.0)
    assert max(difference.select(pl.all().abs().max()).row(0)) < 1e-9


def test_months_of_an_older_ledger_are_cleared_away(tmp_path: Path) -> None:
    write_customer_months(bookings("04-10", "06-10"), policy(), AS_OF, tmp_path)
    write_customer_months(bookings("05-10"), policy(), AS_OF, tmp_path)
    assert months_written(tmp_path, AS_OF) == (MAY, JUNE)
    assert not month_file(tmp_path, APRIL).exists()


def loan(*late: int, first: int = 4, **customer: Any) -> dict[str, pl.DataFrame]:
    """A card from April on, by the days past due of its months."""
    rows = [
        {"account_id": "A", "month": dt.date(2025, first + later, 1), "average_balance": -1_000.0}
        | {"closing_balance": -1_000.0, "days_past_due": days}
        for later, days in enumerate(late)
    ]
    return ledger(accounts=[{"product": "credit_card"}], customers=[customer], balances=rows)


def losses(folder: Path, *months: dt.date) -> list[float]:
    return [pl.read_parquet(month_file(folder, month))["expected_loss"].sum() for month in months]


def test_the_loss_of_a_default_is_booked_in_one_month_and_the_customer_stays_in_default(tmp_path: Path) -> None:
    write_customer_months(loan(0, 95, 0), policy(), AS_OF, tmp_path)
    # 2.5 % / 12 * 0.7 * 1,000; 700 less that; nothing
    assert losses(tmp_path, APRIL, MAY, JUNE) == pytest.approx([1.458333, 698.541667, 0.0])
    levels = [pl.read_parquet(month_file(tmp_path, month))["arrears_level"][0] for month in (APRIL, MAY, JUNE)]
    assert levels == [0.0, 3.0, 3.0]


def test_a_corrected_balance_rebuilds_the_months_whose_debts_it_changes(tmp_path: Path) -> None:
    write_customer_months(loan(0, 95, 0), policy(), AS_OF, tmp_path / "as it was")
    assert write_customer_months(loan(0, 0, 0), policy(), AS_OF, tmp_path / "as it was").built == (MAY, JUNE)
    write_customer_months(loan(0, 0, 0), policy(), AS_OF, tmp_path / "at once")
    one, other = (pl.read_parquet(month_file(tmp_path / name, JUNE)) for name in ("as it was", "at once"))
    assert one.equals(other)


def test_no_month_knows_of_arrears_that_come_after_it(tmp_path: Path) -> None:
    for name, late in (("kept", (0, 0, 0)), ("late", (0, 0, 95))):
        write_customer_months(loan(*late), policy(), AS_OF, tmp_path / name)
    one, other = (pl.read_parquet(month_file(tmp_path / name, MAY)) for name in ("kept", "late"))
    assert one.equals(other)


def test_months_that_are_kept_no_longer_rebuild_none_of_the_rest(tmp_path: Path) -> None:
    tables = loan(0, 95, 95)
    write_customer_months(tables, policy(), AS_OF, tmp_path)
    written = write_customer_months(tables, policy(), AS_OF, tmp_path, first=MAY)
    assert (written.built, written.unchanged) == ((), (MAY, JUNE))
    left = sorted(path.name for path in tmp_path.rglob("*.parquet"))
    assert left == sorted(["2025-05.parquet", "2025-06.parquet"] * 2)


def test_an_account_that_is_left_out_of_the_files_changes_nobody_s_later_months(tmp_path: Path) -> None:
    tables = loan(0, 95, 95)
    write_customer_months(tables, policy(), AS_OF, tmp_path)
    debts_file(tmp_path, MAY).write_bytes(debts_file(tmp_path, APRIL).read_bytes())
    assert write_customer_months(tables, policy(), AS_OF, tmp_path).built == ()
    write_customer_months(tables, policy(), AS_OF, tmp_path / "new", keep=lambda rows: rows.clear())
    assert read_debts(tmp_path / "new", JUNE) is not None
    assert pl.read_parquet(debts_file(tmp_path / "new", JUNE)).is_empty()


def test_a_month_of_an_earlier_release_is_read_with_zeros_for_the_lines_it_did_not_know(tmp_path: Path) -> None:
    write_customer_months(loan(0, 95), policy(), AS_OF, tmp_path)
    old = pl.read_parquet(month_file(tmp_path, APRIL)).drop("write_offs", "recoveries")
    old.write_parquet(tmp_path / "old.parquet")
    rows = scan_months([tmp_path / "old.parquet", month_file(tmp_path, MAY)]).collect()
    assert rows.select("write_offs", "recoveries").sum().row(0) == (0.0, 0.0)


def test_progress_is_told_month_by_month(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    write_customer_months(bookings("05-10"), policy(), AS_OF, tmp_path, progress=lambda *step: told.append(step))
    assert told == [("customer months", 1, 2), ("customer months", 2, 2)]


def test_a_moment_must_be_a_months_last_day(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="last day. Got 2025-06-29 instead.\nHint: write 2025-06-30"):
        write_customer_months(bookings("06-10"), policy(), dt.date(2025, 6, 29), tmp_path)


def test_a_ledger_without_history_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="bookings or balances up to 2025-05-31. Found none"):
        write_customer_months(bookings("06-10"), policy(), dt.date(2025, 5, 31), tmp_path)


def test_months_that_were_never_built_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="run `extract` first"):
        months_written(tmp_path, AS_OF)


def test_a_customer_keeps_the_slot() -> None:
    assert slot_of(pl.Series(["c1", "c2"])).to_list() == slot_of(pl.Series(["c1", "c2"])).to_list()
