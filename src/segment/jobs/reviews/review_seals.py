"""Seals of reviews: each step's record holds a keyed hash of every row as the step left it."""

# Who may write into the table of reviews could else undo a withdrawal, date an acceptance or have a fee charged twice.
# An act on a row whose hash is not that of its last step is refused. Names of customers are keyed, too: an erasure
# that puts a keyed hash in the place of an id breaks no seal, and no record names anybody.

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from segment.exceptions import ReviewError
from segment.store.record_kinds import RecordKind
from segment.store.records import read_records
from segment.store.stored_tables import REVIEWS
from segment.store.tombstones import subject_key
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace

SEALS = "reviews"
"""Key of a record's content: seals of rows by the keyed hash of the review's id."""

_STEPS = (
    RecordKind.REVIEW_PROPOSED,
    RecordKind.REVIEW_DECIDED,
    RecordKind.REVIEW_WITHDRAWN,
    RecordKind.FEE_NOTICES_TAKEN,
    RecordKind.REVIEWS_HANDED_OVER,
    RecordKind.REVIEWS_HAND_OVER_FAILED,
)


@dataclass(frozen=True)
class Seals:
    """What the records say of every review."""

    last: Mapping[str, str]  # Seal of the last step, by the keyed hash of the review's id
    keyed: Callable[[str], str]  # Hashes a text with the workspace's secret
    subject: Callable[[str], str]  # What stands in a customer's place once they were erased
    is_trial: bool  # A seal of a trial workspace is none of a real one

    @classmethod
    def read(cls, workspace: Workspace) -> Seals:
        """Read the seals of the records, the last one of each review."""
        last: dict[str, str] = {}
        for record in read_records(workspace, *_STEPS):
            last |= record.content.get(SEALS, {})

        secret = subject_key(workspace, "seals of reviews", "secret").encode()

        def keyed(text: str) -> str:
            return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()

        def subject(customer: str) -> str:
            return subject_key(workspace, customer)

        return cls(last, keyed, subject, workspace_clock(workspace).is_trial)

    def of(self, rows: pl.DataFrame) -> dict[str, dict[str, str]]:
        """Seal rows as a step leaves them, for the content of its record."""
        ordered = rows.select(list(REVIEWS.schema))
        return {SEALS: {self.keyed(row["review_id"]): self._seal(row) for row in ordered.iter_rows(named=True)}}

    def hold(self, row: Mapping[str, Any]) -> bool:
        """Say whether a row is as its last step left it, or as the erasure of its customer did."""
        sealed = self.last.get(self.keyed(row["review_id"]))
        return sealed is not None and sealed in (self._seal(row), self._seal(row, erased=True))

    def knows(self, row: Mapping[str, Any]) -> bool:
        """Say whether a step of the review was ever sealed; those of an earlier version were not."""
        return self.keyed(row["review_id"]) in self.last

    def require(self, rows: pl.DataFrame, *, earlier: bool = False) -> None:
        """Refuse rows that are not as their last step left them; `earlier`: those of an earlier version may pass."""
        broken = [
            row for row in rows.iter_rows(named=True) if not (self.hold(row) or (earlier and not self.knows(row)))
        ]
        if broken:
            raise ReviewError.of("errors.review_changed", rows=rows.height, broken=len(broken))

    def _seal(self, row: Mapping[str, Any], *, erased: bool = False) -> str:
        customer = row["customer_id"] if erased else self.subject(row["customer_id"])
        values = [self.is_trial, *({**row, "customer_id": customer}[name] for name in REVIEWS.schema)]
        return self.keyed(json.dumps(values, default=str, ensure_ascii=False))
