"""What makes a row bad: one predicate per rule, each an expression that is true where the rule is broken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import polars as pl

from segment.dates import FIRST_DAY, LAST_DAY
from segment.ledger.parsing import marker
from segment.ledger.vocabulary import INFLOW_KINDS, OUTFLOW_KINDS, OWNER_ROLES

OLDEST_BIRTH = dt.date(1870, 1, 1)
LARGEST_AMOUNT = 1e13  # sums of larger amounts lose their cents in a float64
LARGEST_RATE_ANNUAL = 1.0
SHARES_TOLERANCE = 0.005  # halves, thirds and sixths given to two or three decimals


def is_unreadable(column: str) -> pl.Expr:
    """Cells that are filled but hold no value of the column's type, or no word of its vocabulary."""
    return pl.col(marker(column))


def is_null(column: str) -> pl.Expr:
    """Cells that are empty, where none may be."""
    return pl.col(column).is_null() & ~pl.col(marker(column))


def is_not_finite(column: str) -> pl.Expr:
    """Cells that are NaN or infinite."""
    return ~pl.col(column).is_finite()


def is_too_large(column: str) -> pl.Expr:
    """Amounts too large to be kept to the cent."""
    return pl.col(column).is_finite() & (pl.col(column).abs() > LARGEST_AMOUNT)


def is_zero(column: str) -> pl.Expr:
    """Amounts of nothing."""
    return pl.col(column) == 0


def is_negative(column: str) -> pl.Expr:
    """Quantities below nought."""
    return pl.col(column) < 0


def is_no_week(column: str) -> pl.Expr:
    """Hours that no week has."""
    return ~pl.col(column).is_between(0, 168)


def is_out_of_range(column: str) -> pl.Expr:
    """Dates before 1970 or after 2100."""
    return ~pl.col(column).is_between(FIRST_DAY, LAST_DAY)


def is_no_birth_date(column: str) -> pl.Expr:
    """Dates on which no customer can be born; birth dates before 1970 are right."""
    return ~pl.col(column).is_between(OLDEST_BIRTH, LAST_DAY)


def is_not_first_day(column: str) -> pl.Expr:
    """Months given as another day than their first."""
    return pl.col(column).dt.day() != 1


def is_before(column: str, start: str) -> pl.Expr:
    """Ends that lie before their start."""
    return pl.col(column) < pl.col(start)


def is_after(column: str, last: dt.date | None) -> pl.Expr:
    """Days of what has happened that lie after all that the ledger tells of; none where nobody knows its last day."""
    return pl.col(column) > pl.lit(last, pl.Date)


def is_not_a_share(column: str) -> pl.Expr:
    """Shares outside 0 to 1."""
    return ~pl.col(column).is_between(0, 1)


def is_implausible_rate(column: str) -> pl.Expr:
    """Rates above 100% a year: a percentage that was not divided by 100."""
    return pl.col(column).is_finite() & (pl.col(column).abs() > LARGEST_RATE_ANNUAL)


def is_not_among(column: str, words: Iterable[str]) -> pl.Expr:
    """Words that a list given at run time does not hold."""
    return ~pl.col(column).is_in(sorted(words))


def is_authorised_with_share() -> pl.Expr:
    """Authorised users who own a part of the account."""
    return (pl.col("role") == "authorised") & (pl.col("share") != 0)


def contradicts_kind() -> pl.Expr:
    """Amounts whose sign is not that of their kind, for kinds whose sign holds on every product."""
    kind, amount = pl.col("kind"), pl.col("amount")
    return (kind.is_in(INFLOW_KINDS) & (amount < 0)) | (kind.is_in(OUTFLOW_KINDS) & (amount > 0))


def is_contacted_without_date() -> pl.Expr:
    """Outcomes of a contact that has no day."""
    return (pl.col("response") != "not_contacted") & pl.col("contacted_on").is_null() & ~is_unreadable("contacted_on")


def repeats_a_row(columns: Sequence[str]) -> pl.Expr:
    """Rows that stand in the table already, cell by cell; the first of them is kept."""
    return ~pl.struct(columns).is_first_distinct()


def shares_its_key(key: Sequence[str]) -> pl.Expr:
    """Rows of one key that differ: none can be told to be right, so none is kept."""
    return pl.struct(key).is_duplicated()


def is_orphan(column: str, parents: pl.Series) -> pl.Expr:
    """Cells that name a row which is not among the other table's."""
    return pl.col(column).is_not_null() & ~pl.col(column).is_in(parents.implode())


def has_owners_shares_off_one() -> pl.Expr:
    """Holdings of accounts whose owners' shares do not add up to 1."""
    owned = pl.when(pl.col("role").is_in(OWNER_ROLES)).then(pl.col("share")).otherwise(0.0)
    return (owned.sum().over("account_id") - 1).abs() > SHARES_TOLERANCE
