"""Checks of a ledger that was checked before: only parts whose rows or verdicts may be new are read."""
