"""The erasure of one person, step by step; cut off anywhere, it goes on where it is run again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import polars as pl

from segment.exceptions import PublishError
from segment.jobs.erasure.certificate import ERASED, Erasure, done, read_certificate, sha256_of
from segment.jobs.erasure.held import holds, require_free
from segment.jobs.erasure.rows import Measured, Person, clear_parts, measure, take_out
from segment.jobs.erasure.search import is_named, require_nothing, search
from segment.jobs.reconciled import without_the_erased
from segment.jobs.release import RELEASED, rows_of
from segment.policy import Policy
from segment.settings import who
from segment.warehouse import Workspace, workspace_lock, write_json
from segment.warehouse.history import erase_from_tiers
from segment.warehouse.kept import forget
from segment.warehouse.records import append, compact, empty, records
from segment.warehouse.tombstones import ACCOUNT, Erased, subject_key

BEGUN, REFUSED = "customer_erasure_begun", "customer_erasure_refused"


def erase(workspace: Workspace, policy: Policy, customer_id: str, *, reason: str, on: dt.date | None = None) -> Erasure:
    """Take a customer out of every file of the workspace, prove it, and keep them from coming back.

    The tombstone comes first, then each store, then a search of every file and the certificate. A run that was cut off
    is done by the same call; the same call after that changes nothing.

    Parameters
    ----------
    workspace : Workspace
        All of it.
    policy : Policy
        What stops an erasure.
    customer_id : str
        Who.
    reason : str
        Why; recorded, so it must not name the customer.
    on : datetime.date, optional
        Day of the erasure; today by default.

    Returns
    -------
    Erasure

    Raises
    ------
    PublishError
        Where no reason is given or it names the customer, no file holds the customer, the law asks that the data be
        kept, or a file of somebody's own in the workspace still holds the customer.
    BusyError
        Where another run holds the workspace.

    References
    ----------
    GDPR art. 17; PIPL art. 47. What left the workspace cannot be reached: the certificate lists it.
    """
    _require_reason(reason, customer_id)
    with workspace_lock(workspace.root, "erase"):
        subject = subject_key(workspace, customer_id)
        before = done(workspace, subject)
        begun = [one for one in records(workspace, BEGUN) if one.content["subject"] == subject]
        if len(begun) <= len(before):
            if not search(workspace, customer_id).found:
                return _nothing_left(workspace, before)
            require_free(_recorded(workspace, holds(workspace, policy, customer_id, on or dt.date.today()), subject))
            _begin(workspace, customer_id, subject, reason)
        return _finish(workspace, policy, Person.of(workspace, customer_id), reason)


def _require_reason(reason: str, customer_id: str) -> None:
    if not reason.strip():
        raise PublishError.with_hint("An erasure must have a reason. None was given.", 'add --reason "…"')
    if is_named(customer_id, [reason, reason.split()]):
        raise PublishError.with_hint(
            "The reason must not name the customer, for it stays on record. It does.", "say why, not who"
        )


def _nothing_left(workspace: Workspace, before: list[Any]) -> Erasure:
    if not before:
        raise PublishError.with_hint(
            "The customer must stand in some file of the workspace. None holds this one.", "look the id up again"
        )
    path = workspace.erasures / before[-1].content["certificate"]
    return Erasure(read_certificate(path), path, again=True)


def _recorded(workspace: Workspace, held: dict[str, dt.date | None], subject: str) -> dict[str, dt.date | None]:
    """A request that was turned down is on record, too (GDPR art. 12(4))."""
    if held:
        told = {name: day and day.isoformat() for name, day in held.items()}
        append(workspace, REFUSED, by=who(), why="kept by law", content={"subject": subject, "held_by": told})
    return held


def _begin(workspace: Workspace, customer_id: str, subject: str, reason: str) -> None:
    """From here on the customer cannot come back; what will be gone is written down while it is there."""
    _bury(workspace, customer_id, subject)
    measured = measure(workspace, Person.of(workspace, customer_id))
    write_json(asdict(measured), _draft(workspace, subject))
    released = _released(workspace, customer_id)
    append(workspace, BEGUN, by=who(), why=reason, content={"subject": subject, "released": released})


def _bury(workspace: Workspace, customer_id: str, subject: str) -> None:
    path = workspace.reference / "holdings.parquet"
    holdings = (
        pl.read_parquet(path) if path.is_file() else pl.DataFrame(schema={ACCOUNT: pl.String, "customer_id": pl.String})
    )
    own = pl.col("customer_id") == customer_id
    theirs, others = holdings.filter(own)[ACCOUNT], holdings.filter(~own)[ACCOUNT]
    alone = sorted(set(theirs) - set(others))
    erased = Erased.of(workspace)
    known = next((one for one in erased.entries if one["customer"] == subject), None)
    accounts = {subject_key(workspace, one, ACCOUNT) for one in alone} | set(known["accounts"] if known else ())
    entry = {"customer": subject, "accounts": sorted(accounts), "erased_on": dt.date.today().isoformat()}
    entries = [one for one in erased.entries if one is not known]
    place = erased.entries.index(known) if known else len(entries)
    replace(erased, entries=(*entries[:place], entry, *entries[place:])).add_to(workspace)


def _released(workspace: Workspace, customer_id: str) -> list[dict[str, Any]]:
    """Files that left and held the customer: where they are, nobody keeps."""
    found = []
    for one in records(workspace, RELEASED):
        copy = rows_of(workspace, one.content["sha256"])
        if copy.is_file() and customer_id in set(pl.read_parquet(copy, columns=["customer_id"])["customer_id"]):
            named = ("file", "sha256", "list_id", "released_on", "rows")
            found.append({"record": one.number, "by": one.by, **{name: one.content[name] for name in named}})
    return found


def _finish(workspace: Workspace, policy: Policy, person: Person, reason: str) -> Erasure:
    before = Measured(**json.loads(_draft(workspace, person.subject).read_text(encoding="utf-8")))
    for step in _steps(workspace, policy, person):
        step()
    searched = search(workspace, person.customer_id)
    require_nothing(searched)
    after = measure(workspace, person)
    _require_same(before, after)
    begun = [one for one in records(workspace, BEGUN) if one.content["subject"] == person.subject][-1]
    content: dict[str, Any] = {
        "subject": person.subject,
        "erased_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "by": who(),
        "why": reason,
        "rows": _by_store(before.own),
        "tables": len(after.others),
        "others": {place: {"before": before.others[place], "after": after.others[place]} for place in before.others},
        "versions": {one: {"before": before.versions[one], "after": after.versions[one]} for one in before.versions},
        "search": {**asdict(searched), "found": list(searched.found)},
        "released": begun.content["released"],
    }
    return _certify(workspace, content, begun.number)


def _steps(workspace: Workspace, policy: Policy, person: Person) -> tuple[Callable[[], object], ...]:
    """Each may be repeated. Whoever reads lists and tiers sees them whole at any moment."""
    return (
        lambda: erase_from_tiers(workspace.tiers, person.customer_id, person.subject),
        lambda: forget(workspace, [person.customer_id]),
        lambda: take_out(workspace, person),
        lambda: without_the_erased(workspace, policy),
        lambda: clear_parts(workspace, person),
        lambda: _empty_records(workspace, person),
    )


def _empty_records(workspace: Workspace, person: Person) -> None:
    """Records of earlier versions, and reasons that named the customer against the rules."""
    naming = [one.number for one in records(workspace) if is_named(person.customer_id, [one.why, one.content])]
    empty(workspace, naming, by=who(), why="data of a customer who was erased")
    compact(workspace)


def _require_same(before: Measured, after: Measured) -> None:
    kept = {**before.others, **{f"version {one}": value for one, value in before.versions.items()}}
    now = {**after.others, **{f"version {one}": value for one, value in after.versions.items()}}
    other = [name for name, value in kept.items() if now.get(name) != value]
    if other:
        raise PublishError.with_hint(
            f"An erasure must leave everybody else's rows as they are. {len(other)} tables differ: "
            f"{', '.join(other[:6])}.",
            "wait for whatever writes to the workspace, then run the same erasure again",
        )


def _by_store(own: dict[str, int]) -> dict[str, int]:
    stores: dict[str, int] = {}
    for place, count in own.items():
        store = place.split("/")[0].removesuffix(".parquet")
        stores[store] = stores.get(store, 0) + count
    return {store: count for store, count in sorted(stores.items()) if count}


def _certify(workspace: Workspace, content: dict[str, Any], begun: int) -> Erasure:
    path = workspace.erasures / f"erasure-{begun:06d}.json"
    facts = {name: content[name] for name in ("subject", "rows", "released")}
    told = {**facts, "sha256": sha256_of(content), "certificate": path.name}
    # the certificate first: a record of one that is not there would prove nothing
    write_json(content, path)
    record = append(workspace, ERASED, by=content["by"], why=content["why"], content=told)
    write_json({**content, "record": record.number}, path)
    _draft(workspace, content["subject"]).unlink(missing_ok=True)
    return Erasure({**content, "record": record.number}, path)


def _draft(workspace: Workspace, subject: str) -> Path:
    return workspace.erasures / f".{subject[:16]}.json"
