"""The folder of customer months."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import HistoryError, SegmentError
from segment.features import measures, months_written, write_customer_months
from segment.features.store import month_file
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
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    again = write_customer_months(tables, policy(), AS_OF, tmp_path)
    assert (again.built, again.kept) == ((), (APRIL, MAY, JUNE))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


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


def test_progress_is_told_month_by_month(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    write_customer_months(bookings("05-10"), policy(), AS_OF, tmp_path, progress=lambda *step: told.append(step))
    assert told == [("customer months", 1, 2), ("customer months", 2, 2)]


def test_a_moment_must_be_a_months_last_day(tmp_path: Path) -> None:
    with pytest.raises(SegmentError, match="last day. Got 2025-06-29 instead.\nHint: write 2025-06-30"):
        write_customer_months(bookings("06-10"), policy(), dt.date(2025, 6, 29), tmp_path)


def test_a_ledger_without_history_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="bookings or balances up to 2025-05-31. Found none"):
        write_customer_months(bookings("06-10"), policy(), dt.date(2025, 5, 31), tmp_path)


def test_months_that_were_never_built_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(HistoryError, match="run `segment extract` first"):
        months_written(tmp_path, AS_OF)
