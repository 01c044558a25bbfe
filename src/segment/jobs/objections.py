"""Objections to profiling and to marketing: in force from the moment in which they are handed in."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import polars as pl

from segment.exceptions import PublishError
from segment.jobs.reference import read_reference
from segment.policy import Policy
from segment.settings import who
from segment.warehouse import Workspace, published_moments, read_tiers
from segment.warehouse.kept import OBJECTIONS, keep, read_kept
from segment.warehouse.records import append, records
from segment.warehouse.tombstones import subject_key

Against = Literal["profiling", "marketing"]
MADE, TAKEN_BACK = "objection", "objection_withdrawn"


@dataclass(frozen=True)
class Objection:
    """What became of an objection.

    Attributes
    ----------
    against : str
        Profiling or marketing.
    in_force : bool
        Whether it stands now.
    since : str
        The moment from which every list, release and plan knows it, ISO.
    record : int or None
        Number of its record; None where nothing changed.
    standing : int
        Objections of that kind that stand, of all customers.
    """

    against: str
    in_force: bool
    since: str
    record: int | None
    standing: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def __str__(self) -> str:
        """Say what holds now."""
        if self.record is None:
            return "Nothing changed: it was so before."
        if not self.in_force:
            return f"The objection to {self.against} is withdrawn, record {self.record}."
        effect = {
            "profiling": "no list holds the customer, service is that of everyone who objected, and the tier stays",
            "marketing": "no list holds the customer; tier and service stay",
        }[self.against]
        return f"The objection to {self.against} is in force since {self.since}, record {self.record}: {effect}."


def object_to(
    workspace: Workspace,
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
    customer_id : str
        Whose.
    against : {"profiling", "marketing"}
        What the customer refuses.
    made_on : datetime.date, optional
        Day on which the customer made it, or took it back; today by default.
    withdraw : bool
        Whether it is taken back.

    Returns
    -------
    Objection

    Raises
    ------
    PublishError
        Where the customer is not known, there is nothing to take back, or the day has not come.

    References
    ----------
    PIPL art. 24; GDPR art. 21(2) and (3): from an objection to direct marketing on, profiling for it included, the
    data are no longer processed for it.
    """
    day = made_on or dt.date.today()
    _require(against in get_args(Against), f"An objection is against {' or '.join(get_args(Against))}. Got {against}.")
    _require(day <= dt.date.today(), f"An objection must have been made by today. Got {day}.")
    _require(_is_known(workspace, customer_id), "The customer must be known to the workspace. This one is not.")
    before = read_kept(workspace, OBJECTIONS).filter(
        (pl.col("customer_id") == customer_id) & (pl.col("against") == against)
    )
    standing = before.filter(pl.col("withdrawn_on").is_null())
    _require(not (withdraw and before.is_empty()), "An objection must stand before it is taken back. None does.")
    if standing.is_empty() == withdraw:
        return Objection(against, not withdraw, _now(), None, _standing(workspace, against))
    first = standing["made_on"][0] if withdraw else day
    row = (customer_id, against, first, day if withdraw else None)
    keep(workspace, OBJECTIONS, pl.DataFrame([row], schema=OBJECTIONS.schema, orient="row"))
    count = _standing(workspace, against)
    record = append(
        workspace,
        TAKEN_BACK if withdraw else MADE,
        by=who(),
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
    written = {(one.content["subject"], one.content["against"]): one.written_at for one in records(workspace, MADE)}
    rows = []
    for customer, against, made_on, withdrawn_on in read_kept(workspace, OBJECTIONS).iter_rows():
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


def objecting(workspace: Workspace, against: str = "profiling") -> pl.Series:
    """Name the customers whose objection stands.

    Parameters
    ----------
    workspace : Workspace
        Keeps them.
    against : {"profiling", "marketing"}
        To what.

    Returns
    -------
    polars.Series of str
        `customer_id`. Whoever acts on a tier leaves them out: no list, no service by tier, no fee.
    """
    kept = read_kept(workspace, OBJECTIONS)
    return kept.filter((pl.col("against") == against) & pl.col("withdrawn_on").is_null())["customer_id"]


def _hours(made_on: dt.date, recorded_at: str) -> float:
    ended = dt.datetime.combine(made_on + dt.timedelta(days=1), dt.time(), dt.UTC)
    return max(0.0, round((dt.datetime.fromisoformat(recorded_at) - ended).total_seconds() / 3_600, 2))


def _standing(workspace: Workspace, against: str) -> int:
    return objecting(workspace, against).len()


def _is_known(workspace: Workspace, customer_id: str) -> bool:
    if customer_id in set(read_reference(workspace)["customers"]["customer_id"]):
        return True
    moments = published_moments(workspace.tiers)
    return bool(moments) and customer_id in set(read_tiers(workspace.tiers, moments[-1])["customer_id"])


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _require(holds: bool, must: str) -> None:
    if not holds:
        raise PublishError.with_hint(must, "segment object CUSTOMER --against profiling; segment objections lists them")
