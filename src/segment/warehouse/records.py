"""Records that stay: who decided what, when and why. Each holds the hash of the one before it.

Nothing is changed or taken away, so whoever alters a record later breaks the chain at it. The one exception is in the
chain itself: a record that named a customer can be emptied, and a later record says which, and holds its hash.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from segment.exceptions import PublishError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from segment.warehouse.tables import Workspace

EMPTIED = "records_emptied"
BUSY_SECONDS = 30
NOTHING_BEFORE = "0" * 64

_TABLES = sa.MetaData()
_RECORD = sa.Table(
    "record",
    _TABLES,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("written_at", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False, index=True),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("why", sa.String, nullable=False),
    sa.Column("content", sa.String, nullable=False),
    sa.Column("sha256_before", sa.String, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
)


@dataclass(frozen=True)
class Record:
    """One decision.

    Attributes
    ----------
    number : int
        From 1, without a gap.
    written_at : str
        ISO, in UTC.
    kind : str
        Such as ``"acceptance"``, ``"approval"``, ``"override"``, ``"tiers rollback"``.
    by, why : str
        Who decided it, and the reason given.
    content : dict
        What was decided.
    sha256_before, sha256 : str
        Of the record before, and of this one with it.
    """

    number: int
    written_at: str
    kind: str
    by: str
    why: str
    content: dict[str, Any]
    sha256_before: str
    sha256: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return dict(vars(self))


def append(workspace: Workspace, kind: str, *, by: str, why: str, content: Mapping[str, Any]) -> Record:
    """Write a record after the last one.

    Parameters
    ----------
    workspace : Workspace
        Its ``records.db`` is made where it is not there.
    kind : str
        What sort of decision.
    by, why : str
        Who decides, and the reason; neither may be empty.
    content : mapping
        What is decided, as JSON.

    Returns
    -------
    Record

    Raises
    ------
    PublishError
        Where nobody decides or no reason is given.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from segment.warehouse import Workspace
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     first = append(Workspace(Path(folder)), "acceptance", by="Ann", why="known shift", content={"gate": "psi"})
    >>> first.number, first.content
    (1, {'gate': 'psi'})
    """
    if not by.strip() or not why.strip():
        raise PublishError.with_hint("A decision must say who takes it and why. One is empty.", 'add --reason "…"')
    with _open(workspace) as connection:
        last = _last(connection)
        row = {
            "number": last.number + 1 if last else 1,
            "written_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "kind": kind,
            "by": by,
            "why": why,
            "content": json.dumps(dict(content), sort_keys=True, ensure_ascii=False, default=str),
            "sha256_before": last.sha256 if last else NOTHING_BEFORE,
        }
        row["sha256"] = _hash(row)
        connection.execute(_RECORD.insert().values(row))
        return _as_record(row)


def records(workspace: Workspace, kind: str | None = None) -> list[Record]:
    """Read the records, oldest first.

    Parameters
    ----------
    workspace : Workspace
        Where they are kept.
    kind : str, optional
        One sort only, without records that were emptied.

    Returns
    -------
    list of Record
    """
    if not workspace.records.is_file():
        return []
    query = sa.select(_RECORD).order_by(_RECORD.c.number)
    with _open(workspace) as connection:
        rows = connection.execute(query if kind is None else query.where(_RECORD.c.kind == kind)).mappings().all()
    found = [_as_record(dict(row)) for row in rows]
    return found if kind is None else [one for one in found if one.content]


def check_chain(workspace: Workspace) -> int:
    """Hold every record to its hash and to the one before it.

    Parameters
    ----------
    workspace : Workspace
        Where they are kept.

    Returns
    -------
    int
        Records that hold.

    Raises
    ------
    PublishError
        At the first record that was changed, put in or taken away; says its number.
    """
    before, known = NOTHING_BEFORE, records(workspace)
    emptied = {tuple(pair) for one in known if one.kind == EMPTIED for pair in one.content["emptied"]}
    for number, record in enumerate(known, start=1):
        row = record.to_dict() | {"content": json.dumps(record.content, sort_keys=True, ensure_ascii=False)}
        whole = record.sha256 == _hash(row) or (not record.content and (number, record.sha256) in emptied)
        if record.number != number or record.sha256_before != before or not whole:
            raise PublishError.with_hint(
                f"Records must stand as they were written. Number {number} of {len(known)} does not.",
                "bring records.db back from a backup",
            )
        before = record.sha256
    return len(known)


def empty(workspace: Workspace, numbers: Sequence[int], *, by: str, why: str) -> Record | None:
    """Take content and reason out of records, and say so in a new one.

    Their hashes stay, so every other record stands as before; the bytes are overwritten in the file.

    Parameters
    ----------
    workspace : Workspace
        Keeps them.
    numbers : sequence of int
        Which; those that are empty already are left as they are.
    by, why : str
        Who has it done, and why.

    Returns
    -------
    Record or None
        None where nothing was to be done.

    References
    ----------
    PIPL art. 47, GDPR art. 17: a person's data go, also from where a decision was noted.
    """
    chosen = [one for one in records(workspace) if one.number in set(numbers) and one.content]
    if not chosen:
        return None
    # the record that allows it comes first: killed in between, the chain still holds
    told = append(workspace, EMPTIED, by=by, why=why, content={"emptied": [[one.number, one.sha256] for one in chosen]})
    with _open(workspace) as connection:
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
        for one in chosen:
            place = _RECORD.c.number == one.number
            connection.execute(_RECORD.update().where(place).values(content="{}", why="emptied"))
    return told


def compact(workspace: Workspace) -> None:
    """Write the file anew, without the pages that it no longer uses.

    Parameters
    ----------
    workspace : Workspace
        Keeps it.
    """
    if workspace.records.is_file():
        with closing(sqlite3.connect(workspace.records, timeout=BUSY_SECONDS)) as connection:
            connection.execute("VACUUM")


@contextmanager
def _open(workspace: Workspace) -> Iterator[sa.Connection]:
    workspace.root.mkdir(parents=True, exist_ok=True)
    path = workspace.records
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)
    # one writer from the first read on, so that no two records follow the same one
    sa.event.listen(engine, "connect", _own_transactions)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            _TABLES.create_all(connection)
            path.chmod(0o600)
            yield connection
    finally:
        engine.dispose()


def _own_transactions(connection: Any, _: Any) -> None:
    connection.isolation_level = None


def _last(connection: sa.Connection) -> Record | None:
    row = connection.execute(sa.select(_RECORD).order_by(_RECORD.c.number.desc()).limit(1)).mappings().first()
    return None if row is None else _as_record(dict(row))


def _hash(row: Mapping[str, Any]) -> str:
    signed = [row[name] for name in ("number", "written_at", "kind", "by", "why", "content", "sha256_before")]
    return hashlib.sha256(json.dumps(signed, ensure_ascii=False).encode()).hexdigest()


def _as_record(row: Mapping[str, Any]) -> Record:
    return Record(**{**row, "content": json.loads(row["content"])})
