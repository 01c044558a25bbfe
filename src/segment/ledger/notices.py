"""What a reader of the report should look at although it breaks no rule: one function per notice, each counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import polars as pl

from segment.ledger.check_report import Notice
from segment.ledger.parts import TableInput
from segment.ledger.vocabulary import OWNER_ROLES

Tables = Mapping[str, pl.DataFrame]


def transactions_before_opening(tables: Tables) -> int:
    """Count transactions booked before their account was opened."""
    booked = _with_life(tables, "transactions", "booked_on")
    return _count(booked, pl.col("booked_on") < pl.col("opened_on"))


def transactions_after_closing(tables: Tables) -> int:
    """Count transactions booked after their account was closed."""
    booked = _with_life(tables, "transactions", "booked_on")
    return _count(booked, pl.col("booked_on") > pl.col("closed_on"))


def balances_outside_account_life(tables: Tables) -> int:
    """Count balances of months before an account's opening or after its closing."""
    months = _with_life(tables, "balances", "month")
    opened, closed = pl.col("opened_on").dt.truncate("1mo"), pl.col("closed_on")
    return _count(months, (pl.col("month") < opened) | (pl.col("month") > closed))


def accounts_without_owner(tables: Tables) -> int:
    """Count accounts that no customer owns."""
    owned = tables["holdings"].filter(pl.col("role").is_in(OWNER_ROLES))
    return tables["accounts"].join(owned, on="account_id", how="anti").height


def customers_without_account(tables: Tables) -> int:
    """Count customers who hold no account."""
    return tables["customers"].join(tables["holdings"], on="customer_id", how="anti").height


def months_without_transactions(tables: Tables) -> int:
    """Count months inside the range of transactions in which none was booked."""
    return missing_months(tables["transactions"]["booked_on"])


def months_without_balances(tables: Tables) -> int:
    """Count months inside the range of balances that have none."""
    return missing_months(tables["balances"]["month"])


def transactions_naming_no_bank(tables: Tables) -> int:
    """Count all transactions where none names the bank at the other end."""
    banks = tables["transactions"]["counterparty_bank"]
    return len(banks) if banks.null_count() == len(banks) else 0


_NOTICES: tuple[tuple[str, str, Callable[[Tables], int]], ...] = (
    ("transactions", "booked before their account was opened", transactions_before_opening),
    ("transactions", "booked after their account was closed", transactions_after_closing),
    ("transactions", "months without any, inside their range", months_without_transactions),
    (
        "transactions",
        "none names a counterparty bank: main banks elsewhere cannot be seen",
        transactions_naming_no_bank,
    ),
    ("balances", "of months before their account's opening or after its closing", balances_outside_account_life),
    ("balances", "months without any, inside their range", months_without_balances),
    ("accounts", "owned by no customer: what they bring is attributed to nobody", accounts_without_owner),
    ("customers", "hold no account", customers_without_account),
)


_KEPT_OUT = {
    "contact_rules": "whom they name is kept off lists and fees until they are mended",
    "campaign_outcomes": "whom they name is kept off lists and fees until they are mended",
    "suppression_sources": "no list or fee leaves until they are mended",
}


def take_notice(
    tables: Tables, quarantined: Mapping[str, int], counted: Mapping[str, int] | None = None
) -> tuple[Notice, ...]:
    """Look for everything that a reader of the report should know; `counted` holds what was counted by parts."""
    counts = counted or {}
    notices = [
        Notice(table, name, meaning, counts[name] if name in counts else count(tables))
        for table, meaning, count in _NOTICES
        for name in (count.__name__,)
    ]
    for table, meaning in _KEPT_OUT.items():
        notices.append(Notice(table, f"{table}_quarantined", f"quarantined: {meaning}", quarantined.get(table, 0)))
    return tuple(notice for notice in notices if notice.count)


def names_in_other_letters(inputs: Mapping[str, TableInput]) -> tuple[Notice, ...]:
    """Say of each table that was found under its name in other letters where it was read."""
    places = (
        (table, part.place.split("/")[0] or part.name) for table, source in inputs.items() for part in source.parts
    )
    files = Counter((table, place) for table, place in places if not place.startswith(table))
    return tuple(
        Notice(table, "name_in_other_letters", f"read from `{place}`", count)
        for (table, place), count in sorted(files.items())
    )


def missing_months(dates: pl.Series) -> int:
    """Count the months inside the range of some dates that have none of them."""
    months = dates.drop_nulls().dt.truncate("1mo").unique()
    if months.is_empty():
        return 0
    first, last = months.min(), months.max()
    return len(pl.date_range(first, last, "1mo", eager=True)) - len(months)  # type: ignore[arg-type]


def _with_life(tables: Tables, table: str, dated_by: str) -> pl.LazyFrame:
    life = tables["accounts"].lazy().select("account_id", "opened_on", "closed_on")
    return tables[table].lazy().select("account_id", dated_by).join(life, on="account_id")


def _count(rows: pl.LazyFrame, condition: pl.Expr) -> int:
    return int(rows.select(condition.sum()).collect().item() or 0)
