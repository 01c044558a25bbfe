"""The ledger: what a bank feeds in, and what must hold of it."""

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
