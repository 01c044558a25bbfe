"""The erasure of one person, step by step; cut off anywhere, it goes on where it is run again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import polars as pl

from segment.dates import act_day, days_to_check, utc_now
from segment.exceptions import ErasureError
from segment.files import write_json
from segment.jobs.build.reconcile import move_to_erased
from segment.jobs.rights.certificate import (
    Certificate,
    Erasure,
    ReleasedFile,
    SameRows,
    completed_erasures,
    read_certificate,
    sha256_of,
)
from segment.jobs.rights.data_held import releases_of
from segment.jobs.rights.erase_rows import Measured, Person, clear_parts, measure, take_out
from segment.jobs.rights.legal_hold import holds_on_any, require_free
from segment.jobs.rights.search_workspace import NAMED_FILE, IdSearch, is_named, require_nothing, search
from segment.lock import workspace_lock
from segment.policy import Policy
from segment.settings import current_user
from segment.store.erasure_register import keep_outside
from segment.store.record_kinds import RecordKind
from segment.store.records import Record, append_record, empty_records, read_records
from segment.store.row_store import delete_customers, read_rows, read_tables
from segment.store.stored_tables import RELEASED, REVIEWS
from segment.store.tombstones import ACCOUNT, Erased, Tombstone, subject_key
from segment.store.transactions import compact, store_cells, transaction
from segment.warehouse.reference_tables import read_small_table
from segment.warehouse.serving_copy import without_serving_copies
from segment.warehouse.version_history import erase_from_tiers
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace

_MOVED = ("kept/", "lists/", "control.parquet", "trial.parquet")


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
        Day of the erasure, few days back at most; today by default. What stops it today stops it.

    Returns
    -------
    Erasure

    Raises
    ------
    ErasureError
        Where no reason is given or it names the customer, no file holds the customer, the law asks that the data be
        kept, or a file of somebody's own in the workspace still holds the customer.
    BusyError
        Where another run holds the workspace.

    References
    ----------
    GDPR art. 17; PIPL art. 47. What left the workspace cannot be reached: the certificate lists it.
    """
    _require_reason(reason, customer_id)
    clock = workspace_clock(workspace).today
    erased_on = act_day(on, clock, policy.law.backdated_days)
    with workspace_lock(workspace.root, "erase"), without_serving_copies(workspace):
        subject, by = subject_key(workspace, customer_id), current_user()
        before = completed_erasures(read_records(workspace, RecordKind.CUSTOMER_ERASED), subject)
        begun = completed_erasures(read_records(workspace, RecordKind.ERASURE_BEGUN), subject)
        draft = workspace.erasures / f".{subject[:16]}.json"
        apart, sums = (workspace.tiers, workspace.ledger_parts), workspace.reconciliations  # sums: to their own line
        if len(begun) <= len(before):
            if not search(workspace.root, customer_id, store_cells(workspace)).found:
                return _nothing_left(workspace.erasures, before, draft)
            rules, reviews = read_small_table(workspace, "contact_rules"), read_rows(workspace, REVIEWS)
            on_hold = holds_on_any(days_to_check(erased_on, clock), rules, policy, reviews, customer_id)
            if on_hold:
                # a request that was turned down is on record, too (GDPR art. 12(4))
                by_rule = {"held_by": {name: last and last.isoformat() for name, last in on_hold.items()}}
                kind, refused = RecordKind.ERASURE_REFUSED, {"subject": subject, **by_rule}
                append_record(workspace, kind, by=by, why="kept by law", content=refused)
            require_free(on_hold)
            alone = _accounts_alone(workspace.reference / "holdings.parquet", customer_id)
            accounts = {subject_key(workspace, account, ACCOUNT) for account in alone}
            with transaction(workspace):
                # from here on the customer cannot come back; what will be gone is written down while it is there
                _with_tombstone(Erased.of(workspace), subject, accounts, erased_on).add_to(workspace)
                person = Person(customer_id, subject, Erased.of(workspace))
                stored = read_tables(workspace)
                write_json(asdict(measure(person, workspace.root, workspace.tiers, (*apart, sums), stored)), draft)
                releases = read_records(workspace, RecordKind.LIST_RELEASED)
                left = _left(releases_of(stored[RELEASED.name], customer_id, releases), customer_id)
                kind, content = RecordKind.ERASURE_BEGUN, {"subject": subject, "released": left}
                begun.append(append_record(workspace, kind, by=by, why=reason, content=content))
            keep_outside(workspace)
        person = Person(customer_id, subject, Erased.of(workspace))
        # each step may be repeated; whoever reads lists and tiers sees them whole at any date
        erase_from_tiers(workspace.tiers, customer_id, subject)
        delete_customers(workspace, [customer_id])
        take_out(person, workspace.root, apart)
        move_to_erased(workspace.reconciliations, workspace.customer_months, policy.reconciliation)
        clear_parts(person, workspace.ledger_parts)
        # records of earlier versions, and reasons that named the customer against the rules
        naming = _naming(read_records(workspace), customer_id)
        empty_records(workspace, naming, by=by, why="data of a customer who was erased")
        compact(workspace)
        searched = require_nothing(search(workspace.root, customer_id, store_cells(workspace)))
        earlier = Measured(**json.loads(draft.read_text(encoding="utf-8")))
        now = measure(person, workspace.root, workspace.tiers, (*apart, sums), read_tables(workspace))
        _require_same(earlier, now)
        certificate = _certificate(begun[-1].content, earlier, now, searched, by=by, reason=reason)
        path = workspace.erasures / f"erasure-{begun[-1].number:06d}.json"
        # the certificate first: a record of one that is not there would prove nothing
        write_json(certificate.to_dict(), path)
        signed = _signed(certificate.to_dict(), path.name)
        record = append_record(workspace, RecordKind.CUSTOMER_ERASED, by=by, why=reason, content=signed)
        done = Erasure(replace(certificate, record=record.number), path)
        write_json(done.certificate.to_dict(), path)
        draft.unlink(missing_ok=True)
        return done


def _signed(facts: Mapping[str, Any], name: str) -> dict[str, object]:
    """What the record of a certificate holds."""
    signed = {fact: facts[fact] for fact in ("subject", "rows", "released")}
    return {**signed, "sha256": sha256_of(facts), "certificate": name}


def _naming(records: Iterable[Record], customer_id: str) -> list[int]:
    return [record.number for record in records if is_named(customer_id, [record.why, record.content])]


def _require_reason(reason: str, customer_id: str) -> None:
    if not reason.strip():
        raise ErasureError.of("errors.erasure_without_reason")
    if is_named(customer_id, [reason, reason.split()]):
        raise ErasureError.of("errors.reason_names_customer")


def _nothing_left(folder: Path, before: list[Record], draft: Path) -> Erasure:
    if not before:
        raise ErasureError.of("errors.no_trace")
    path = folder / before[-1].content["certificate"]
    certificate = replace(read_certificate(path)[0], record=before[-1].number)
    if draft.exists():  # one that was cut off after its record
        write_json(certificate.to_dict(), path)
        draft.unlink()
    return Erasure(certificate, path, again=True)


def _left(releases: list[Record], customer_id: str) -> list[dict[str, object]]:
    """Files that left, as a record holds them."""
    left = []
    for release in releases:
        facts = {name: release.content[name] for name in ("sha256", "list_id", "released_on", "rows")}
        named = is_named(customer_id, release.content["file"])
        file = NAMED_FILE if named else release.content["file"]  # the certificate names nobody
        left.append(asdict(ReleasedFile(record=release.number, by=release.by, file=file, **facts)))
    return left


def _accounts_alone(path: Path, customer_id: str) -> set[str]:
    """Accounts that nobody else holds."""
    if not path.is_file():
        return set()
    holdings, own = pl.read_parquet(path, glob=False), pl.col("customer_id") == customer_id
    return set(holdings.filter(own)[ACCOUNT]) - set(holdings.filter(~own)[ACCOUNT])


def _with_tombstone(erased: Erased, subject: str, accounts: set[str], erased_on: dt.date) -> Erased:
    entries = list(erased.entries)
    place = next((number for number, entry in enumerate(entries) if entry.customer == subject), len(entries))
    earlier = {account for entry in entries[place : place + 1] for account in entry.accounts}
    entries[place : place + 1] = [Tombstone(subject, tuple(sorted(accounts | earlier)), erased_on.isoformat())]
    return replace(erased, entries=tuple(entries))


def _certificate(
    begun: Mapping[str, Any], before: Measured, after: Measured, searched: IdSearch, *, by: str, reason: str
) -> Certificate:
    return Certificate(
        subject=begun["subject"],
        erased_at=utc_now(),
        by=by,
        why=reason,
        rows=_by_store(before.own),
        tables=len(after.others),
        others={name: SameRows(value, after.others[name]) for name, value in before.others.items()},
        versions={name: SameRows(value, after.versions[name]) for name, value in before.versions.items()},
        search=searched,
        released=tuple(ReleasedFile(**file) for file in begun["released"]),
    )


def _require_same(before: Measured, after: Measured) -> None:
    earlier, now = (
        {**measured.others, **{f"version {name}": value for name, value in measured.versions.items()}}
        for measured in (before, after)
    )
    # an erasure that an earlier release began measured files that stand in the store now
    moved = [name for name in earlier if name.startswith(_MOVED) and name not in now]
    other = [name for name, value in earlier.items() if now.get(name) != value and name not in moved]
    if other:
        raise ErasureError.of("errors.erasure_changed_others", tables=len(other), other=other[:6])


def _by_store(own: dict[str, int]) -> dict[str, int]:
    stores: dict[str, int] = {}
    for place, count in own.items():
        store = place.split("/")[0].removesuffix(".parquet")
        stores[store] = stores.get(store, 0) + count
    return {store: count for store, count in sorted(stores.items()) if count}
