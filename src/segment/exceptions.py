"""Errors that a user can act on.

Each message says what must hold, what was found (counts, columns, types, dates) and, after "Hint:", what to do.
No message holds a customer's id, name, row or amount.
"""

from __future__ import annotations

from collections.abc import Sequence


class SegmentError(Exception):
    """Base of every error that the command line shows as one message, with exit code 2."""

    @classmethod
    def with_hint(cls, message: str, hint: str) -> SegmentError:
        """Build an error whose last line says what to do.

        Parameters
        ----------
        message : str
            What must hold and what was found.
        hint : str
            What the user can do about it.

        Examples
        --------
        >>> print(PolicyError.with_hint("`currency` must be three letters.", "write CNY"))
        `currency` must be three letters.
        Hint: write CNY
        """
        return cls(f"{message}\nHint: {hint}")


class LedgerError(SegmentError):
    """A ledger that cannot be used: missing tables or columns, wrong types, duplicate keys, too many bad rows."""

    @classmethod
    def with_faults(cls, faults: Sequence[str]) -> LedgerError:
        """List every table-level fault in one message.

        Parameters
        ----------
        faults : sequence of str
            One line each.

        Examples
        --------
        >>> print(LedgerError.with_faults(["table `accounts` is missing"]))
        The ledger cannot be used. 1 fault:
          - table `accounts` is missing
        Hint: docs/reference/tables.md says what each table must hold.
        """
        count = f"{len(faults)} fault{'s' if len(faults) != 1 else ''}"
        listed = "\n".join(f"  - {fault}" for fault in faults)
        hint = "docs/reference/tables.md says what each table must hold."
        return cls(f"The ledger cannot be used. {count}:\n{listed}\nHint: {hint}")


class SourceError(LedgerError):
    """A ledger's source that does not answer now and may do so later: only this is tried again."""


class PolicyError(SegmentError):
    """A policy file that does not hold: unknown keys, wrong types, values out of range."""


class HistoryError(SegmentError):
    """Too few months of history for what was asked."""


class ModelError(SegmentError):
    """No model to use, a model that does not fit the data, or a model file that is not trusted."""


class PublishError(SegmentError):
    """Tiers or lists that do not exist, or that may not be published."""


class BusyError(SegmentError):
    """Another run holds the workspace."""
