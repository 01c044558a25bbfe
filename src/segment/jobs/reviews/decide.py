"""Decisions of reviewers, and taking an action back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import polars as pl

from segment.exceptions import PublishError
from segment.jobs.reviews.known import known_on, require_come
from segment.jobs.reviews.rows import DECIDED, WITHDRAWN, alone, ask, one_review, row_hash
from segment.law import FEE, Stage
from segment.policy import Policy
from segment.settings import who
from segment.warehouse import Workspace
from segment.warehouse.kept import REVIEWS, keep
from segment.warehouse.records import append

DECISIONS = ("approved", "refused", "alternative")


@dataclass(frozen=True)
class Decided:
    """A decision, or a withdrawal.

    Attributes
    ----------
    review_id, decision, by : str
        Which review, what was decided, by whom.
    record : int
        Number of the record.
    """

    review_id: str
    decision: str
    by: str
    record: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return dict(vars(self))

    def __str__(self) -> str:
        """Say what was decided."""
        return f"Review {self.review_id}: {self.decision} by {self.by}, record {self.record}."


def decide(
    workspace: Workspace, policy: Policy, name: str, decision: str, reason: str, *, on: dt.date | None = None
) -> Decided:
    """Approve a proposal, refuse it, or have the alternative offered in its place.

    Parameters
    ----------
    workspace : Workspace
        Keeps the reviews.
    policy : Policy
        The law in force.
    name : str
        The review's id.
    decision : {"approved", "refused", "alternative"}
        What is decided.
    reason : str
        Why; kept with the review, where it can be erased.
    on : datetime.date, optional
        The day; today by default.

    Returns
    -------
    Decided

    Raises
    ------
    PublishError
        Where the reviewer is the author, no reason is given, the review is decided already, or it is to be approved
        and a condition does not hold on that day; says which.

    References
    ----------
    DOMAIN.md 5: reviewer ≠ author; GDPR art. 22 and SCHUFA C-634/21: the reviewer sees the evidence and can change
    the outcome.
    """
    day, by = on or dt.date.today(), who()
    if decision not in DECISIONS:
        raise PublishError(f"A decision must be one of {', '.join(DECISIONS)}. Got {decision}.")
    _require_reason(reason)
    with alone(workspace):
        row = one_review(workspace, name)
        _require_open(row, day, by)
        decided = {**row, "decision": decision, "reviewer": by, "decided_on": day, "why": reason.strip()}
        if decision == "approved":
            _require_conditions(decided, workspace, policy, day)
        told = {"review_sha256": row_hash(decided), "decision": decision, **_about(row), "policy_hash": policy.hash}
        # the record first: a decision that nobody vouches for could neither leave nor be taken again
        record = append(workspace, DECIDED, by=by, why="the reason is kept with the review", content=told)
        keep(workspace, REVIEWS, pl.DataFrame([decided], schema=REVIEWS.schema))
    return Decided(name, decision, by, record.number)


def withdraw(workspace: Workspace, policy: Policy, name: str, reason: str, *, on: dt.date | None = None) -> Decided:
    """Take an action back, at any time before a fee starts and for as long after as the law says.

    Parameters
    ----------
    workspace : Workspace
        Keeps the reviews.
    policy : Policy
        The law in force.
    name : str
        The review's id.
    reason : str
        Why; kept with the review.
    on : datetime.date, optional
        The day; today by default.

    Returns
    -------
    Decided

    Raises
    ------
    PublishError
        Where no reason is given, it was withdrawn or not approved before, or the time is over.

    References
    ----------
    Fee guardrail (DOMAIN.md 5): reversible 60 days.
    """
    day, by = on or dt.date.today(), who()
    _require_reason(reason)
    require_come(day)
    with alone(workspace):
        row = one_review(workspace, name)
        _require_reversible(row, day, policy.law_in_force.reversible_days)
        gone = {**row, "withdrawn_on": day, "withdrawn_by": by, "withdrawn_why": reason.strip()}
        charged = row["action"] == FEE and row["handed_over_on"] is not None
        told = {"review_sha256": row_hash(gone), "to_refund": charged, **_about(row)}
        record = append(workspace, WITHDRAWN, by=by, why="the reason is kept with the review", content=told)
        keep(workspace, REVIEWS, pl.DataFrame([gone], schema=REVIEWS.schema))
    return Decided(name, "withdrawn", by, record.number)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise PublishError.with_hint("A decision must have a reason. None was given.", 'add --reason "…"')


def _require_open(row: dict[str, Any], day: dt.date, by: str) -> None:
    require_come(day)
    if by.strip().casefold() == row["author"].strip().casefold():
        raise PublishError.with_hint(
            "The reviewer must be a person other than the author. Both are the same.", "ask somebody else to review it"
        )
    if row["decision"] is not None or row["withdrawn_on"] is not None:
        said = row["decision"] or "withdrawn"
        raise PublishError.with_hint(
            f"A review is decided once. This one was {said} on {row['decided_on'] or row['withdrawn_on']}.",
            "segment review-withdraw takes an approved one back",
        )
    if day < row["proposed_on"]:
        raise PublishError(f"A decision comes after its proposal of {row['proposed_on']}. Got {day}.")


def _require_conditions(row: dict[str, Any], workspace: Workspace, policy: Policy, day: dt.date) -> None:
    known = known_on(day, max(day, row["starts_on"] or day), workspace, policy)
    rows = pl.DataFrame([row], schema=REVIEWS.schema)
    held_to, held = ask(rows, row["action"], known, Stage.DECISION, workspace, policy, day)
    answers = held.row(0, named=True)
    broken = [one for one in held_to if not answers.get(one.code, True)]
    if broken:
        listed = "\n".join(f"  - {one.code}: {one.says} ({one.source})" for one in broken)
        raise PublishError.with_hint(
            f"Every condition must hold on {day} for an approval. {len(broken)} do not:\n{listed}",
            "refuse it, or have the alternative offered",
        )


def _require_reversible(row: dict[str, Any], day: dt.date, days: int) -> None:
    if row["withdrawn_on"] is not None:
        raise PublishError(f"An action is withdrawn once. This one was on {row['withdrawn_on']}.")
    if row["decision"] in ("refused", "alternative"):
        raise PublishError(f"An action must be open or approved to be withdrawn. This one was {row['decision']}.")
    if row["starts_on"] is None:
        return
    last = max(row["reversible_until"], row["starts_on"] + dt.timedelta(days=days))
    if day > last:
        raise PublishError.with_hint(
            f"A fee can be withdrawn up to {last}. Got {day}.", "refund it in the system that charges it"
        )


def _about(row: dict[str, Any]) -> dict[str, Any]:
    return {"action": row["action"], "item_code": row["item_code"], "as_of": row["as_of"].isoformat()}
