"""Decisions of reviewers, and taking an action back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from segment.dates import act_day, days_to_check
from segment.exceptions import ReviewError
from segment.identity import same_person
from segment.jobs.reviews.review_context import ReviewContext
from segment.jobs.reviews.review_rows import Review, ask, find_review, reviews_lock
from segment.jobs.reviews.review_seals import Seals
from segment.law.condition import Stage
from segment.law.conditions import FEE
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.policy import Policy
from segment.settings import current_user
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record
from segment.store.row_store import read_rows, upsert_rows
from segment.store.stored_tables import REVIEWS
from segment.store.transactions import transaction
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace

DECISIONS = ("approved", "refused", "alternative")


@dataclass(frozen=True)
class ReviewDecision(MessageResult):
    """A decision, or a withdrawal."""

    review_id: str  # review_id, decision, by: Which review, what was decided, by whom.
    decision: str
    by: str
    record: int  # Number of the record

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return dict(vars(self))

    def messages(self) -> list[Message]:
        """Say what was decided."""
        decision = Message(f"results.review.{self.decision}")
        return [Message("results.review.decided", {**vars(self), "decision": decision})]


def decide(
    workspace: Workspace, policy: Policy, name: str, decision: str, reason: str, *, on: dt.date | None = None
) -> ReviewDecision:
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
        The day, few days back at most; today by default. Conditions must hold today in any case.

    Returns
    -------
    ReviewDecision

    Raises
    ------
    ReviewError
        Where the reviewer is the author, no reason is given, the review is decided already, or it is to be approved
        and a condition does not hold on that day; says which.

    References
    ----------
    DOMAIN.md 5: reviewer ≠ author; GDPR art. 22 and SCHUFA C-634/21: the reviewer sees the evidence and can change
    the outcome.
    """
    clock, by = workspace_clock(workspace).today, current_user()
    day = act_day(on, clock, policy.law.backdated_days)
    if decision not in DECISIONS:
        raise ReviewError.of("errors.unknown_decision", decisions=DECISIONS, decision=decision)
    _require_reason(reason)
    with reviews_lock(workspace.root), transaction(workspace):
        review, seals = find_review(read_rows(workspace, REVIEWS), name), Seals.read(workspace)
        seals.require(review.to_frame())
        _require_open(review, day, by)
        decided = replace(review, decision=decision, reviewer=by, decided_on=day, why=reason.strip())
        if decision == "approved":
            contexts = [
                ReviewContext.read(each, review.starts_on, workspace, policy) for each in days_to_check(day, clock)
            ]
            _require_conditions(decided, contexts, policy, day)
        content = {
            "review_sha256": decided.hash(),
            "decision": decision,
            **_about(review),
            "policy_hash": policy.hash,
            **seals.of(decided.to_frame()),
        }
        # the record first: a decision that nobody vouches for could neither leave nor be taken again
        record = append_record(
            workspace, RecordKind.REVIEW_DECIDED, by=by, why="the reason is kept with the review", content=content
        )
        upsert_rows(workspace, REVIEWS, decided.to_frame())
    return ReviewDecision(name, decision, by, record.number)


def withdraw(
    workspace: Workspace, policy: Policy, name: str, reason: str, *, on: dt.date | None = None
) -> ReviewDecision:
    """Take an action back, at any time before a fee starts and for as long after as the law says.

    Parameters
    ----------
    workspace, policy, name, reason, on : as `decide` takes them

    Returns
    -------
    ReviewDecision

    Raises
    ------
    ReviewError
        Where no reason is given, it was withdrawn or not approved before, or the time is over.

    References
    ----------
    Fee guardrail (DOMAIN.md 5): reversible 60 days.
    """
    clock, by = workspace_clock(workspace).today, current_user()
    day = act_day(on, clock, policy.law.backdated_days)
    _require_reason(reason)
    with reviews_lock(workspace.root), transaction(workspace):
        review, seals = find_review(read_rows(workspace, REVIEWS), name), Seals.read(workspace)
        seals.require(review.to_frame(), earlier=True)
        _require_reversible(review, clock, policy.law_in_force.reversible_days)
        withdrawn = replace(review, withdrawn_on=day, withdrawn_by=by, withdrawn_why=reason.strip())
        charged = review.action == FEE and review.handed_over_on is not None
        content = {
            "review_sha256": withdrawn.hash(),
            "to_refund": charged,
            **_about(review),
            **seals.of(withdrawn.to_frame()),
        }
        record = append_record(
            workspace, RecordKind.REVIEW_WITHDRAWN, by=by, why="the reason is kept with the review", content=content
        )
        upsert_rows(workspace, REVIEWS, withdrawn.to_frame())
    return ReviewDecision(name, "withdrawn", by, record.number)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise ReviewError.of("errors.decision_without_reason")


def _require_open(review: Review, day: dt.date, by: str) -> None:
    if same_person(by, review.author):
        raise ReviewError.of("errors.own_review")
    if review.decision is not None or review.withdrawn_on is not None:
        raise ReviewError.of(
            "errors.decided_before",
            state=Message(f"errors.state.{review.decision or 'withdrawn'}"),
            day=review.decided_on or review.withdrawn_on,
        )
    if day < review.proposed_on:
        raise ReviewError.of("errors.decision_before_proposal", proposed_on=review.proposed_on, day=day)


def _require_conditions(review: Review, contexts: Sequence[ReviewContext], policy: Policy, day: dt.date) -> None:
    rules, answers = ask(review.to_frame(), review.action, contexts, Stage.DECISION, policy)
    holds = answers.row(0, named=True)
    broken = [rule for rule in rules if not holds.get(rule.code, True)]
    if broken:
        listed = [
            Message("errors.condition", {"code": rule.code, "rule": rule.message, "source": rule.source})
            for rule in broken
        ]
        raise ReviewError.of("errors.broken_conditions", day=day, broken=len(broken), listed=listed)


def _require_reversible(review: Review, day: dt.date, days: int) -> None:
    if review.withdrawn_on is not None:
        raise ReviewError.of("errors.withdrawn_before", withdrawn_on=review.withdrawn_on)
    if review.decision in ("refused", "alternative"):
        raise ReviewError.of("errors.not_to_be_withdrawn", decision=Message(f"errors.state.{review.decision}"))
    if review.starts_on is None:
        return
    last = max(review.reversible_until or review.starts_on, review.starts_on + dt.timedelta(days=days))
    if day > last:
        raise ReviewError.of("errors.fee_too_late_to_withdraw", last=last, day=day)


def _about(review: Review) -> Mapping[str, str | None]:
    return {"action": review.action, "item_code": review.item_code, "as_of": review.as_of.isoformat()}
