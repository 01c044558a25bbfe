"""How a bank writes what the contract of the ledger names: columns, codes, days, numbers, signs, and its time zone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, field_validator

from segment.policy.section import Section, Share


def _require_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError('a time zone is a name such as "Asia/Shanghai" or "Europe/Berlin"') from None
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
    """

    tolerated_bad_row_share: Share
    timezone: TimeZone | None = None


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
    """

    columns: dict[str, dict[str, str]] = Field(default_factory=dict)
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)
    day_format: str | None = Field(default=None, pattern="%")
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    reversed: tuple[str, ...] = ()

    @field_validator("columns")
    @classmethod
    def _one_column_each(cls, given: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        twice = sorted(table for table, names in given.items() if len(set(names.values())) < len(names))
        if twice:
            raise ValueError(f"two columns of the bank cannot be the same of the contract; so in {', '.join(twice)}")
        return given


@dataclass(frozen=True)
class Reading:
    """How the cells of a ledger are to be read."""

    timezone: str | None = None
    mapping: LedgerMapping = LedgerMapping()
