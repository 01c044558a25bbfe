"""Errors that a user can act on."""

# Each message says what must hold, what was found (counts, columns, types, dates) and, after "Hint:", what to do. Its
# sentence stands in the catalogues (`errors.po`), in English and Chinese, and whoever shows it chooses the language.
# Only what nobody but a programmer can cause, such as a wrong argument of an estimator, is written out in English: the
# modules that may are listed in tests/test_exceptions.py. No message holds a customer's id, name, row or amount. It
# names commands and options as somebody types them, in backquotes where a value could be read as a word of the
# sentence; `segment.spelling` turns them into Python.

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from segment.messages import Message
from segment.spelling import as_spelt

if TYPE_CHECKING:
    from segment.sentences import Language


def count_faults(count: int) -> Message:
    """Count what is wrong.

    Parameters
    ----------
    count : int
        How many faults there are.

    Returns
    -------
    Message
        Such as "2 faults".

    Examples
    --------
    >>> count_faults(1).code
    'errors.one_fault'
    """
    return Message("errors.one_fault" if count == 1 else "errors.many_faults", {"count": count})


class ToldError(Exception):
    """An error that says itself in words: by a key of the catalogues and figures, or in English."""

    def __str__(self) -> str:
        """Say it in English."""
        return self.in_words("en")

    def in_words(self, language: Language) -> str:
        """Say it in a language, to whoever reads it."""
        from segment.sentences import Sentences

        return as_spelt("".join(Sentences(language).each(self.args)))

    @classmethod
    def of(cls, key: str, /, **figures: Any) -> Self:
        """Build an error from a key of the catalogues and the figures that its sentence names.

        Examples
        --------
        >>> error = ExportError.of("errors.page_ending", endings=[".md", ".html"])
        >>> print(error)
        The page's file must end in .md or .html.
        Hint: change the ending
        >>> print(error.in_words("zh"))
        页面文件的扩展名必须是 .md或.html。
        提示：请更改扩展名
        """
        return cls(Message(key, figures))


class ValueFault(ToldError, ValueError):  # noqa: N818 - what is wrong with a value, told as part of an error
    """A value that a rule of the policy, or of the settings, stands against."""


class SegmentError(ToldError):
    """Base of every error that the command line shows as one message, with exit code 2."""

    @classmethod
    def with_hint(cls, message: str, hint: str) -> Self:
        """Build an error that only a programmer can cause, in English, whose last line says what to do.

        Examples
        --------
        >>> print(ModelError.with_hint("`groups` must hold at least two customers. Got 1.", "pass more customers."))
        `groups` must hold at least two customers. Got 1.
        Hint: pass more customers.
        """
        return cls(f"{message}\nHint: {hint}")


class LedgerError(SegmentError):
    """A ledger that cannot be used: missing tables or columns, wrong types, duplicate keys, too many bad rows."""

    @classmethod
    def with_faults(cls, faults: Sequence[Message | str]) -> LedgerError:
        """List every table-level fault in one message.

        Examples
        --------
        >>> print(LedgerError.with_faults(["table `accounts` is missing"]))
        The ledger cannot be used. 1 fault:
          - table `accounts` is missing
        Hint: tables.md of the project says what each table must hold, as docs/reference/tables.md does.
        """
        return cls.of("errors.ledger_faults", count=count_faults(len(faults)), faults=faults)


class SourceError(LedgerError):
    """A ledger's source that does not answer now and may do so later: only this is tried again."""


class PolicyError(SegmentError):
    """A policy file that does not hold: unknown keys, wrong types, values out of range, or a part that a job needs."""


class HistoryError(SegmentError):
    """Too few months of history for what was asked, or months that were not built."""


class ModelError(SegmentError):
    """No model to use, a model that does not fit the data, or a model file that is not trusted."""


class RunError(SegmentError):
    """A run that is not there, or two runs that cannot be compared."""


class UsageError(SegmentError):
    """Arguments that are out of their range, or that do not go together."""


class InputFileError(SegmentError):
    """A file that was handed in, such as outcomes, notices or holidays, that cannot be read as what it should be."""


class InstallationError(SegmentError):
    """Something that belongs beside the package, or an optional package, is not installed."""


class ClusterError(SegmentError):
    """A Spark cluster that cannot be reached, or that gave up on a task."""


class BusyError(SegmentError):
    """Another run holds the workspace."""


class SystemRefusalError(SegmentError):
    """What the operating system refuses: room on the disk, a right, a file where a folder stands."""


class RefusedError(SegmentError):
    """Base of what a rule, a gate or the state of the workspace stands against; a run that ends so was refused."""


class NotPublishedError(RefusedError):
    """No tiers are published for the day, branch, customer or version that was asked for."""


class PublishError(RefusedError):
    """Rows that cannot be published as the tiers of one day."""


class GateError(RefusedError):
    """A gate that does not hold, of a publication, a promotion or a strict audit."""


class ProofError(RefusedError):
    """A proof of a publication that is missing, was changed or does not add up."""


class ApprovalError(RefusedError):
    """A policy or model that is not approved, or not by another person than its maker."""


class DecisionError(RefusedError):
    """A person's decision (override, acceptance, rollback) without a name or reason, or outside what is allowed."""


class DayError(RefusedError):
    """A day of an act that has not come, or that lies too far back."""


class IdentityError(RefusedError):
    """A name that could be another person's, or that nothing vouches for."""


class ListError(RefusedError):
    """A list of customers that may not be made, used or released, or that is not what its record says."""


class SuppressionError(ListError):
    """A source of suppressions that is missing or stale, so that no list may be made or used."""


class ReviewError(RefusedError):
    """An action towards a customer that may not be proposed, decided, withdrawn or handed over."""


class ObjectionError(RefusedError):
    """A customer's objection that cannot be taken in as given."""


class ErasureError(RefusedError):
    """A customer who cannot be erased, or traces that an erasure left."""


class ExportError(RefusedError):
    """A file for people of an unknown format, or one that may leave only with a record."""


class RecordError(RefusedError):
    """A record of an unknown kind, or a chain of records that was altered."""


class StoreError(RefusedError):
    """A store that does not answer, or that is not this workspace's."""


class WorkspaceError(RefusedError):
    """A part of the workspace that a job needs is missing."""


class BackupError(RefusedError):
    """A backup that cannot be made, or that must not be restored as it is."""
