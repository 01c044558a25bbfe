"""What an import did, in counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class PostingsFile:
    """One file of postings, in counts."""

    name: str  # without its ending
    postings: int
    accounts: int
    first_on: dt.date
    last_on: dt.date
    # Every account's postings end before the day of its own loan, so that the file is a cut per account; else every
    # account is taken as observed to `last_on`.
    cut_at_loan: bool


@dataclass(frozen=True)
class ImportSummary:
    """What `import_berka` wrote and what it left out.

    Attributes
    ----------
    rows : mapping of str to int
        Rows written per table.
    parts : tuple of PostingsFile
        The files of postings.
    repeated_postings : int
        Postings left out because another file holds the same id.
    postings_without_id : int
        Postings that got an id made of account, day and a number.
    zero_postings : int
        Postings left out because they move nothing.
    accounts_without_postings, customers_without_postings : int
        Left out: nothing is known of what they did, and months without anything would read as idleness.
    loans_without_postings : int
        Loans of such accounts, left out with them.
    loans_unobserved : int
        Loans written without balances, because no month after their granting was observed.
    largest_gap : float
        Largest difference between the source's own running balance and the sum of amounts, per posting of the day.
        Amounts are rounded in the source (to 0.10, or to 1.00 in some copies), balances are not.
    loan_rate_annual : float
        The assumed rate of the loans: the source has none.
    """

    rows: Mapping[str, int]
    parts: tuple[PostingsFile, ...]
    repeated_postings: int
    postings_without_id: int
    zero_postings: int
    accounts_without_postings: int
    customers_without_postings: int
    loans_without_postings: int
    loans_unobserved: int
    largest_gap: float
    loan_rate_annual: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values, days as ISO text."""
        plain = asdict(self)
        plain["rows"] = dict(self.rows)
        plain["parts"] = [
            {**part, "first_on": part["first_on"].isoformat(), "last_on": part["last_on"].isoformat()}
            for part in plain["parts"]
        ]
        return plain

    def lines(self) -> list[str]:
        """Sentences, one a line; `str` joins them."""
        wrote = ", ".join(f"{count:,} {table}" for table, count in self.rows.items())
        parts = [
            f"{part.name}: {part.postings:,} postings of {part.accounts:,} accounts, {part.first_on} to {part.last_on}"
            + (", each account cut off at the day of its loan" if part.cut_at_loan else "")
            for part in self.parts
        ]
        return [
            f"Wrote {wrote}.",
            *parts,
            f"Left out: {self.accounts_without_postings:,} accounts, {self.customers_without_postings:,} customers and "
            f"{self.loans_without_postings:,} loans without any posting in these files; "
            f"{self.repeated_postings:,} repeated postings; {self.zero_postings:,} postings of nothing.",
            f"Balances are rebuilt from the source's running balance, which its rounded amounts match to "
            f"{self.largest_gap:.2f} a posting.",
            f"Loan interest is not in the source. Assumed: {self.loan_rate_annual:.1%} a year. "
            f"{self.loans_unobserved:,} loans have no observed month and so no balance.",
        ]

    def __str__(self) -> str:
        return "\n".join(self.lines())
