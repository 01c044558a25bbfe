"""Checks of a ledger that was checked before: only parts whose rows or verdicts may be new are read."""

from segment.ledger.increments.check import LONG, Increment, check_increment
from segment.ledger.increments.long_table import LongTable, WholeTable
from segment.ledger.increments.summary import LostFrameError, Shelf

__all__ = ["LONG", "Increment", "LongTable", "LostFrameError", "Shelf", "WholeTable", "check_increment"]
