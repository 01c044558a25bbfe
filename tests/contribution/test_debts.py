"""Debts month by month: entry, cure, write-off, and the loss that is booked once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from segment.contribution import debts_of_month
from segment.contribution.debts import DEBTS, LOSS_LINES
from segment.dates import month_end, next_month
from segment.policy import Policy, load_policy
from tests.contribution.plain import Debt, debt_month
from tests.contribution.small_bank import JUNE, RETAIL, account_row, collected, lazy, on_polars, policy, table

NONE = pl.DataFrame(schema=DEBTS)
CARD = {"account_id": "A", "product": "credit_card"}  # PD 2.4 %, LGD 0.5
Month = tuple[float, int | None] | None
"""Debt, days past due; None: no balance row."""


def months(
    *of: Month, account: Mapping[str, Any] = CARD, by: Policy | None = None, begins: bool = False
) -> list[dict[str, Any]]:
    """Rows of one account's debt from June 2025 on; an empty one where nothing is left to say."""
    debts, rows = (None if begins else NONE), []
    for later, month in enumerate(of):
        first = next_month(JUNE, later)
        balance = () if month is None else ({"average_balance": -month[0], "closing_balance": -month[0],
                                             "days_past_due": month[1], "month": first},)  # fmt: skip
        accounts = table("accounts", dict(account))
        closed = pl.when(pl.col("closed_on") <= month_end(first)).then(pl.col("closed_on"))
        debts = debts_of_month(
            debts, accounts.with_columns(closed_on=closed), table("balances", *balance), by or policy(), first
        )
        rows.append(debts.row(0, named=True) if debts.height else dict.fromkeys(DEBTS, 0) | {"account_id": "A"})
    return rows


def figures(rows: Sequence[Mapping[str, Any]], name: str) -> list[float]:
    return [row[name] for row in rows]


def test_the_loss_of_a_debt_in_default_is_booked_once() -> None:
    rows = months((1_000.0, 0), *[(1_000.0, 95 + 30 * later) for later in range(24)])
    # 2.4 % / 12 * 0.5 * 1,000 = 1; 0.5 * 1,000 less that; then nothing
    assert figures(rows, "expected_loss") == [1.0, 499.0, *[0.0] * 23]


def test_interest_that_is_added_to_a_debt_in_default_raises_no_loss() -> None:
    rows = months((1_000.0, 95), (1_100.0, 125), (1_200.0, 155))
    assert figures(rows, "expected_loss") == [500.0, 0.0, 0.0]


@pytest.mark.parametrize(("late", "level"), [(None, 0), (7, 0), (8, 1), (29, 1), (30, 2), (89, 2), (90, 3), (400, 3)])
def test_a_debt_enters_each_level_on_exactly_the_policy_s_day(late: int | None, level: int) -> None:
    (row,) = months((1_000.0, late))
    assert row["arrears_level"] == level


def test_a_debt_that_is_not_material_is_in_no_default() -> None:
    by = policy(risk={"default_days_past_due": 90, "material_debt": 100.0})
    assert [months((owed, 95), by=by)[0]["arrears_level"] for owed in (99.99, 100.0)] == [2, 3]


def test_nobody_leaves_arrears_on_the_day_of_the_payment_but_after_six_months_kept() -> None:
    rows = months((1_000.0, 45), *[(1_000.0, 0)] * 8)
    # July pays; August to January keep
    assert figures(rows, "arrears_level") == [2, 2, 2, 2, 2, 2, 2, 0, 0]


def test_one_late_month_begins_the_cure_anew_and_a_technical_delay_does_not() -> None:
    rows = months((1_000.0, 45), *[(1_000.0, 0)] * 5, (1_000.0, 8), *[(1_000.0, 7)] * 7)
    assert figures(rows, "arrears_level") == [2] * 13 + [0]


def test_a_cured_default_gives_back_what_was_booked() -> None:
    rows = months((1_000.0, 95), *[(1_000.0, 0)] * 7)
    assert figures(rows, "arrears_level") == [3] * 7 + [0]
    assert figures(rows, "recoveries") == [0.0] * 7 + [500.0]
    assert rows[-1]["expected_loss"] == 1.0


def test_a_part_that_is_paid_back_gives_back_its_part_of_the_loss() -> None:
    rows = months((1_000.0, 95), (600.0, 125), (700.0, 155))
    assert figures(rows, "recoveries") == [0.0, 200.0, 0.0]
    assert figures(rows, "booked_loss") == [500.0, 300.0, 300.0]


def test_a_debt_whose_account_is_closed_unpaid_is_written_off() -> None:
    closed = CARD | {"closed_on": dt.date(2025, 7, 20)}
    for last in ((1_000.0, 125), None):
        rows = months((1_000.0, 95), last, None, None, account=closed)
        assert figures(rows, "expected_loss") == [500.0, -500.0, 0.0, 0.0]
        assert figures(rows, "write_offs") == [0.0, 500.0, 0.0, 0.0]
        assert figures(rows, "arrears_level") == [3, 3, 3, 3]
        assert figures(rows, "months_written_off") == [None, 0, 1, 2]


def test_a_debt_that_is_paid_off_is_no_write_off() -> None:
    closed = CARD | {"closed_on": dt.date(2025, 7, 20)}
    rows = months((1_000.0, 95), (0.0, 0), *[None] * 6, account=closed)
    assert figures(rows, "write_offs") == [0.0] * 8
    assert sum(figures(rows, "recoveries")) == 500.0
    assert figures(rows, "arrears_level") == [3] * 7 + [0]


def test_a_policy_may_set_the_day_of_the_write_off() -> None:
    by = policy(risk={"default_days_past_due": 90, "write_off_days_past_due": {"credit_card": 180}})
    rows = months((1_000.0, 95), (1_000.0, 179), (1_000.0, 180), (1_000.0, 210), by=by)
    assert figures(rows, "write_offs") == [0.0, 0.0, 500.0, 0.0]
    assert figures(rows, "expected_loss") == [500.0, 0.0, -500.0, 0.0]


def test_a_write_off_ends_in_the_end_and_books_nothing_again() -> None:
    by = policy(risk={"default_days_past_due": 90, "written_off_months": 2})
    rows = months((1_000.0, 95), (0.0, 125), *[(0.0, 155)] * 4, by=by)
    assert figures(rows, "arrears_level") == [3, 3, 3, 3, 0, 0]
    assert sum(figures(rows, "expected_loss")) + sum(figures(rows, "write_offs")) == 500.0


@pytest.mark.parametrize(("late", "booked"), [(119, 500.0), (120, 0.0)])
def test_a_default_from_before_the_ledger_was_booked_then(late: int, booked: float) -> None:
    rows = months((1_000.0, late), (1_000.0, late + 30), begins=True)
    assert figures(rows, "expected_loss") == [booked, 0.0]
    assert figures(rows, "booked_loss") == [500.0, 500.0]


def test_what_is_paid_after_a_write_off_is_recovered_by_its_share_and_the_debt_is_off_the_books() -> None:
    rows = months((1_000.0, 95), (0.0, 125), (1_000.0, 155))
    debts = on_polars(pl.DataFrame([rows[-1]], schema=DEBTS))
    frame = account_lines_of(debts, [{"kind": "loan_payment", "amount": 400.0}, {"kind": "fee_refund", "amount": 9.0}])
    assert frame["recoveries"] == 200.0
    assert (frame["expected_loss"], frame["capital_cost"], frame["net_interest"]) == (0.0, 0.0, 0.0)


def account_lines_of(debts: Any, transactions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    from segment.contribution import account_lines

    frame = account_lines(
        lazy("accounts", CARD),
        lazy("balances", {"average_balance": -1_000.0}),
        lazy("transactions", *transactions),
        lazy("branches", {}),
        policy(),
        next_month(JUNE, 2),
        debts,
    )
    return collected(frame, "account_id").row(0, named=True)


def test_without_debts_every_account_is_kept_well() -> None:
    row = account_row(CARD, {"average_balance": -1_000.0, "days_past_due": 200})
    assert [row[name] for name in LOSS_LINES] == [1.0, 0.0, 0.0]


def test_only_a_debt_can_be_written_off() -> None:
    with pytest.raises(ValueError, match="must have a debt side; found without one: wealth"):
        policy(risk={"default_days_past_due": 90, "write_off_days_past_due": {"wealth": 180}})


def test_days_past_due_must_ascend() -> None:
    with pytest.raises(ValueError, match="days past due must ascend"):
        policy(risk={"arrears_days_past_due": 91, "default_days_past_due": 90})
    assert load_policy(RETAIL).risk.cure_months == 6


LONG = 40
Story = tuple[dict[str, Any], list[Month]]


def story(draw: np.random.Generator, name: str) -> Story:
    """Some years of one debt: it is late, catches up, pays back, has gaps, and may end unpaid."""
    late, owed = 0, float(draw.integers(1, 100)) * 100
    of: list[Month] = []
    for _ in range(LONG):
        late = 0 if draw.random() < 0.15 else int(draw.integers(0, 9)) if draw.random() < 0.3 else late + 30
        owed = round(owed * float(draw.choice([1.0, 1.01, 0.6])), 2) if draw.random() < 0.3 else owed
        owed = 0.0 if draw.random() < 0.02 else owed
        of.append(None if draw.random() < 0.05 else (owed, late or None))
    ends = next_month(JUNE, int(draw.integers(1, 2 * LONG)))
    return CARD | {"account_id": name, "closed_on": ends if draw.random() < 0.7 else None}, of


def told(stories: Sequence[Story], by: Policy, *, begins: bool) -> list[dict[str, dict[str, Any]]]:
    """What each month says of each debt, of all of them at once."""
    accounts, debts = table("accounts", *(account for account, _ in stories)), None if begins else NONE
    said = []
    for later in range(LONG):
        first = next_month(JUNE, later)
        rows = [
            {"account_id": account["account_id"], "average_balance": -month[0], "closing_balance": -month[0]}
            | {"days_past_due": month[1], "month": first}
            for account, of in stories
            if (month := of[later]) is not None
        ]
        closed = pl.when(pl.col("closed_on") <= month_end(first)).then(pl.col("closed_on"))
        debts = debts_of_month(debts, accounts.with_columns(closed_on=closed), table("balances", *rows), by, first)
        said.append({row["account_id"]: row for row in debts.to_dicts()})
    return said


@pytest.mark.parametrize(("seed", "begins"), [(0, False), (1, True)])
def test_every_month_of_a_debt_is_the_page_s_recomputed_in_plain_python(seed: int, begins: bool) -> None:
    draw = np.random.default_rng(seed)
    stories = [story(draw, f"a{number}") for number in range(200)]
    by = policy(risk={"default_days_past_due": 90, "material_debt": 150.0, "cure_months": 3, "written_off_months": 5})
    months_told, seen = told(stories, by, begins=begins), set()
    for account, of in stories:
        was: Debt | None = None
        for later, month in enumerate(of):
            balance = month and {"average_balance": -month[0], "closing_balance": -month[0], "days_past_due": month[1]}
            start = begins and later == 0
            was, lines = debt_month(by, was, account, balance, next_month(JUNE, later), ledger_begins=start)
            row = months_told[later].get(account["account_id"], dict.fromkeys(DEBTS, 0))
            assert row["arrears_level"] == was.level
            for name in LOSS_LINES:
                assert row[name] == pytest.approx(lines.get(name, 0.0), abs=1e-5), (later, name)
            seen |= {name for name in LOSS_LINES if row[name]} | {was.level, "off" if was.off else "on"}
    # the stories tell of everything
    assert seen >= {*LOSS_LINES, 0, 1, 2, 3, "off"}


def test_no_debt_ever_bears_more_than_the_loss_given_default_of_what_was_owed() -> None:
    draw = np.random.default_rng(2)
    stories = [story(draw, f"a{number}") for number in range(200)]
    months_told = told(stories, policy(), begins=False)
    for account, of in stories:
        owed = borne = 0.0
        for later, month in enumerate(of):
            row = months_told[later].get(account["account_id"], dict.fromkeys(DEBTS, 0.0))
            owed = max(owed, month[0] if month else 0.0)
            borne += row["expected_loss"] + row["write_offs"] - row["recoveries"]
            assert borne <= 0.5 * owed + 1e-6
            assert row["booked_loss"] <= 0.5 * owed + 1e-6
            assert min(row["write_offs"], row["recoveries"]) >= 0.0
