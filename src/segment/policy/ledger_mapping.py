"""How a bank writes what the contract of the ledger names: columns, codes, days, numbers, signs, and its time zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, field_validator, model_validator

from segment.exceptions import ValueFault
from segment.policy.section import Section, Share


def _require_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueFault.of("errors.policy.timezone") from None
    return name


TimeZone = Annotated[str, AfterValidator(_require_zone)]


class LedgerPolicy(Section):
    """What is tolerated of a ledger, and where its days are.

    Attributes
    ----------
    tolerated_bad_row_share : float
        Of each table's rows; more stop the run.
    timezone : str, optional
        Of the bank, such as "Asia/Shanghai": an instant with a time zone is of the day that it is there.
    stamps : dict of str to str
        Of tables in a database, the column whose largest value of a day grows with every change of the day's rows: when
        a row was last written, or a key that only grows where no row is ever written twice. Days whose count of rows
        and largest value are as they were are not read again.
    """

    tolerated_bad_row_share: Share
    timezone: TimeZone | None = None
    stamps: Mapping[Literal["transactions", "balances", "service_events"], str] = Field(default_factory=dict)


class Sides(Section):
    """The column that says whether an amount is a debit or a credit, where the amounts have no sign of their own.

    Attributes
    ----------
    column : str
        The bank's name of it, such as "借贷标志".
    debit, credit : tuple of str
        Its words: a debit takes from the customer's account, a credit adds to it. An amount that is negative all the
        same is a reversal, and counts the other way.
    """

    column: str
    debit: tuple[str, ...] = Field(min_length=1)
    credit: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_side_each(self) -> Self:
        if both := sorted(set(self.debit) & set(self.credit)):
            raise ValueFault.of("errors.policy.debit_and_credit", both=both)
        return self


class LedgerMapping(Section):
    """The bank's own names, codes and ways of writing, for those of the contract.

    Attributes
    ----------
    columns : dict of str to dict of str to str
        By table, the bank's name of a column and the contract's.
    codes : dict of str to dict of str to str
        By column (`product`, `kind`, `channel`, `role`, `rule`, …), the bank's code and the contract's word or, of
        products, the policy's.
    day_format : str, optional
        How days are written in text that are no ISO days, such as "%d.%m.%Y" or "%Y%m%d".
    decimal : {".", ","}
        What stands before the decimals of numbers in CSV.
    thousands : {"", ".", ",", " ", "'"}
        What stands between the thousands there.
    reversed : tuple of str
        Columns, such as "balances.closing_balance", that the bank signs from its own side.
    sides : dict of str to Sides
        Columns, such as "transactions.amount", whose sign another column says.
    """

    columns: dict[str, dict[str, str]] = Field(default_factory=dict)
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)
    day_format: str | None = Field(default=None, pattern="%")
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    reversed: tuple[str, ...] = ()
    sides: dict[str, Sides] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_sign_each(self) -> Self:
        if both := sorted(set(self.sides) & set(self.reversed)):
            raise ValueFault.of("errors.policy.sign_twice", both=both)
        mapped = {(table, own) for table, names in self.columns.items() for own in names}
        if twice := sorted(s.column for name, s in self.sides.items() if (name.partition(".")[0], s.column) in mapped):
            raise ValueFault.of("errors.policy.sign_column_mapped", twice=twice)
        return self

    @field_validator("columns")
    @classmethod
    def _one_column_each(cls, given: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        twice = sorted(table for table, names in given.items() if len(set(names.values())) < len(names))
        if twice:
            raise ValueFault.of("errors.policy.columns_mapped_twice", twice=twice)
        return given


@dataclass(frozen=True)
class Reading:
    """How the cells of a ledger are to be read."""

    timezone: str | None = None
    mapping: LedgerMapping = LedgerMapping()
    stamps: Mapping[str, str] = field(default_factory=dict)
