"""Who was erased, known by keyed hashes alone, so that they do not come back.

The key is a secret of the workspace: with it an id can be asked about, without it nobody can be read out of a hash.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from typing import Any

import polars as pl

from segment.exceptions import PublishError
from segment.warehouse.tables import Workspace, write_json, write_whole

CUSTOMER, ACCOUNT = "customer_id", "account_id"
"""Columns that name a person, or what a person alone holds."""

_RULE = "rule"


def subject_key(workspace: Workspace, subject: str, kind: str = CUSTOMER) -> str:
    """Stand for an id in records that stay.

    Parameters
    ----------
    workspace : Workspace
        Keeps the secret, made where it is not there, in `subject_secret`, which only its owner can read.
    subject : str
        The id.
    kind : str
        What it is an id of, so that an account's never equals a customer's.

    Returns
    -------
    str
        HMAC-SHA-256, hexadecimal.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = Workspace(Path(folder))
    ...     subject_key(place, "a") == subject_key(place, "a"), subject_key(place, "a") == subject_key(place, "b")
    (True, False)
    """
    return _keyed(_secret(workspace), subject, kind)


@dataclass(frozen=True)
class Erased:
    """Those who were erased from a workspace, in the order in which they were.

    Parameters
    ----------
    entries : tuple of dict
        `customer` (keyed hash), `accounts` (keyed hashes of those that nobody else holds) and `erased_on`.
    secret : bytes
        Of the workspace.
    """

    entries: tuple[dict[str, Any], ...]
    secret: bytes

    @classmethod
    def of(cls, workspace: Workspace, first: int | None = None) -> Erased:
        """Read them.

        Parameters
        ----------
        workspace : Workspace
            Keeps them.
        first : int, optional
            Only so many, as an earlier run knew them; all by default.

        Returns
        -------
        Erased

        Raises
        ------
        PublishError
            Where someone was erased and the secret is gone: they would come back.
        """
        if not workspace.tombstones.is_file():
            return cls((), b"")
        if not workspace.subject_secret.is_file():
            raise PublishError.with_hint(
                f"Who was erased must stay out. `{workspace.subject_secret.name}` is gone: nobody can tell who it is.",
                "bring it back from a backup",
            )
        entries = tuple(json.loads(workspace.tombstones.read_text(encoding="utf-8"))["erased"])
        return cls(entries[:first], _secret(workspace))

    def __len__(self) -> int:
        """How many persons."""
        return len(self.entries)

    @property
    def subjects(self) -> tuple[str, ...]:
        """Keyed hashes of the persons."""
        return tuple(str(one["customer"]) for one in self.entries)

    def add_to(self, workspace: Workspace) -> None:
        """Write them."""
        write_json({"erased": list(self.entries)}, workspace.tombstones)

    def names(self, ids: pl.Series, kind: str = CUSTOMER) -> pl.Series:
        """Say which ids are theirs.

        Parameters
        ----------
        ids : polars.Series of str
            Of customers or accounts.
        kind : {"customer_id", "account_id"}
            Which.

        Returns
        -------
        polars.Series of bool
        """
        known = self._keys(kind)
        asked = ids.cast(pl.String)
        gone = [one for one in asked.drop_nulls().unique() if known and _keyed(self.secret, one, kind) in known]
        return asked.is_in(gone).fill_null(value=False)

    def leave_out(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Drop the rows that name one of them, or an account that they alone held.

        Parameters
        ----------
        frame : polars.DataFrame
            Of any columns.

        Returns
        -------
        polars.DataFrame
            A household named after one of them bears another name.
        """
        if not self.entries:
            return frame
        kept = frame.filter(~self._named(frame))
        if "household_id" not in kept.columns:
            return kept
        # a household is often named after one of its members
        household = kept["household_id"].cast(pl.String)
        theirs = self.names(household)
        if not theirs.any():
            return kept
        renamed = [
            _keyed(self.secret, name, CUSTOMER)[:16] if own else name
            for name, own in zip(household, theirs, strict=True)
        ]
        return kept.with_columns(household_id=pl.Series(renamed, dtype=pl.String))

    def blank(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Empty the cells of rows that name one of them, and keep the rows, which are counted.

        Parameters
        ----------
        frame : polars.DataFrame
            Rows that broke a rule, as text.

        Returns
        -------
        polars.DataFrame
        """
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
            return frozenset(one["customer"] for one in self.entries)
        return frozenset(key for one in self.entries for key in one["accounts"])


def _keyed(secret: bytes, subject: str, kind: str) -> str:
    return hmac.new(secret, f"{kind}|{subject}".encode(), hashlib.sha256).hexdigest()


def _secret(workspace: Workspace) -> bytes:
    path = workspace.subject_secret
    if not path.exists():
        write_whole(path, lambda beside: beside.write_text(secrets.token_hex(32), encoding="utf-8"))
    return path.read_text(encoding="utf-8").encode()
