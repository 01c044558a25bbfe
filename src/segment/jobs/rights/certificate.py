"""What an erasure did, as a certificate that names nobody and can be held to the workspace again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from segment.exceptions import InputFileError
from segment.files import json_hash
from segment.jobs.rights.search_workspace import IdSearch, search
from segment.messages import Message
from segment.pages.message_result import MessageResult, counted
from segment.store.chain import key_is_outside
from segment.store.record_kinds import RecordKind
from segment.store.records import Record, check_chain, read_records
from segment.store.tombstones import Erased, subject_key
from segment.store.transactions import store_cells
from segment.workspace import Workspace


@dataclass(frozen=True)
class ReleasedFile:
    """A file that left and held the customer; where it is, nobody keeps."""

    record: int  # Of its release
    by: str
    file: str
    sha256: str
    list_id: str
    released_on: str
    rows: int


@dataclass(frozen=True)
class SameRows:
    """Hashes of everybody else's rows of a table."""

    before: str
    after: str


@dataclass(frozen=True)
class Certificate:
    """What an erasure did; it names nobody."""

    subject: str  # Keyed hash of the customer
    erased_at: str
    by: str
    why: str
    rows: Mapping[str, int]  # That went, by store
    tables: int  # That hold everybody else as before
    others: Mapping[str, SameRows]  # By file
    versions: Mapping[str, SameRows]  # Of the published tiers
    search: IdSearch  # After it
    released: tuple[ReleasedFile, ...]
    record: int | None = None  # Number of the record that holds its hash

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Certificate:
        """Read what `to_dict` wrote."""
        same = {part: {name: SameRows(**row) for name, row in content[part].items()} for part in ("others", "versions")}
        search = content["search"]
        search = IdSearch(**{**search, "found": tuple(search["found"]), "outside": tuple(search.get("outside", ()))})
        released = tuple(ReleasedFile(**file) for file in content["released"])
        return cls(**{**content, **same, "search": search, "released": released})

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as its file holds them."""
        return {name: value for name, value in asdict(self).items() if name != "record" or value is not None}


@dataclass(frozen=True)
class Erasure(MessageResult):
    """What was done."""

    certificate: Certificate
    path: Path  # Where it lies
    again: bool = False  # Whether the customer had been erased before and nothing was left to do

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {**self.certificate.to_dict(), "certificate": str(self.path), "erased_before": self.again}

    def messages(self) -> Iterator[Message]:
        """Say what went, and what could not be reached."""
        done, certificate = self.certificate, self.path.name
        if self.again:
            yield Message("results.erased.before", {"on": done.erased_at, "certificate": certificate})
            return
        removed = {name: count for name, count in done.rows.items() if count}
        yield Message("results.erased.rows", {"rows": sum(removed.values()), "tables": counted(removed)})
        yield Message("results.erased.rest", {"versions": len(done.versions), "tables": done.tables})
        yield Message("results.erased.search", {"files": done.search.files, "bytes": done.search.bytes})
        if done.search.outside:
            yield Message("results.erased.outside", {"links": ", ".join(done.search.outside)})
        yield Message("results.erased.certificate", {"certificate": certificate, "record": done.record})
        if done.released:
            yield Message("results.erased.released")
        for file in done.released:
            yield Message("results.erased.file", {**vars(file), "sha256": file.sha256[:16]})


@dataclass(frozen=True)
class ErasureVerification(MessageResult):
    """What a certificate is worth now."""

    same: bool  # Whether it is the one whose hash was recorded
    of_this_customer: bool  # Whether it is about the customer who was named
    tombstone: bool  # Whether the customer is kept from coming back
    records: int  # Of the chain, all of which hold
    search: IdSearch  # A search made now
    key_outside: bool = True  # Whether whoever may write to the records lacks their key

    @property
    def holds(self) -> bool:
        """Whether all of it is so."""
        return self.same and self.of_this_customer and self.tombstone and not self.search.found

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {**asdict(self), "holds": self.holds}

    def messages(self) -> Iterator[Message]:
        """One line per check."""
        checks = {"certificate": self.same, "customer": self.of_this_customer, "tombstone": self.tombstone}
        for name, holds in (checks | {"search": not self.search.found}).items():
            verdict = Message("verify.holds" if holds else "verify.fails")
            yield Message(f"results.erasure_check.{name}", {"verdict": verdict, "files": self.search.files})
        if self.search.found:
            yield Message("results.erasure_check.found", {"places": self.search.found})
        if not self.key_outside:
            yield Message("results.chain.key_inside")


def verify_erasure(workspace: Workspace, customer_id: str, certificate: Path) -> ErasureVerification:
    """Hold a certificate to the records and repeat its search.

    Parameters
    ----------
    workspace : Workspace
        In which the customer was erased.
    customer_id : str
        Who; the certificate itself does not say.
    certificate : Path
        JSON, as `erase` wrote it.

    Returns
    -------
    ErasureVerification

    Raises
    ------
    InputFileError
        Where it is no certificate.
    """
    signed, sha256 = read_certificate(certificate)
    subject = subject_key(workspace, customer_id)
    completed = completed_erasures(read_records(workspace, RecordKind.CUSTOMER_ERASED), signed.subject)
    return ErasureVerification(
        same=any(record.content["sha256"] == sha256 for record in completed),
        of_this_customer=signed.subject == subject,
        tombstone=subject in Erased.of(workspace).subjects,
        records=check_chain(workspace),
        search=search(workspace.root, customer_id, store_cells(workspace)),
        key_outside=key_is_outside(workspace),
    )


def read_certificate(path: Path) -> tuple[Certificate, str]:
    """Read a certificate, and hash what its file holds."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Certificate.from_dict(content), sha256_of(content)
    except (OSError, ValueError, TypeError, KeyError):
        raise InputFileError.of("errors.no_certificate", name=path.name) from None


def sha256_of(content: Mapping[str, object]) -> str:
    """Hash a certificate; the number of its record, which comes after, is left out."""
    return json_hash({name: value for name, value in content.items() if name != "record"})


def completed_erasures(records: Iterable[Record], subject: str) -> list[Record]:
    """Choose the records of a person's erasures."""
    return [record for record in records if record.content["subject"] == subject]
