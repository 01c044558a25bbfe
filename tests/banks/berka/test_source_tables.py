"""Both forms of the source read alike, and every fault is named at once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from segment.banks.berka.source_tables import read_source, with_birth
from segment.exceptions import LedgerError
from tests.banks.berka.bank import ASC, SHARED, day, needs_shared, write_asc, write_parquet


def test_both_forms_read_alike(tmp_path: Path) -> None:
    original, parquet = read_source(write_asc(tmp_path / "a")), read_source(write_parquet(tmp_path / "p"))
    assert original.keys() == parquet.keys()
    for table, frame in original.items():
        assert_frame_equal(frame, parquet[table])


def test_days_are_of_the_twentieth_century_and_money_is_cents(tmp_path: Path) -> None:
    first = read_source(write_asc(tmp_path))["trans"].row(1, named=True)
    assert (first["date"], first["amount"], first["balance"]) == (day("1993-01-17"), 500050, 600050)


def test_blank_codes_are_null(tmp_path: Path) -> None:
    trans = read_source(write_asc(tmp_path))["trans"].filter(pl.col("trans_id") == "103")
    assert trans.select("k_symbol", "bank", "account").row(0) == (None, None, None)


@pytest.mark.parametrize(
    ("number", "born", "sex"),
    [("706213", "1970-12-13", "F"), ("450204", "1945-02-04", "M"), ("050901", "1905-09-01", "M")],
)
def test_a_womans_birth_number_has_fifty_added_to_the_month(number: str, born: str, sex: str) -> None:
    assert with_birth(pl.DataFrame({"birth_number": [number]})).row(0) == (day(born), sex)


@needs_shared
def test_birth_numbers_decode_to_the_published_birth_dates_and_sexes() -> None:
    client = pl.read_parquet(SHARED / "client.parquet")
    decoded = with_birth(client.select("birth_number"))
    assert_frame_equal(decoded, client.select(pl.col("birth_date").cast(pl.Date), pl.col("gender").alias("sex")))


def test_every_missing_table_and_column_is_listed_in_one_message(tmp_path: Path) -> None:
    write_asc(tmp_path, client='"client_id"\n1\n')
    (tmp_path / "loan.asc").unlink()
    (tmp_path / "trans.asc").unlink()
    with pytest.raises(LedgerError) as caught:
        read_source(tmp_path)
    message = str(caught.value)
    assert "3 faults" in message
    assert "table `loan` is missing" in message
    assert "table `trans` is missing" in message
    assert "`client.asc` lacks `district_id`, `birth_number`" in message
    assert "Hint:" in message


def test_a_folder_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="7 faults"):
        read_source(tmp_path / "nowhere")


def changed(table: str, old: str, new: str) -> dict[str, str]:
    assert old in ASC[table]
    return {table: ASC[table].replace(old, new)}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (changed("trans", "930117", "931399"), "`date` must be a day .*1 of 9 rows"),
        (changed("trans", "5000.50", "much"), "`amount` must be an amount.*1 of 9 rows"),
        (changed("trans", "VYBER KARTOU", "SEKEM"), r"operation SEKEM with k_symbol None has no meaning.*1 rows"),
        (changed("trans", '"PRIJEM";"VKLAD"', '"JINE";"VKLAD"'), "`type` must be one of PRIJEM"),
        (changed("trans", "109;1;", "109;7;"), "`account_id` must be found in `account`. 1 rows"),
        (changed("trans", "109;1;", "108;1;"), "`trans_id` must name one posting. 1 ids"),
        (changed("trans", ASC["trans"].split("\n", 1)[1], ""), "must hold postings"),
        (changed("disp", "DISPONENT", "SPRAVCE"), "`type` must be one of OWNER"),
        (changed("client", "706213", "706913"), "`birth_number` must be YYMMDD.*1 rows"),
        (changed("loan", "2400;2", "2500;2"), "`amount` must be `payments` times `duration`. 1 rows"),
        (changed("account", "1;2;", "1;9;"), "`district_id` must be found in `district`. 1 rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_read_is_named_by_column_and_count(tmp_path: Path, change: dict[str, str], fault: str) -> None:
    with pytest.raises(LedgerError, match=fault):
        read_source(write_asc(tmp_path, **change))


def test_a_file_that_is_no_table_is_named(tmp_path: Path) -> None:
    write_parquet(tmp_path / "p").joinpath("loan.parquet").write_bytes(b"not Parquet")
    with pytest.raises(LedgerError, match=r"`loan\.parquet` cannot be read"):
        read_source(tmp_path / "p")


def test_a_womans_month_of_birth_has_50_added() -> None:
    assert with_birth(pl.DataFrame({"birth_number": ["706213", "450204"]})).rows() == [
        (dt.date(1970, 12, 13), "F"),
        (dt.date(1945, 2, 4), "M"),
    ]
