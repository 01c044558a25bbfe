"""Files of approved actions, for the systems and people that carry them out; every condition is asked again first."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segment.exceptions import PublishError
from segment.jobs.leaving import Leaving, Undo, leave_on_record, manifest_of, now
from segment.jobs.releasable import MARK
from segment.jobs.reviews.known import known_on, require_come
from segment.jobs.reviews.rows import all_reviews, alone, ask
from segment.jobs.who_not import who_not
from segment.law import FEE, OFFER_HELP, SELF_SERVICE, Stage, first_broken
from segment.policy import Policy
from segment.settings import who
from segment.warehouse import Workspace
from segment.warehouse.export import check_format
from segment.warehouse.kept import REVIEWS, keep

HANDED_OVER, FAILED = "reviews_handed_over", "reviews_hand_over_failed"
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
_MARKED = {"charge": "handed_over_on", "contact": "handed_over_on", "refund": "refunded_on"}
"""A fee is charged once and refunded once; a notice may be sent again."""


@dataclass(frozen=True)
class HandedOver:
    """A file that left.

    Attributes
    ----------
    path, manifest : Path
        The file, and what it holds, when and by whom, in JSON beside it.
    rows : int
        Actions in it.
    stayed : dict of str to int
        Reviews that did not leave, by the first condition that does not hold today.
    record : int
        Number of the record.
    """

    path: Path
    manifest: Path
    rows: int
    stayed: dict[str, int]
    record: int

    def __str__(self) -> str:
        """Say what left and what did not."""
        return f"{self.rows:,} actions in the file, record {self.record}. Stayed: {_said(self.stayed)}."


def hand_over(
    purpose: str, path: Path, workspace: Workspace, policy: Policy, *, on: dt.date | None = None
) -> HandedOver:
    """Write approved actions for one purpose, after every condition was asked again.

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
        The day; today by default.

    Returns
    -------
    HandedOver

    Raises
    ------
    PublishError
        Where nothing is left for the purpose. Nothing is then at the path that was not there before.

    References
    ----------
    Fee guardrail (DOMAIN.md 5); DOMAIN.md 3.5: the record first, then the file.
    """
    check_format(path)
    if purpose not in PURPOSES:
        raise PublishError(f"The purpose must be one of {', '.join(PURPOSES)}. Got {purpose}.")
    day = on or dt.date.today()
    require_come(day)
    with alone(workspace):
        chosen = all_reviews(workspace).filter(_CHOSEN[purpose]).sort("review_id")
        if purpose in _MARKED:
            chosen = chosen.filter(pl.col(_MARKED[purpose]).is_null())
        if chosen.is_empty():
            raise PublishError.with_hint(
                f"A file must hold an action {PURPOSES[purpose]}. No review waits for that.", "segment reviews"
            )
        why = _broken(chosen, purpose, workspace, policy, day)
        leaving = chosen.filter(why.is_null())
        stayed = dict(why.drop_nulls().value_counts(name="count").sort(why.name).iter_rows())
        if leaving.is_empty():
            raise PublishError.with_hint(
                f"A file must hold an action {PURPOSES[purpose]}. Of {chosen.height} reviews none holds every "
                f"condition on {day}; kept back by: {_said(stayed)}.",
                "segment review REVIEW_ID shows what does not hold",
            )
        content: dict[str, object] = {
            "purpose": purpose,
            "on": day.isoformat(),
            "stayed": stayed,
            "policy_hash": policy.hash,
        }
        return _let_go(leaving, path, workspace, content, day, stayed)


def _broken(rows: pl.DataFrame, purpose: str, workspace: Workspace, policy: Policy, day: dt.date) -> pl.Series:
    """Name what keeps each row back; null: nothing does."""
    if purpose == "refund":
        return pl.Series("condition", [None] * rows.height, dtype=pl.String)
    last = max([day, *rows["starts_on"].drop_nulls()])
    known = known_on(day, last, workspace, policy)
    if purpose != "contact":
        stage = Stage.CHARGE if purpose == "charge" else Stage.NOTICE
        return first_broken(ask(rows, FEE, known, stage, workspace, policy, day)[1])
    found = pl.Series("condition", [None] * rows.height, dtype=pl.String)
    for action in (SELF_SERVICE, OFFER_HELP):
        held = ask(rows, action, known, Stage.NOTICE, workspace, policy, day)[1]
        mine = rows["action"] == action
        found = pl.select(pl.when(mine).then(first_broken(held)).otherwise(found).alias("condition")).to_series()
    # to be contacted, a customer must also be free of every rule of lists
    asked = rows.select("customer_id", channel=pl.lit(None, pl.String), bundle=pl.lit(None, pl.String))
    codes = who_not(workspace, policy, day).codes_of(asked)
    closed = rows.join(codes, on="customer_id", how="left", maintain_order="left")["code"]
    return pl.select(pl.coalesce(found, closed).alias("condition")).to_series()


def _let_go(
    rows: pl.DataFrame,
    path: Path,
    workspace: Workspace,
    content: dict[str, object],
    day: dt.date,
    stayed: dict[str, int],
) -> HandedOver:
    purpose = str(content["purpose"])
    by, moment, why = who(), now(), PURPOSES[purpose]
    words = f"{rows.height} actions {why}, handed over by {by} at {moment}. Not to be passed on."
    file = rows.select(_COLUMNS).with_columns(pl.lit(words).alias(MARK))
    about = {"Handed over by": by, "At": moment, "Purpose": why, "Rows": str(rows.height), "Watermark": words}

    def prepare(_: str) -> Undo:
        # marked before the file has its name: a fee that nobody charged can be proposed again, one charged twice cannot
        if purpose in _MARKED:
            keep(workspace, REVIEWS, rows.with_columns(pl.lit(day).alias(_MARKED[purpose])))
        return lambda: keep(workspace, REVIEWS, rows)

    said = Leaving(HANDED_OVER, FAILED, by, why, content, SHEET, about)
    record = leave_on_record(file, path, workspace, said, prepare)
    return HandedOver(path, manifest_of(path), rows.height, stayed, record.number)


def _said(stayed: dict[str, int]) -> str:
    return ", ".join(f"{code} {count}" for code, count in stayed.items()) or "none"
