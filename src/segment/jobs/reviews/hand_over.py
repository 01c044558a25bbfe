"""Files of approved actions, for the systems and people that carry them out; every condition is checked again first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from segment.dates import act_day, days_to_check, utc_now
from segment.exceptions import ReviewError
from segment.jobs.lists.suppressions import ContactSources, find_suppressions
from segment.jobs.reviews.review_context import ReviewContext
from segment.jobs.reviews.review_rows import ask, reviews_lock, row_hash
from segment.jobs.reviews.review_seals import Seals
from segment.law.condition import Stage, first_broken
from segment.law.conditions import FEE, OFFER_HELP, SELF_SERVICE
from segment.messages import Message
from segment.pages.message_result import MessageResult, counted
from segment.policy import Policy
from segment.settings import current_user
from segment.store.record_kinds import RecordKind
from segment.store.records import Record, read_records
from segment.store.row_store import read_rows, upsert_rows
from segment.store.stored_tables import REVIEWS
from segment.upgrade.protections import Protections
from segment.warehouse.controlled_export import (
    MARK,
    ControlledExport,
    export_with_record,
    manifest_of,
    take_back_cut_off,
)
from segment.warehouse.export import check_format
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace

SHEET = "actions"
PURPOSES = {
    "notice": "to tell customers of a fee",
    "charge": "to charge a fee",
    "refund": "to refund a fee that was withdrawn",
    "contact": "to offer self-service or help",
}
_COLUMNS = (
    "review_id",
    "customer_id",
    "branch_id",
    "action",
    "item_code",
    "price",
    "alternative",
    "starts_on",
    "reversible_until",
)
_OPEN = pl.col("withdrawn_on").is_null() & (pl.col("decision") == "approved") & pl.col("handed_over_on").is_null()
_FEE = pl.col("action") == FEE
_CHOSEN = {
    "notice": _OPEN & _FEE & pl.col("notice_on").is_null(),
    "charge": _OPEN & _FEE & pl.col("notice_on").is_not_null(),
    "refund": _FEE & pl.col("handed_over_on").is_not_null() & pl.col("withdrawn_on").is_not_null(),
    "contact": _OPEN & pl.col("action").is_in([SELF_SERVICE, OFFER_HELP]),
}
_MARKED: dict[str, tuple[str, ...]] = {
    "notice": (),
    "charge": ("handed_over_on",),
    "contact": ("handed_over_on",),
    "refund": ("refunded_on",),
}
"""A fee is charged once and refunded once; a notice may be sent again."""


@dataclass(frozen=True)
class HandedOver(MessageResult):
    """A file that left."""

    path: Path  # path, manifest: The file, and what it holds, when and by whom, in JSON beside it.
    manifest: Path
    rows: int  # Actions in it
    stayed: dict[str, int]  # Reviews that did not leave, by the first condition that does not hold today
    record: int  # Number of the record
    protections: Protections | None  # What was looked at; a refund asks for none

    def messages(self) -> list[Message]:
        """Say what left and what did not."""
        stayed = counted(self.stayed) or [Message("words.none")]
        figures = {"rows": self.rows, "record": self.record, "stayed": stayed}
        looked_at = self.protections.messages() if self.protections else []
        return [Message("results.handed_over", figures), *looked_at]


def hand_over(
    purpose: str, path: Path, workspace: Workspace, policy: Policy, *, on: dt.date | None = None
) -> HandedOver:
    """Write approved actions for one purpose, after every condition was checked again.

    Parameters
    ----------
    purpose : {"notice", "charge", "refund", "contact"}
        What the file is for.
    path : Path
        Ending in ``.csv``, ``.parquet`` or ``.xlsx``; mode 0600, with a manifest beside it.
    workspace : Workspace
        Keeps reviews and records.
    policy : Policy
        The law in force.
    on : datetime.date, optional
        The day, few days back at most; today by default. Conditions must hold today in any case.

    Returns
    -------
    HandedOver

    Raises
    ------
    ReviewError
        Where nothing is left for the purpose. Nothing is then at the path that was not there before.

    References
    ----------
    Fee guardrail (DOMAIN.md 5); DOMAIN.md 3.5: the record first, then the file.
    """
    check_format(path)
    clock = workspace_clock(workspace)
    _require_purpose(purpose, is_trial=clock.is_trial)
    day = act_day(on, clock.today, policy.law.backdated_days)
    kinds = (RecordKind.REVIEWS_HANDED_OVER, RecordKind.REVIEWS_HAND_OVER_FAILED)

    def unmark_rows(act: Mapping[str, Any]) -> None:
        rows = read_rows(workspace, REVIEWS, "review_id", act["reviews"])
        unmarked = {name: pl.lit(None, pl.Date) for name in act["columns"]}
        upsert_rows(workspace, REVIEWS, rows.with_columns(**unmarked))

    with reviews_lock(workspace.root):
        # what an export that was killed marked waits again
        take_back_cut_off(workspace, *kinds, unmark_rows)
        chosen = _chosen(read_rows(workspace, REVIEWS), purpose)
        seals, protections, sources = Seals.read(workspace), None, ContactSources.read(workspace)
        if purpose == "refund":
            broken = _not_as_recorded(chosen, seals, read_records(workspace, RecordKind.REVIEW_WITHDRAWN))
        else:
            days, last = days_to_check(day, clock.today), max([clock.today, *chosen["starts_on"].drop_nulls()])
            contexts = [ReviewContext.read(each, last, workspace, policy) for each in days]
            broken, protections = _broken(chosen, purpose, contexts, policy), contexts[-1].protections
            if purpose == "contact":
                # to be contacted, a customer must also be free of every rule of lists
                broken = broken.zip_with(broken.is_not_null(), _suppressed(chosen, sources, policy, days))
        leaving = chosen.filter(broken.is_null())
        stayed = dict(broken.drop_nulls().value_counts(name="count").sort(broken.name).iter_rows())
        if leaving.is_empty():
            raise _nothing_leaves(purpose, chosen.height, day, stayed)
        content = {
            "purpose": purpose,
            "on": day.isoformat(),
            "stayed": stayed,
            "protections": protections and protections.to_dict(),
            "policy_hash": policy.hash,
        }
        by, at, why = current_user(), utc_now(), PURPOSES[purpose]
        words = f"{leaving.height} actions {why}, handed over by {by} at {at}. Not to be passed on."
        file = leaving.select(_COLUMNS).with_columns(pl.lit(words).alias(MARK))
        about = {"Handed over by": by, "At": at, "Purpose": why, "Rows": str(leaving.height), "Watermark": words}
        marked = leaving.with_columns(pl.lit(day).alias(name) for name in _MARKED[purpose])

        def mark_rows(_: str) -> None:
            if purpose != "refund":  # what is paid back is theirs, whatever they wish
                sources.require_same(ContactSources.read(workspace, sources.tables))
            _require_unchanged(leaving, read_rows(workspace, REVIEWS, "review_id", leaving["review_id"]))
            upsert_rows(workspace, REVIEWS, marked)

        taken_back_by = {"reviews": leaving["review_id"].to_list(), "columns": _MARKED[purpose]}
        export = ControlledExport(
            *kinds, by, why, content, SHEET, about, seals.of(marked), seals.of(leaving), taken_back_by
        )
        record = export_with_record(file, path, workspace, export, mark_rows, unmark_rows)
    return HandedOver(path, manifest_of(path), leaving.height, stayed, record.number, protections)


def _require_purpose(purpose: str, *, is_trial: bool) -> None:
    if purpose not in PURPOSES:
        raise ReviewError.of("errors.unknown_purpose", purposes=tuple(PURPOSES), purpose=purpose)
    if is_trial and purpose != "contact":
        raise ReviewError.of("errors.no_fee_of_trial")


def _nothing_leaves(purpose: str, reviews: int, day: dt.date, stayed: Mapping[str, int]) -> ReviewError:
    return ReviewError.of(
        "errors.no_action_holds",
        purposes=Message(f"errors.purpose.{purpose}"),
        reviews=reviews,
        day=day,
        listed=_listed(stayed),
    )


def _chosen(reviews: pl.DataFrame, purpose: str) -> pl.DataFrame:
    waiting = (pl.col(name).is_null() for name in _MARKED[purpose])
    chosen = reviews.filter(_CHOSEN[purpose], *waiting).sort("review_id")
    if chosen.is_empty():
        raise ReviewError.of("errors.no_action_waits", purposes=Message(f"errors.purpose.{purpose}"))
    return chosen


def _broken(rows: pl.DataFrame, purpose: str, contexts: Sequence[ReviewContext], policy: Policy) -> pl.Series:
    """Name the first condition of each row that does not hold; null: all do."""
    if purpose != "contact":
        stage = Stage.CHARGE if purpose == "charge" else Stage.NOTICE
        return first_broken(ask(rows, FEE, contexts, stage, policy)[1])
    broken = pl.Series("condition", [None] * rows.height, dtype=pl.String)
    for action in (SELF_SERVICE, OFFER_HELP):
        own = first_broken(ask(rows, action, contexts, Stage.NOTICE, policy)[1])
        broken = broken.zip_with(rows["action"] != action, own)
    return broken


def _not_as_recorded(rows: pl.DataFrame, seals: Seals, withdrawals: Sequence[Record]) -> pl.Series:
    """Name the rows that are not as their last step left them; of an earlier version, those not withdrawn on record."""
    owed = {record.content["review_sha256"] for record in withdrawals if record.content.get("to_refund")}
    broken = [
        None if seals.hold(row) or (not seals.knows(row) and row_hash(row) in owed) else "as_recorded"
        for row in rows.iter_rows(named=True)
    ]
    return pl.Series("condition", broken, dtype=pl.String)


def _require_unchanged(leaving: pl.DataFrame, now: pl.DataFrame) -> None:
    if not leaving.sort("review_id").equals(now):
        raise ReviewError.of("errors.reviews_changed")


def _suppressed(rows: pl.DataFrame, sources: ContactSources, policy: Policy, days: Sequence[dt.date]) -> pl.Series:
    """Name the rule by which each customer may not be contacted; null: none."""
    asked = rows.select("customer_id", channel=pl.lit(None, pl.String), bundle=pl.lit(None, pl.String))
    codes = find_suppressions(sources, policy, days).codes_of(asked)
    return rows.join(codes, on="customer_id", how="left", maintain_order="left")["code"]


def _listed(stayed: Mapping[str, int]) -> str:
    return ", ".join(f"{code} {count}" for code, count in stayed.items()) or "none"
