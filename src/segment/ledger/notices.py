"""What a reader of the report should look at although it breaks no rule: one function per notice, each counts."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping

import polars as pl

from segment.dates import month_end, months_between
from segment.ledger.check_report import Notice
from segment.ledger.contract import TABLES
from segment.ledger.parts import TableInput
from segment.ledger.rules import PARENTS
from segment.ledger.vocabulary import OWNER_ROLES, SERVICE_CHANNELS
from segment.messages import Message

Tables = Mapping[str, pl.DataFrame]
MOST_IN_A_HOUSEHOLD = 50
QUIET_DAYS = 14
"""A bank books on most days; the longest closed time is the week of a spring festival."""
LEAST_LONG_IDS = 5
MANY = 0.4
"""Of accounts with balances, few have no booking in years: there is interest, or a fee."""


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


def days_without_bookings_at_the_end(tables: Tables) -> int:
    """Count the days from the last booking to the end of the last month of balances, where they are many."""
    return missing_end(tables["transactions"]["booked_on"], tables["balances"]["month"])


def months_without_bookings_at_the_start(tables: Tables) -> int:
    """Count the months of balances before the first booking."""
    return missing_start(tables["transactions"]["booked_on"], tables["balances"]["month"])


def accounts_without_bookings(tables: Tables) -> int:
    """Count the accounts that have balances and no booking, where they are many."""
    balances, booked = (tables[name]["account_id"].unique() for name in ("balances", "transactions"))
    return many_of(int((~balances.is_in(booked.implode())).sum()), len(balances))


def crowded_households(tables: Tables) -> int:
    """Count the customers of households that are too large to be one: a word for nothing may stand there."""
    size = pl.len().over("household_id")
    named = tables["customers"].filter(pl.col("household_id").is_not_null())
    return named.filter(size > MOST_IN_A_HOUSEHOLD).height


def rules_of_unknown_channels(tables: Tables) -> int:
    """Count the contact rules whose channel is no word of the contract's."""
    channels = tables["contact_rules"]["channel"].drop_nulls()
    return int((~channels.is_in(SERVICE_CHANNELS)).sum())


def ids_rounded_by_a_spreadsheet(tables: Tables) -> int:
    """Count the ids of a table of which every long one ends in zeros: a spreadsheet keeps fifteen digits."""
    return sum(_rounded(rows[column]) for name in PARENTS for rows, column in ((tables[name], TABLES[name].key[0]),))


_NOTICES: tuple[tuple[str, Callable[[Tables], int]], ...] = (
    ("transactions", transactions_before_opening),
    ("transactions", transactions_after_closing),
    ("transactions", months_without_transactions),
    ("transactions", transactions_naming_no_bank),
    ("transactions", days_without_bookings_at_the_end),
    ("transactions", accounts_without_bookings),
    ("transactions", months_without_bookings_at_the_start),
    ("balances", balances_outside_account_life),
    ("balances", months_without_balances),
    ("accounts", accounts_without_owner),
    ("customers", customers_without_account),
    ("customers", crowded_households),
    ("customers", ids_rounded_by_a_spreadsheet),
    ("contact_rules", rules_of_unknown_channels),
)
"""By table; what each means stands in the catalogues below `check.notice`."""

_KEPT_OUT = ("contact_rules", "campaign_outcomes", "suppression_sources")
"""Tables whose quarantined rows keep somebody or something back."""


def take_notice(
    tables: Tables, quarantined: Mapping[str, int], counted: Mapping[str, int] | None = None
) -> tuple[Notice, ...]:
    """Look for everything that a reader of the report should know; `counted` holds what was counted by parts."""
    counts = counted or {}
    notices = [
        Notice(table, name, _meaning(name), counts[name] if name in counts else count(tables))
        for table, count in _NOTICES
        for name in (count.__name__,)
    ]
    for table in _KEPT_OUT:
        name = f"{table}_quarantined"
        notices.append(Notice(table, name, _meaning(name), quarantined.get(table, 0)))
    return tuple(notice for notice in notices if notice.count)


def _meaning(name: str) -> Message:
    return Message(f"check.notice.{name}", {"most": MOST_IN_A_HOUSEHOLD} if name == "crowded_households" else {})


def names_in_other_letters(inputs: Mapping[str, TableInput]) -> tuple[Notice, ...]:
    """Say of each table that was found under its name in other letters where it was read."""
    places = (
        (table, part.place.split("/")[0] or part.name) for table, source in inputs.items() for part in source.parts
    )
    files = Counter((table, place) for table, place in places if not place.startswith(table))
    return tuple(
        Notice(table, "name_in_other_letters", Message("check.notice.name_in_other_letters", {"place": place}), count)
        for (table, place), count in sorted(files.items())
    )


def many_of(count: int, of: int) -> int:
    """A count that is a large share of all; 0 where it is not."""
    return count if count > MANY * of else 0


def missing_end(booked: pl.Series, months: pl.Series) -> int:
    """Count the days from the last of some bookings to the end of the last of some months, where they are many."""
    last, month = booked.max(), months.max()
    if not isinstance(last, dt.date) or not isinstance(month, dt.date):
        return 0
    days = (month_end(month) - last).days
    return days if days > QUIET_DAYS else 0


def missing_start(booked: pl.Series, months: pl.Series) -> int:
    """Count the months from the first of some months to the first of some bookings."""
    first, month = booked.min(), months.min()
    if not isinstance(first, dt.date) or not isinstance(month, dt.date):
        return 0
    return max(0, months_between(month, first))


def missing_months(dates: pl.Series) -> int:
    """Count the months inside the range of some dates that have none of them."""
    months = dates.drop_nulls().dt.truncate("1mo").unique()
    if months.is_empty():
        return 0
    first, last = months.min(), months.max()
    return len(pl.date_range(first, last, "1mo", eager=True)) - len(months)  # type: ignore[arg-type]


def _rounded(ids: pl.Series) -> int:
    long = ids.drop_nulls().filter(ids.drop_nulls().str.contains(r"^\d{16,}$"))
    cut = long.str.contains(r"^\d{15}0+$")
    return long.len() if long.len() >= LEAST_LONG_IDS and cut.all() else 0


def _with_life(tables: Tables, table: str, dated_by: str) -> pl.LazyFrame:
    life = tables["accounts"].lazy().select("account_id", "opened_on", "closed_on")
    return tables[table].lazy().select("account_id", dated_by).join(life, on="account_id")


def _count(rows: pl.LazyFrame, condition: pl.Expr) -> int:
    return int(rows.select(condition.sum()).collect().item() or 0)
