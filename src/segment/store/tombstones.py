"""Who was erased, known by keyed hashes alone, so that they do not come back."""

# The key is a secret of the workspace: with it an id can be asked about, without it nobody can be read out of a hash.

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass

import polars as pl
import sqlalchemy as sa

from segment.exceptions import WorkspaceError
from segment.files import read_secret
from segment.store.stored_tables import TOMBSTONES
from segment.store.transactions import reading, transaction
from segment.workspace import Workspace

CUSTOMER, ACCOUNT = "customer_id", "account_id"
"""Columns that name a person, or what a person alone holds."""

_RULE = "rule"


def subject_key(workspace: Workspace, subject: str, kind: str = CUSTOMER) -> str:
    """Stand for an id in records that stay."""
    return _keyed(_secret(workspace), subject, kind)


@dataclass(frozen=True)
class Tombstone:
    """What stays of a person who was erased."""

    customer: str  # Keyed hash
    accounts: tuple[str, ...]  # Keyed hashes of those that nobody else held
    erased_on: str  # ISO


@dataclass(frozen=True)
class Erased:
    """Those who were erased from a workspace, in the order in which they were."""

    entries: tuple[Tombstone, ...]
    secret: bytes  # Of the workspace

    @classmethod
    def of(cls, workspace: Workspace, first: int | None = None) -> Erased:
        """Read them."""
        with reading(workspace) as connection:
            rows = connection.execute(sa.select(TOMBSTONES).order_by(TOMBSTONES.c.number)).all()[:first]
        if not rows:
            return cls((), b"")
        if not workspace.subject_secret.is_file():
            raise WorkspaceError.of("errors.erased_unknown", name=workspace.subject_secret.name)
        entries = (Tombstone(row.customer, tuple(json.loads(row.accounts)), row.erased_on) for row in rows)
        return cls(tuple(entries), _secret(workspace))

    def __len__(self) -> int:
        """How many persons."""
        return len(self.entries)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Keyed hashes of the persons."""
        return tuple(entry.customer for entry in self.entries)

    def add_to(self, workspace: Workspace) -> None:
        """Write them."""
        with transaction(workspace) as connection:
            connection.execute(TOMBSTONES.delete())
            for number, entry in enumerate(self.entries, start=1):
                accounts = json.dumps(list(entry.accounts))
                row = {"number": number, "customer": entry.customer, "accounts": accounts, "erased_on": entry.erased_on}
                connection.execute(TOMBSTONES.insert().values(row))

    def names(self, ids: pl.Series, kind: str = CUSTOMER) -> pl.Series:
        """Say which ids are theirs."""
        erased = self._keys(kind)
        texts = ids.cast(pl.String)
        own = [name for name in texts.drop_nulls().unique() if erased and _keyed(self.secret, name, kind) in erased]
        return texts.is_in(own).fill_null(value=False)

    def leave_out(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Drop the rows that name one of them, or an account that they alone held."""
        if not self.entries:
            return frame
        left = frame.filter(~self._named(frame))
        if "household_id" not in left.columns:
            return left
        # a household is often named after one of its members
        household = left["household_id"].cast(pl.String)
        theirs = self.names(household)
        if not theirs.any():
            return left
        renamed = [
            _keyed(self.secret, name, CUSTOMER)[:16] if own else name
            for name, own in zip(household, theirs, strict=True)
        ]
        return left.with_columns(household_id=pl.Series(renamed, dtype=pl.String))

    def blank(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Empty the cells of rows that name one of them, and keep the rows, which are counted."""
        if not self.entries:
            return frame
        cells = [name for name, dtype in frame.schema.items() if dtype == pl.String and name != _RULE]
        own = self._named(frame)
        return frame.with_columns(pl.when(~own).then(pl.col(name)).alias(name) for name in cells)

    def _named(self, frame: pl.DataFrame) -> pl.Series:
        own = pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
        for kind in (CUSTOMER, ACCOUNT):
            if kind in frame.columns:
                own = own | self.names(frame[kind], kind)
        return own

    def _keys(self, kind: str) -> frozenset[str]:
        if kind == CUSTOMER:
            return frozenset(self.subjects)
        return frozenset(key for entry in self.entries for key in entry.accounts)


def _keyed(secret: bytes, subject: str, kind: str) -> str:
    return hmac.new(secret, f"{kind}|{subject}".encode(), hashlib.sha256).hexdigest()


def _secret(workspace: Workspace) -> bytes:
    if not workspace.writable and not workspace.subject_secret.is_file():
        return b""  # nobody was hashed yet, and whoever only reads makes no secret
    return read_secret(workspace.subject_secret).encode()
