"""Proposals: whoever passes every condition of an action waits for a person's review. Nobody is charged by it."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from segment.dates import act_day, days_to_check, next_month
from segment.exceptions import ReviewError
from segment.jobs.reviews.review_context import ReviewContext
from segment.jobs.reviews.review_rows import ask, review_id, reviews_lock, row_hash, with_facts
from segment.law.condition import Stage, funnel, passing
from segment.law.conditions import FEE, OFFER_HELP, SELF_SERVICE
from segment.messages import Message
from segment.pages.message_result import MessageResult, counted
from segment.policy import Policy
from segment.sentences import Sentences
from segment.settings import current_user
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record
from segment.store.row_store import read_rows, upsert_rows
from segment.store.stored_tables import REVIEWS
from segment.store.transactions import transaction
from segment.upgrade.levers import may_use_machines
from segment.upgrade.protections import Protections
from segment.warehouse.published_tiers import of_branch
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace

UNDER_REVIEW = "not_under_review"
WHY = "for review by another person"
REVIEW_DAYS = 31
"""Days that a review may take before notice must be given, where nobody says when the fee starts."""


@dataclass(frozen=True)
class Proposal:
    """What is proposed; everything but the action and the day belongs to a fee."""

    action: str
    proposed_on: dt.date
    item_code: str | None = None
    alternative: str | None = None
    starts_on: dt.date | None = None
    reversible_until: dt.date | None = None


@dataclass(frozen=True)
class Proposed(MessageResult):
    """What came of a proposal."""

    action: str  # `fee`, or `self_service` with `offer_help`
    item_code: str | None  # Of the tariff
    as_of: dt.date  # Date of the figures
    starts_on: dt.date | None  # First day of the fee
    customers: int  # Looked at
    proposed: dict[str, int]  # New reviews by action
    funnel: pl.DataFrame  # From `segment.law.funnel`
    protections: Protections  # What was looked at

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {**vars(self), "funnel": self.funnel.to_dicts(), "protections": self.protections.to_dict()}

    def messages(self) -> list[Message]:
        """Say how many wait for a review."""
        figures = {"customers": self.customers, "as_of": self.as_of, "made": counted(self.proposed)}
        starts = [Message("results.proposed_fee", {"starts_on": self.starts_on})] if self.starts_on else []
        made = Message("results.line", {"sentences": [Message("results.proposed", figures), *starts]})
        return [made, *self.protections.messages()]


def propose(
    item_code: str | None,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    *,
    branch: str | None = None,
    starts_on: dt.date | None = None,
    on: dt.date | None = None,
) -> Proposed:
    """Propose a fee, or a shift to self-service, to those who pass every condition of the guardrail.

    Parameters
    ----------
    item_code : str or None
        Of the ledger's `tariff_items` and the policy's `law.fee_items`; the tariff has the price, nobody gives one.
        None: a shift to self-service for loss-making customers, and an offer of help to older ones in its place.
    as_of : datetime.date
        The newest published date.
    workspace : Workspace
        Gets the reviews.
    policy : Policy
        The law in force.
    branch : str, optional
        One branch's customers only.
    starts_on : datetime.date, optional
        First day of the fee; by default the first of a month that leaves time for review and notice.
    on : datetime.date, optional
        The day, few days back at most; today by default. Conditions must hold today in any case.

    Returns
    -------
    Proposed

    Raises
    ------
    ReviewError, SuppressionError
        Where the item may not be proposed, figures are too old, or a source of protections is stale.

    References
    ----------
    DOMAIN.md 0 (1): who covers direct cost is never proposed a fee, only a shift to self-service. State Council
    2020/45; CBIRC 2021/40: older people are not diverted to machines.
    """
    clock = workspace_clock(workspace).today
    day = act_day(on, clock, policy.law.backdated_days)
    proposal = Proposal(SELF_SERVICE, day) if item_code is None else _fee(item_code, day, starts_on, policy)
    with reviews_lock(workspace.root), transaction(workspace):
        days = days_to_check(day, clock)
        contexts = [ReviewContext.read(each, proposal.starts_on, workspace, policy) for each in days]
        new, proposed = _proposed(proposal, as_of, branch, contexts, read_rows(workspace, REVIEWS), policy)
        if new.height:
            content = {**_record_of(proposed, new, branch, policy), **contexts[-1].seals.of(new)}
            append_record(workspace, RecordKind.REVIEW_PROPOSED, by=current_user(), why=WHY, content=content)
            upsert_rows(workspace, REVIEWS, new)
    return proposed


def _fee(item_code: str, day: dt.date, starts_on: dt.date | None, policy: Policy) -> Proposal:
    if item_code not in policy.law.fee_items:
        named = ", ".join(sorted(policy.law.fee_items)) or "none"
        raise ReviewError.of("errors.item_not_named", item_code=item_code, named=named)
    law = policy.law_in_force
    start = starts_on or next_month(day + dt.timedelta(days=law.fee_notice_days + REVIEW_DAYS - 1))
    return Proposal(
        FEE,
        day,
        item_code=item_code,
        alternative=policy.law.fee_items[item_code].alternative,
        starts_on=start,
        reversible_until=start + dt.timedelta(days=law.reversible_days),
    )


def _proposed(
    proposal: Proposal,
    as_of: dt.date,
    branch: str | None,
    contexts: Sequence[ReviewContext],
    before: pl.DataFrame,
    policy: Policy,
) -> tuple[pl.DataFrame, Proposed]:
    """New reviews of those who pass on every day, and what came of the proposal."""
    context = contexts[-1]
    # who rests from a refusal, or was charged, is known by rows that nobody changed
    context.seals.require(before, earlier=True)
    if context.as_of != as_of:
        raise ReviewError.of(
            "errors.not_newest_figures", proposed_on=proposal.proposed_on, as_of=context.as_of, given=as_of
        )
    price = context.of_item(proposal.item_code, policy)["item_price"] if proposal.item_code else None
    people = of_branch(context.tiers[as_of], as_of, branch).select("customer_id", "branch_id")
    new, counted = _passing(_candidates(people, proposal, as_of, price), proposal, before, contexts, policy)
    actions = (FEE,) if proposal.action == FEE else (SELF_SERVICE, OFFER_HELP)
    counts = {name: new.filter(pl.col("action") == name).height for name in actions}
    figures = (as_of, proposal.starts_on, people.height, counts, counted, context.protections)
    proposed = Proposed(proposal.action, proposal.item_code, *figures)
    return new, proposed


def _record_of(proposed: Proposed, new: pl.DataFrame, branch: str | None, policy: Policy) -> Mapping[str, object]:
    return {
        "action": proposed.action,
        "item_code": proposed.item_code,
        "as_of": proposed.as_of.isoformat(),
        "branch": branch,
        "rows": new.height,
        "rows_sha256": _hash_of(new),
        "protections": proposed.protections.to_dict(),
        "policy_hash": policy.hash,
    }


def _passing(
    candidates: pl.DataFrame,
    proposal: Proposal,
    before: pl.DataFrame,
    contexts: Sequence[ReviewContext],
    policy: Policy,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """New reviews of those who pass every condition, and the funnel to them."""
    rules, answers = ask(candidates, FEE if proposal.action == FEE else OFFER_HELP, contexts, Stage.PROPOSAL, policy)
    facts = with_facts(candidates, contexts[-1], policy)
    if proposal.action == SELF_SERVICE:
        # whoever is too old for machines on the last of the days is offered help
        machines = may_use_machines(policy.no_machines_from_years, contexts[-1].on)
        facts = facts.with_columns(action=pl.when(machines).then(pl.lit(SELF_SERVICE)).otherwise(pl.lit(OFFER_HELP)))
    free = ~candidates["customer_id"].is_in(_under_review(before, proposal, policy)["customer_id"].implode())
    ids = [
        review_id(action, item_code, contexts[-1].as_of, customer)
        for action, item_code, customer in facts.select("action", "item_code", "customer_id").iter_rows()
    ]
    named = candidates.with_columns(action=facts["action"], review_id=pl.Series(ids, dtype=pl.String))
    passes = passing(answers) & free
    new = named.filter(passes).join(before, on="review_id", how="anti").sort("review_id")
    t = Sentences()
    counted = funnel(answers, rules, t.of)
    says, source = t(f"law.condition.{UNDER_REVIEW}"), "policy: law.refused_rest_days"
    last = (UNDER_REVIEW, says, source, int((~free).sum()), int(passes.sum()))
    return new, counted.vstack(pl.DataFrame([last], counted.schema, orient="row"))


def _candidates(people: pl.DataFrame, proposal: Proposal, as_of: dt.date, price: object) -> pl.DataFrame:
    """Lay a review out for everyone; who does not pass gets none."""
    values = {**vars(proposal), "price": price, "as_of": as_of, "author": current_user()}
    columns = [
        name if name in people.columns else pl.lit(values.get(name), dtype).alias(name)
        for name, dtype in REVIEWS.schema.items()
    ]
    return people.select(columns)


def _under_review(before: pl.DataFrame, proposal: Proposal, policy: Policy) -> pl.DataFrame:
    """Find who has a review of the same that is open or stands, or was refused or withdrawn lately."""
    same = pl.col("item_code") == proposal.item_code if proposal.action == FEE else pl.col("action") != FEE
    ended = pl.coalesce("withdrawn_on", pl.when(pl.col("decision") != "approved").then(pl.col("decided_on")))
    rest = pl.duration(days=policy.law.refused_rest_days)
    return before.filter(same & ~(ended + rest <= proposal.proposed_on).fill_null(False))


def _hash_of(rows: pl.DataFrame) -> str:
    return hashlib.sha256("".join(row_hash(row) for row in rows.iter_rows(named=True)).encode()).hexdigest()
