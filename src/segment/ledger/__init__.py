"""The ledger: what a bank feeds in, and what must hold of it."""

from typing import TYPE_CHECKING

from segment.lazy_names import load_when_used

if TYPE_CHECKING:
    from segment.ledger.check import Ledger, TooManyBadRowsError, check_ledger
    from segment.ledger.check_report import CheckReport
    from segment.ledger.contract import TABLES
    from segment.ledger.faults import TABLE_RULES
    from segment.ledger.quarantine import write_quarantine
    from segment.ledger.rules import ROW_RULES, Rule
    from segment.ledger.schema import Column, Table
    from segment.ledger.sources import open_source

__all__ = [
    "ROW_RULES",
    "TABLES",
    "TABLE_RULES",
    "CheckReport",
    "Column",
    "Ledger",
    "Rule",
    "Table",
    "TooManyBadRowsError",
    "check_ledger",
    "open_source",
    "write_quarantine",
]

__getattr__, __dir__ = load_when_used(
    __name__,
    {
        "ROW_RULES": "rules",
        "TABLES": "contract",
        "TABLE_RULES": "faults",
        "CheckReport": "check_report",
        "Column": "schema",
        "Ledger": "check",
        "Rule": "rules",
        "Table": "schema",
        "TooManyBadRowsError": "check",
        "check_ledger": "check",
        "open_source": "sources",
        "write_quarantine": "quarantine",
    },
)
