"""The tiny bank becomes exactly this ledger."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal

from segment.banks.berka import import_berka
from segment.ledger.check import check_ledger
from tests.banks.berka.bank import ASC, LOAN_RATE, day, imported, write_asc, write_parquet

TRANSACTIONS = [
    ("t101", "a1", "1993-01-05", 1000.0, "cash_deposit", "counter", None),
    ("t102", "a1", "1993-01-17", 5000.5, "pension", "automatic", "AB"),
    ("t103", "a1", "1993-01-20", -100.0, "cash_withdrawal", "counter", None),
    ("t104", "a1", "1993-01-20", -500.0, "standing_order", "automatic", "YZ"),
    ("t105", "a1", "1993-01-31", 20.2, "interest_credit", "automatic", None),
    ("t106", "a1", "1993-01-31", -14.6, "fee", "automatic", None),
    ("l10-granted", "l10", "1993-02-10", -2400.0, "loan_disbursement", "automatic", None),
    ("t107", "a1", "1993-02-12", -1200.3, "loan_payment", "automatic", None),
    ("t107-loan", "l10", "1993-02-12", 1200.0, "loan_payment", "automatic", None),
    ("t108", "a1", "1993-03-12", -1200.3, "loan_payment", "automatic", None),
    ("t108-loan", "l10", "1993-03-12", 1200.0, "loan_payment", "automatic", None),
    ("t109", "a1", "1993-03-31", -400.0, "cash_withdrawal", "atm", None),
]
JANUARY = (12 * 1000 + 3 * 6000.5 + 11 * 5400.5 + 5406.1) / 31


def test_postings_become_transactions(tmp_path: Path) -> None:
    tables, _ = imported(write_asc(tmp_path / "source"), tmp_path / "ledger")
    assert tables["transactions"].rows() == [(*row[:2], day(row[2]), *row[3:]) for row in TRANSACTIONS]


def test_people_are_placed_where_their_account_is_kept(tmp_path: Path) -> None:
    tables, _ = imported(write_asc(tmp_path / "source"), tmp_path / "ledger")
    joined = day("1993-01-05")
    assert tables["customers"].rows() == [
        ("c1", "b2", joined, None, day("1970-12-13"), "F", "Prague"),
        ("c2", "b2", joined, None, day("1945-02-04"), "M", "central Bohemia"),
    ]
    assert tables["branches"].rows() == [
        ("b1", "Hl.m. Praha", "Prague"),
        ("b2", "Benesov", "central Bohemia"),
    ]


def test_a_disponent_has_no_share_and_no_part_in_a_loan(tmp_path: Path) -> None:
    tables, _ = imported(write_asc(tmp_path / "source"), tmp_path / "ledger")
    assert tables["holdings"].rows() == [
        ("a1", "c1", "owner", 1.0),
        ("a1", "c2", "authorised", 0.0),
        ("l10", "c1", "owner", 1.0),
    ]
    assert tables["accounts"].rows() == [
        ("a1", "current", "b2", day("1993-01-05"), None, day("1993-03-31")),
        ("l10", "consumer_loan", "b2", day("1993-02-10"), day("1993-03-12"), day("1993-03-31")),
    ]


def test_balances_are_rebuilt_from_the_running_balance(tmp_path: Path) -> None:
    tables, _ = imported(write_asc(tmp_path / "source"), tmp_path / "ledger")
    found = tables["balances"].drop("days_past_due").rows()
    assert found[0][:2] == ("a1", day("1993-01-01"))
    assert found[0][2] == pytest.approx(JANUARY, rel=1e-12)
    assert [row[3] for row in found] == [5406.1, 4185.6, 2585.3, -1200.0, 0.0]
    assert [row[4] for row in found] == [None, None, None, LOAN_RATE, LOAN_RATE]


def test_both_forms_of_the_source_give_the_same_ledger(tmp_path: Path) -> None:
    original, told = imported(write_asc(tmp_path / "a"), tmp_path / "one")
    parquet, told_too = imported(write_parquet(tmp_path / "p"), tmp_path / "two")
    assert told == told_too
    for table, frame in original.items():
        assert_frame_equal(frame, parquet[table])


def test_who_has_no_posting_is_left_out_and_counted(tmp_path: Path) -> None:
    _, summary = imported(write_asc(tmp_path / "source"), tmp_path / "ledger")
    assert summary.accounts_without_postings == 1
    assert summary.customers_without_postings == 1
    assert summary.loans_without_postings == 1
    assert "1 accounts, 1 customers and 1 loans without any posting" in str(summary)
    assert summary.to_dict()["parts"][0]["last_on"] == "1993-03-31"


def test_the_assumed_rate_is_said(tmp_path: Path) -> None:
    _, summary = imported(write_asc(tmp_path / "source"), tmp_path / "ledger")
    assert "Loan interest is not in the source. Assumed: 14.0% a year." in summary.lines()[-1]


def test_a_posting_in_two_files_counts_once(tmp_path: Path) -> None:
    source = write_asc(tmp_path / "source")
    (source / "trans_again.asc").write_text(ASC["trans"], encoding="ascii")
    tables, summary = imported(source, tmp_path / "ledger")
    assert summary.repeated_postings == 9
    assert len(tables["transactions"]) == len(TRANSACTIONS)


def test_a_posting_of_nothing_is_left_out_and_counted(tmp_path: Path) -> None:
    more = ASC["trans"] + '110;1;930331;"PRIJEM";"";0.00;2585.30;"UROK";"";\n'
    tables, summary = imported(write_asc(tmp_path / "source", trans=more), tmp_path / "ledger")
    assert summary.zero_postings == 1
    assert len(tables["transactions"]) == len(TRANSACTIONS)


def test_postings_without_an_id_get_one_that_does_not_depend_on_the_files_order(tmp_path: Path) -> None:
    header, *rows = ASC["trans"].replace("103;1;", ";1;").replace("104;1;", ";1;").splitlines()
    one, summary = imported(write_asc(tmp_path / "a", trans="\n".join([header, *rows])), tmp_path / "one")
    other, _ = imported(write_asc(tmp_path / "b", trans="\n".join([header, *rows[::-1]])), tmp_path / "two")
    assert summary.postings_without_id == 2
    assert {"u1-19930120-1", "u1-19930120-2"} < set(one["transactions"]["transaction_id"])
    assert_frame_equal(one["transactions"], other["transactions"])


def test_a_transfer_without_a_permanent_order_was_given_at_the_counter(tmp_path: Path) -> None:
    orders = ASC["order"].replace("87144583", "1")
    tables, _ = imported(write_asc(tmp_path / "source", order=orders), tmp_path / "ledger")
    assert tables["transactions"].row(3)[4:6] == ("transfer_out", "counter")


def test_a_payment_to_a_loan_elsewhere_keeps_the_other_banks_code(tmp_path: Path) -> None:
    loan = ASC["loan"].replace("2400;2;1200.00", "4800;2;2400.00")
    tables, _ = imported(write_asc(tmp_path / "source", loan=loan), tmp_path / "ledger")
    rows = tables["transactions"].rows()
    assert [row[6] for row in rows if row[4] == "loan_payment"] == ["ST", "ST"]


def test_a_file_cut_at_each_loan_says_nothing_of_the_time_after(tmp_path: Path) -> None:
    loan = ASC["loan"].replace("10;1;930210", "10;1;930415")
    tables, summary = imported(write_asc(tmp_path / "source", loan=loan), tmp_path / "ledger")
    assert summary.parts[0].cut_at_loan
    assert set(tables["accounts"]["observed_until"]) == {day("1993-04-14")}
    assert tables["balances"]["month"].max() == day("1993-03-01")
    assert summary.loans_unobserved == 1


def test_importing_twice_leaves_the_same_files_and_no_others(tmp_path: Path) -> None:
    source, out = write_asc(tmp_path / "source"), tmp_path / "ledger"
    before = {}
    for _ in range(2):
        import_berka(source, out, loan_rate_annual=LOAN_RATE)
        files = {path.name: path.read_bytes() for path in out.iterdir()}
        assert before in ({}, files)
        before = files
    assert sorted(before) == sorted(["trial.toml", *(f"{table}.parquet" for table in imported(source, out)[0])])


@pytest.mark.parametrize(("given", "then"), [(None, "day = 1993-03-31"), (day("1993-01-31"), "day = 1993-01-31")])
def test_the_ledger_is_one_to_try_things_on_and_says_which_day_it_is_there(
    tmp_path: Path, given: date | None, then: str
) -> None:
    source, out = write_asc(tmp_path / "source"), tmp_path / "ledger"
    import_berka(source, out, loan_rate_annual=LOAN_RATE, trial_day=given)
    assert then in (out / "trial.toml").read_text(encoding="utf-8")


def test_progress_counts_up_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    import_berka(
        write_asc(tmp_path / "source"),
        tmp_path / "ledger",
        loan_rate_annual=LOAN_RATE,
        progress=lambda _, done, total: told.append((done, total)),
    )
    assert told == [(done, 4) for done in range(5)]


def test_the_ledger_passes_the_check_without_a_bad_row(tmp_path: Path) -> None:
    imported(write_asc(tmp_path / "source"), tmp_path / "ledger")
    checked = check_ledger(tmp_path / "ledger", ("current", "consumer_loan"), 0.0)
    assert not any(len(rows) for rows in checked.quarantine.values())
