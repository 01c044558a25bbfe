"""What an erasure did, as a certificate that names nobody and can be held to the workspace again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from segment.exceptions import PublishError
from segment.jobs.erasure.search import Searched, search
from segment.warehouse import Workspace
from segment.warehouse.records import Record, check_chain, records
from segment.warehouse.tombstones import subject_key

ERASED = "customer_erased"


@dataclass(frozen=True)
class Erasure:
    """What was done.

    Attributes
    ----------
    content : dict
        The certificate.
    path : Path
        Where it lies.
    again : bool
        Whether the customer had been erased before and nothing was left to do.
    """

    content: dict[str, Any]
    path: Path
    again: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {**self.content, "certificate": str(self.path), "erased_before": self.again}

    def __str__(self) -> str:
        """Say what went, and what could not be reached."""
        told = self.content
        if self.again:
            return f"Erased before, on {told['erased_at']}; nothing was found again. Certificate {self.path.name}."
        rows = sum(told["rows"].values())
        tables = ", ".join(f"{name} {count:,}" for name, count in told["rows"].items() if count)
        lines = [
            f"Erased: {rows:,} rows ({tables}).",
            f"{len(told['versions'])} versions of the published tiers and {told['tables']} tables hold everybody else "
            "as before.",
            f"Searched {told['search']['files']:,} files of {told['search']['bytes']:,} bytes: nothing found.",
            f"Certificate {self.path.name}, its hash in record {told['record']}.",
        ]
        if told["released"]:
            lines.append(
                "Files that left and held the customer; they must not be used, and whoever has them deletes them:"
            )
            lines += [
                f"- {one['file']}, list {one['list_id']}, {one['rows']} rows, released {one['released_on']} by "
                f"{one['by']}, SHA-256 {one['sha256'][:16]}…"
                for one in told["released"]
            ]
        return "\n".join(lines)


@dataclass(frozen=True)
class Proved:
    """What a certificate is worth now.

    Attributes
    ----------
    same : bool
        Whether it is the one whose hash was recorded.
    of_this_customer : bool
        Whether it is about the customer who was named.
    tombstone : bool
        Whether the customer is kept from coming back.
    records : int
        Of the chain, all of which hold.
    search : Searched
        A search made now.
    """

    same: bool
    of_this_customer: bool
    tombstone: bool
    records: int
    search: Searched

    @property
    def holds(self) -> bool:
        """Whether all of it is so."""
        return self.same and self.of_this_customer and self.tombstone and not self.search.found

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {**asdict(self), "holds": self.holds}

    def __str__(self) -> str:
        """One line per check."""
        checks = (
            (self.same, "certificate", "is the one whose hash was recorded"),
            (self.of_this_customer, "customer", "is the one of the certificate"),
            (self.tombstone, "tombstone", "keeps the customer from coming back"),
            (not self.search.found, "search", f"{self.search.files:,} files hold no trace"),
        )
        found = f"\nFound in: {', '.join(self.search.found)}" if self.search.found else ""
        return "\n".join(f"{'holds' if holds else 'FAILS'}  {name}: {said}" for holds, name, said in checks) + found


def verify_erasure(workspace: Workspace, customer_id: str, certificate: Path) -> Proved:
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
    Proved

    Raises
    ------
    PublishError
        Where it is no certificate.
    """
    content = read_certificate(certificate)
    subject = subject_key(workspace, customer_id)
    known = [one for one in done(workspace, content["subject"]) if one.content["sha256"] == sha256_of(content)]
    erased = json.loads(workspace.tombstones.read_text(encoding="utf-8")) if workspace.tombstones.is_file() else {}
    return Proved(
        same=bool(known),
        of_this_customer=content["subject"] == subject,
        tombstone=any(one["customer"] == subject for one in erased.get("erased", ())),
        records=check_chain(workspace),
        search=search(workspace, customer_id),
    )


def read_certificate(path: Path) -> dict[str, Any]:
    """Read a certificate.

    Parameters
    ----------
    path : Path
        JSON.

    Returns
    -------
    dict

    Raises
    ------
    PublishError
        Where it is none.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict) or "subject" not in content:
        raise PublishError.with_hint(
            f"A certificate is the JSON that an erasure wrote. {path.name} is none.", "see erasures/ in the workspace"
        )
    return content


def sha256_of(content: dict[str, Any]) -> str:
    """Hash a certificate; the number of its record, which comes after, is left out.

    Parameters
    ----------
    content : dict
        The certificate.

    Returns
    -------
    str
    """
    told = {name: value for name, value in content.items() if name != "record"}
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def done(workspace: Workspace, subject: str) -> list[Record]:
    """List the records of a person's erasures that were completed.

    Parameters
    ----------
    workspace : Workspace
        Keeps the records.
    subject : str
        Keyed hash.

    Returns
    -------
    list of Record
    """
    return [one for one in records(workspace, ERASED) if one.content["subject"] == subject]
