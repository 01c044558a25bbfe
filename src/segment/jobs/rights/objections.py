"""Objections to profiling and to marketing: in force from the moment in which they are handed in."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import polars as pl

from segment.dates import act_day, utc_now
from segment.exceptions import ObjectionError
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.policy import Policy
from segment.settings import current_user
from segment.store.erasure_register import keep_outside
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record, read_records
from segment.store.row_store import read_rows, upsert_rows
from segment.store.stored_tables import OBJECTIONS
from segment.store.tombstones import subject_key
from segment.store.transactions import after_commit, transaction
from segment.warehouse.reference_tables import read_small_table
from segment.warehouse.tiers_table import published_dates, read_tiers
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace

ANY_DAYS = 366_000
Against = Literal["profiling", "marketing"]


@dataclass(frozen=True)
class Objection(MessageResult):
    """What became of an objection."""

    against: str  # Profiling or marketing
    in_force: bool  # Whether it stands now
    since: str  # The moment from which every list, release and plan knows it, ISO
    record: int | None  # Number of its record; None where nothing changed
    standing: int  # Objections of that kind that stand, of all customers

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def messages(self) -> list[Message]:
        """Say what holds now."""
        if self.record is None:
            return [Message("results.objection.same")]
        figures = {"against": Message(f"results.objection.to.{self.against}"), "record": self.record}
        if not self.in_force:
            return [Message("results.objection.withdrawn", figures)]
        effect = Message(f"results.objection.effect.{self.against}")
        return [Message("results.objection.in_force", {**figures, "since": self.since, "effect": effect})]


def object_to(
    workspace: Workspace,
    policy: Policy,
    customer_id: str,
    against: str,
    *,
    made_on: dt.date | None = None,
    withdraw: bool = False,
) -> Objection:
    """Take an objection in, or take it back.

    Every list, release and plan reads the table of objections itself, so there is no step in between.

    Parameters
    ----------
    workspace : Workspace
        Keeps the objection, and a record without an id.
    policy : Policy
        Says how far back the day of a withdrawal may lie.
    customer_id : str
        Whose.
    against : {"profiling", "marketing"}
        What the customer refuses.
    made_on : datetime.date, optional
        Day on which the customer made it, however long ago, or took it back; today by default.
    withdraw : bool
        Whether it is taken back.

    Returns
    -------
    Objection

    Raises
    ------
    ObjectionError
        Where the customer is not known or there is nothing to take back.
    DayError
        Where the day has not come, or a withdrawal's lies too far back.

    References
    ----------
    PIPL art. 24; GDPR art. 21(2) and (3): from an objection to direct marketing on, profiling for it included, the
    data are no longer processed for it.
    """
    # a wish that comes in late is a wish; one that is taken back counts from about today on
    day = act_day(made_on, workspace_clock(workspace).today, policy.law.backdated_days if withdraw else ANY_DAYS)
    _require(
        against in get_args(Against),
        Message("errors.objection.against", {"kinds": get_args(Against), "against": against}),
    )
    dates = published_dates(workspace.tiers)
    in_ledger = customer_id in read_small_table(workspace, "customers")["customer_id"]
    in_tiers = (customer_id in read_tiers(workspace.tiers, date)["customer_id"] for date in dates[-1:])
    _require(in_ledger or any(in_tiers), Message("errors.objection.customer"))
    with transaction(workspace):
        after_commit(workspace, lambda: keep_outside(workspace))
        objections = read_rows(workspace, OBJECTIONS)
        before = objections.filter((pl.col("customer_id") == customer_id) & (pl.col("against") == against))
        standing = before.filter(pl.col("withdrawn_on").is_null())
        _require(not (withdraw and before.is_empty()), Message("errors.objection.none"))
        if standing.is_empty() == withdraw:
            return Objection(against, not withdraw, utc_now(), None, objecting(objections, against).len())
        first = standing["made_on"][0] if withdraw else day
        row = (customer_id, against, first, day if withdraw else None)
        upsert_rows(workspace, OBJECTIONS, pl.DataFrame([row], schema=OBJECTIONS.schema, orient="row"))
        count = objecting(read_rows(workspace, OBJECTIONS), against).len()
        record = append_record(
            workspace,
            RecordKind.OBJECTION_WITHDRAWN if withdraw else RecordKind.OBJECTION_MADE,
            by=current_user(),
            why="the customer said so",
            content={
                "subject": subject_key(workspace, customer_id),
                "against": against,
                "made_on": day.isoformat(),
                "standing": count,
            },
        )
        return Objection(against, not withdraw, record.written_at, record.number, count)


def list_objections(workspace: Workspace, policy: Policy) -> pl.DataFrame:
    """List objections and how long each took until it was in force.

    Parameters
    ----------
    workspace : Workspace
        Keeps them.
    policy : Policy
        Says within how many hours they must be.

    Returns
    -------
    polars.DataFrame
        `customer_id`, `against`, `made_on`, `recorded_at`, `in_force_at` (the same moment), `hours_to_effect` (from the
        end of the day on which it was made, never less than none), `in_time`, `withdrawn_on`.

    References
    ----------
    DOMAIN.md 5: objection within 24 hours.
    """
    written = {
        (record.content["subject"], record.content["against"]): record.written_at
        for record in read_records(workspace, RecordKind.OBJECTION_MADE)
    }
    rows = []
    for customer, against, made_on, withdrawn_on in read_rows(workspace, OBJECTIONS).iter_rows():
        at = written.get((subject_key(workspace, customer), against))
        hours = None if at is None else _hours(made_on, at)
        in_time = None if hours is None else hours <= policy.law_in_force.objection_hours
        rows.append((customer, against, made_on, at, at, hours, in_time, withdrawn_on))
    schema = {
        "customer_id": pl.String,
        "against": pl.String,
        "made_on": pl.Date,
        "recorded_at": pl.String,
        "in_force_at": pl.String,
        "hours_to_effect": pl.Float64,
        "in_time": pl.Boolean,
        "withdrawn_on": pl.Date,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def objecting(objections: pl.DataFrame, against: str = "profiling") -> pl.Series:
    """Name the customers whose objection stands."""
    return objections.filter((pl.col("against") == against) & pl.col("withdrawn_on").is_null())["customer_id"]


def _hours(made_on: dt.date, recorded_at: str) -> float:
    ended = dt.datetime.combine(made_on + dt.timedelta(days=1), dt.time(), dt.UTC)
    return max(0.0, round((dt.datetime.fromisoformat(recorded_at) - ended).total_seconds() / 3_600, 2))


def _require(holds: bool, must: Message) -> None:
    if not holds:
        raise ObjectionError.of("errors.objection", must=must)
