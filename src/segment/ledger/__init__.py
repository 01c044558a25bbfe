"""The ledger: what a bank feeds in, and what must hold of it."""

from __future__ import annotations

from segment.ledger.check import Ledger, TooManyBadRowsError, check_ledger
from segment.ledger.contract import (
    CHANNELS,
    CONTACT_RULES,
    KINDS,
    RESPONSES,
    ROLES,
    SERVICE_CHANNELS,
    TABLES,
    TOTAL_LINES,
)
from segment.ledger.faults import TABLE_RULES
from segment.ledger.quarantine import write_quarantine
from segment.ledger.report import CheckReport
from segment.ledger.rules import ROW_RULES, Rule
from segment.ledger.schema import Column, Table
from segment.ledger.sources import open_source, read_table

__all__ = [
    "CHANNELS",
    "CONTACT_RULES",
    "KINDS",
    "RESPONSES",
    "ROLES",
    "ROW_RULES",
    "SERVICE_CHANNELS",
    "TABLES",
    "TABLE_RULES",
    "TOTAL_LINES",
    "CheckReport",
    "Column",
    "Ledger",
    "Rule",
    "Table",
    "TooManyBadRowsError",
    "check_ledger",
    "open_source",
    "read_table",
    "write_quarantine",
]
