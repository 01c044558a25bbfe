"""Records that stay: who decided what, when and why. Each is signed with the one before it."""

# Nothing is changed or taken away, so whoever alters a record later breaks the chain at it. The one exception is in the
# chain itself: a record that named a customer can be emptied, and a later record says which, and holds its hash.

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from segment.dates import utc_now
from segment.exceptions import DecisionError, RecordError
from segment.messages import Message
from segment.store.chain import (
    EMPTIED,
    KEY_FACT,
    NOTHING_BEFORE,
    Anchor,
    ChainKey,
    read_head,
    sha256_of_row,
    write_head,
)
from segment.store.record_kinds import LOOKS, RecordKind
from segment.store.stored_tables import FACTS, RECORD
from segment.store.transactions import after_commit, reading, transaction
from segment.workspace import Workspace

_BACKUP = Message("errors.hint.backup")


@dataclass(frozen=True)
class Record:
    """One decision."""

    number: int  # From 1, without a gap
    written_at: str  # ISO, in UTC
    kind: RecordKind
    by: str  # by, why: Who decided it, and the reason given.
    why: str
    content: dict[str, Any]  # What was decided
    sha256_before: str  # sha256_before, sha256: Of the record before, and of this one with it.
    sha256: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return dict(vars(self))


def append_record(workspace: Workspace, kind: RecordKind, *, by: str, why: str, content: Mapping[str, Any]) -> Record:
    """Write a record after the last one."""
    if not by.strip() or not why.strip():
        raise DecisionError.of("errors.decision_incomplete")
    with transaction(workspace) as connection:
        key = _require_key(connection, workspace)
        if connection.execute(sa.select(FACTS.c.name).where(FACTS.c.name == KEY_FACT)).first() is None:
            connection.execute(FACTS.insert().values(name=KEY_FACT, value=key.fingerprint))
        last = connection.execute(sa.select(RECORD).order_by(RECORD.c.number.desc()).limit(1)).mappings().first()
        row: dict[str, Any] = {
            "number": last["number"] + 1 if last else 1,
            "written_at": utc_now(),
            "kind": kind.value,
            "by": by,
            "why": why,
            "content": json.dumps(dict(content), sort_keys=True, ensure_ascii=False, default=str),
            "sha256_before": last["sha256"] if last else NOTHING_BEFORE,
        }
        row["content_mac"] = key.content_mac(row)
        row["sha256"] = sha256_of_row(row)
        row["mac"] = key.mac(row, last["mac"] if last else NOTHING_BEFORE)
        connection.execute(RECORD.insert().values(row))
        head = Anchor(row["number"], row["sha256"], Message("errors.anchor.head"))
        after_commit(workspace, lambda: write_head(workspace, key, head))
        return _as_record(row)


def append_record_once(
    workspace: Workspace, kind: RecordKind, key: Sequence[str], *, by: str, why: str, content: Mapping[str, Any]
) -> None:
    """Write a record unless one has the same `key` of its content: a run that is repeated decides nothing twice."""
    subject = [content[name] for name in key]
    with transaction(workspace):
        if subject not in ([record.content[name] for name in key] for record in read_records(workspace, kind)):
            append_record(workspace, kind, by=by, why=why, content=content)


def append_record_unless_last(
    workspace: Workspace,
    kind: RecordKind,
    among: Sequence[RecordKind],
    *,
    by: str,
    why: str,
    content: Mapping[str, Any],
) -> None:
    """Write a record unless the last one among some kinds says just this: an act cut off and repeated is one act."""
    with transaction(workspace):
        last = last_record(workspace, among)
        plain = json.loads(json.dumps(dict(content), default=str))
        if last is None or (last.kind, last.by, last.why, last.content) != (kind, by, why, plain):
            append_record(workspace, kind, by=by, why=why, content=content)


def last_record(workspace: Workspace, among: Sequence[RecordKind]) -> Record | None:
    """Read the newest record of some kinds that was not emptied."""
    return next(reversed(read_records(workspace, *among)), None)


def read_records(workspace: Workspace, *kinds: RecordKind) -> list[Record]:
    """Read the records, oldest first; of some kinds, only those that were not emptied."""
    query = sa.select(RECORD).order_by(RECORD.c.number)
    if kinds:
        query = query.where(RECORD.c.kind.in_([kind.value for kind in kinds]))
    with reading(workspace) as connection:
        records = [_as_record(dict(row)) for row in connection.execute(query).mappings()]
    return [record for record in records if record.content] if kinds else records


def last_act(workspace: Workspace) -> int:
    """Say which number the newest record of an act bears; who looked at what is none. 0: there is none."""
    newest = sa.select(sa.func.max(RECORD.c.number))
    # asked kind by kind, each is one step in the index, however many looks were taken since
    of_kinds = [newest.where(RECORD.c.kind == kind.value).scalar_subquery() for kind in RecordKind if kind not in LOOKS]
    with reading(workspace) as connection:
        return max(number or 0 for number in connection.execute(sa.select(*of_kinds)).one())


def newest_records(
    workspace: Workspace, most: int, kind: RecordKind | None = None, subject: str | None = None
) -> list[Record]:
    """Read the newest records, the newest first: of a kind, or about a subject, however many stand before them."""
    query = sa.select(RECORD).order_by(RECORD.c.number.desc())
    if kind is not None:
        query = query.where(RECORD.c.kind == kind.value)
    if subject is not None:
        query = query.where(RECORD.c.content.contains(f'"subject": "{subject}"', autoescape=True))
    with reading(workspace) as connection:
        rows = connection.execute(query.limit(most)).mappings()
        records = [_as_record(dict(row)) for row in rows]
    return [
        record
        for record in records
        if (record.content or kind is None) and subject in (None, record.content.get("subject"))
    ]


def chain_head(workspace: Workspace) -> Anchor:
    """Say how many records there are, and which is the last."""
    query = sa.select(RECORD.c.number, RECORD.c.sha256).order_by(RECORD.c.number.desc()).limit(1)
    with reading(workspace) as connection:
        last = connection.execute(query).first()
    return (
        Anchor(0, NOTHING_BEFORE, Message("errors.anchor.store"))
        if last is None
        else Anchor(last.number, last.sha256, Message("errors.anchor.store"))
    )


def check_chain(workspace: Workspace, anchors: Iterable[Anchor] = ()) -> int:
    """Hold every record to its signature and the chain to its head and to what others know of it.

    Returns how many records there are.
    """
    with reading(workspace) as connection:
        key = _require_key(connection, workspace)
        rows = [dict(row) for row in connection.execute(sa.select(RECORD).order_by(RECORD.c.number)).mappings()]
    before = NOTHING_BEFORE
    for number, row in enumerate(rows, start=1):
        if row["number"] != number:
            raise _altered(Message("errors.records.out_of_place", {"number": number, "rows": len(rows)}))
        if row["mac"] != key.mac(row, before):
            raise _altered(Message("errors.records.not_signed", {"number": number, "rows": len(rows)}))
        before = row["mac"]
    head = read_head(workspace, key)
    for anchor in (*([] if head is None else [head]), *anchors):
        _require_anchor(rows, anchor)
    emptied = _emptied(rows, key)
    for row in rows:
        signed = row["content_mac"] == key.content_mac(row)
        if not signed and not (_is_empty(row) and (row["number"], row["sha256"]) in emptied):
            raise _altered(Message("errors.records.changed", {"number": row["number"], "rows": len(rows)}))
    for row in rows:
        RecordKind.parse(row["kind"])
    return len(rows)


def empty_records(workspace: Workspace, numbers: Sequence[int], *, by: str, why: str) -> Record | None:
    """Take content and reason out of records, and say so in a new one."""
    # Their hashes stay, so every other record stands as before; the bytes are overwritten in the file.
    # Source: PIPL art. 47, GDPR art. 17: a person's data go, also from where a decision was noted.
    with transaction(workspace) as connection:
        chosen = [record for record in read_records(workspace) if record.number in set(numbers) and record.content]
        if not chosen:
            return None
        emptied = [[record.number, record.sha256] for record in chosen]
        allowing = append_record(workspace, RecordKind.RECORDS_EMPTIED, by=by, why=why, content={"emptied": emptied})
        own = RECORD.c.number.in_([record.number for record in chosen])
        connection.execute(RECORD.update().where(own).values(content="{}", why=EMPTIED))
    return allowing


def _emptied(rows: Iterable[Mapping[str, Any]], key: ChainKey) -> set[tuple[int, str]]:
    """Which records may be empty, as signed records say."""
    says = [
        json.loads(row["content"])["emptied"]
        for row in rows
        if row["kind"] == RecordKind.RECORDS_EMPTIED and row["content_mac"] == key.content_mac(row)
    ]
    return {(number, sha256) for pairs in says for number, sha256 in pairs}


def _is_empty(row: Mapping[str, Any]) -> bool:
    return row["content"] == "{}" and row["why"] == EMPTIED


def _require_anchor(rows: Sequence[Mapping[str, Any]], anchor: Anchor) -> None:
    if anchor.number > len(rows):
        missing = (
            Message("errors.records.all")
            if not rows
            else Message("errors.records.numbers", {"first": len(rows) + 1, "number": anchor.number})
        )
        raise _altered(
            Message("errors.records.missing", {"source": anchor.source, "number": anchor.number, "missing": missing})
        )
    if anchor.number and rows[anchor.number - 1]["sha256"] != anchor.sha256:
        raise _altered(Message("errors.records.not_known", {"number": anchor.number, "source": anchor.source}))


def _require_key(connection: sa.Connection, workspace: Workspace) -> ChainKey:
    """The key, which must be the one that the chain was begun with."""
    key = ChainKey.of(workspace)
    stored = connection.execute(sa.select(FACTS.c.value).where(FACTS.c.name == KEY_FACT)).scalar()
    if stored is None and connection.execute(sa.select(RECORD.c.number).limit(1)).first() is not None:
        raise _altered(Message("errors.records.no_key"))
    if stored not in (None, key.fingerprint):
        raise RecordError.of("errors.other_chain_key", origin=Message(f"errors.origin.{key.origin}"))
    return key


def _altered(what: Message) -> RecordError:
    return RecordError.of("errors.record_altered", what=what, backup=_BACKUP)


def _as_record(row: Mapping[str, Any]) -> Record:
    names = ("number", "written_at", "by", "why", "sha256_before", "sha256")
    return Record(
        kind=RecordKind.parse(row["kind"]),
        content=json.loads(row["content"]),
        **{name: row[name] for name in names},
    )
