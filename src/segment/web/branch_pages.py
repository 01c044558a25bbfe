"""Pages of a branch's service plan, of reviews, of tiers set by hand and of objections."""

from __future__ import annotations

import datetime as dt

import polars as pl
from starlette.responses import Response

from segment.exceptions import UsageError
from segment.jobs.publish.overrides import list_overrides, set_override, withdraw_override
from segment.jobs.reviews.decide import DECISIONS, decide, withdraw
from segment.jobs.reviews.propose import propose
from segment.jobs.reviews.review_evidence import STATES, evidence, list_reviews
from segment.jobs.rights.objections import list_objections, object_to
from segment.jobs.service.service_plan import service_plan
from segment.pages.service_plan_page import branch_content
from segment.sentences import Sentences
from segment.store.record_kinds import RecordKind
from segment.tiers import TIERS
from segment.web.given_numbers import whole_number
from segment.web.rights import NotAllowed, Right
from segment.web.site import PageRoute, Visit, go
from segment.web.work_pages import rows_of, seen

_SHOWN_AT_ONCE = 500


def plan(visit: Visit) -> Response:
    """Show what each tier of a branch gets, in six dimensions, and whether it can be kept."""
    rows, site = rows_of(visit), visit.site
    branches = rows.branches()
    branch = visit.text("branch") or (branches[0] if branches else "")
    if not branch:
        return visit.page("plan_none")
    made = service_plan(rows.copy.as_of, site.workspace, site.policy, branch, rows.copy)
    seen(visit, RecordKind.TABLE_OPENED, "service plan", branch=branch, rows=made.table.height)
    ((_, content),) = branch_content(made, site.policy)
    return visit.page("plan", 200, branches=branches, shown=branch, **content)


def reviews(visit: Visit) -> Response:
    """Show proposed actions, and what became of each."""
    state = visit.text("state") or STATES[0]
    if state not in STATES:
        raise UsageError.of("errors.unknown_review_state", states=STATES)
    found = _own_reviews(visit, state)
    seen(visit, RecordKind.TABLE_OPENED, "reviews", state=state, rows=found.height)
    items = sorted(visit.site.policy.law.fee_items)
    return visit.page(
        "reviews", reviews=found.head(_SHOWN_AT_ONCE).to_dicts(), state=state, states=STATES, items=items,
        branches=rows_of(visit).branches(),
    )  # fmt: skip


def review(visit: Visit) -> Response:
    """Show all that a decision should rest on."""
    name = _own_review(visit)
    found = evidence(visit.site.workspace, visit.site.policy, name, words=Sentences(visit.language))
    seen(visit, RecordKind.TABLE_OPENED, "review", review=name, rows=1)
    return visit.page(
        "review", evidence=found, conditions=found.conditions.to_dicts(), moments=found.moments.to_dicts(),
        lines=found.lines.filter(pl.col("amount_12m") != 0).to_dicts(), decisions=DECISIONS,
        currency=visit.site.policy.currency,
    )  # fmt: skip


def decide_review(visit: Visit) -> Response:
    """Decide a proposal of another person, or take an action back."""
    name, site = _own_review(visit), visit.site
    if visit.text("decision") == "withdrawn":
        withdraw(site.workspace, site.policy, name, visit.text("reason"))
    else:
        decide(site.workspace, site.policy, name, visit.text("decision"), visit.text("reason"))
    return go(f"/reviews/{name}")


def propose_reviews(visit: Visit) -> Response:
    """Propose a fee or a shift to self-service to those of a branch who pass every condition."""
    rows, branch = rows_of(visit), visit.text("branch") or None
    if branch is None and visit.scope.branches is not None:
        raise UsageError.of("errors.no_branch_named")
    made = propose(visit.text("item") or None, rows.copy.as_of, visit.site.workspace, visit.site.policy, branch=branch)
    return visit.page("done", lines=visit.sentences.each(made.messages()), to="/reviews")


def overrides(visit: Visit) -> Response:
    """Show tiers that were set by hand and are in force."""
    rows, site = rows_of(visit), visit.site
    own = rows.own(list_overrides(site.workspace, site.today()))
    seen(visit, RecordKind.TABLE_OPENED, "overrides", rows=own.height)
    rules = site.policy.tiers.stability
    return visit.page(
        "overrides", overrides=own.to_dicts(), tiers=TIERS, roles=rules.override_roles, months=rules.override_months,
        customer=visit.text("customer"), today=site.today(),
    )  # fmt: skip


def set_by_hand(visit: Visit) -> Response:
    """Set a customer's tier until a date."""
    person = rows_of(visit).person(visit.text("customer_id"))
    set_override(
        visit.site.workspace, visit.site.policy, person["customer_id"], visit.text("tier"), role=visit.text("role"),
        reason=visit.text("reason"), expires_on=_day(visit, "expires_on"),
    )  # fmt: skip
    return go("/overrides")


def take_back_override(visit: Visit) -> Response:
    """Let figures decide again."""
    found = rows_of(visit).own(list_overrides(visit.site.workspace, visit.site.today()))
    named = found.filter(pl.col("record") == (whole_number(visit.text("record")) or 0))
    if named.is_empty():
        raise NotAllowed
    withdraw_override(visit.site.workspace, named["record"].to_list()[0], visit.text("reason"))
    return go("/overrides")


def objections(visit: Visit) -> Response:
    """Show who objected to what, since when, and how fast it was in force."""
    own = rows_of(visit).own(list_objections(visit.site.workspace, visit.site.policy))
    seen(visit, RecordKind.TABLE_OPENED, "objections", rows=own.height)
    return visit.page("objections", objections=own.head(_SHOWN_AT_ONCE).to_dicts(), customer=visit.text("customer"))


def take_objection(visit: Visit) -> Response:
    """Take an objection in, or take it back; it is in force at once."""
    person = rows_of(visit).person(visit.text("customer_id"))
    said = object_to(
        visit.site.workspace, visit.site.policy, person["customer_id"], visit.text("against"),
        withdraw=visit.text("withdraw") == "1",
    )  # fmt: skip
    return visit.page("done", lines=visit.sentences.each(said.messages()), to="/objections")


def _own_reviews(visit: Visit, state: str | None = None) -> pl.DataFrame:
    found = list_reviews(visit.site.workspace, state)
    if visit.scope.branches is None:
        return found
    return found.filter(pl.col("branch_id").is_in(sorted(visit.scope.branches)))


def _own_review(visit: Visit) -> str:
    """A review of a branch that is not theirs is as unknown as one that is not there."""
    name = visit.text("review_id")
    if _own_reviews(visit).filter(pl.col("review_id") == name).is_empty():
        raise NotAllowed
    return name


def _day(visit: Visit, name: str) -> dt.date:
    try:
        return dt.date.fromisoformat(visit.text(name))
    except ValueError:
        raise UsageError.of("errors.no_day") from None


ROUTES = (
    PageRoute("GET", "/plan", Right.PLAN, plan),
    PageRoute("GET", "/reviews", Right.REVIEWS, reviews),
    PageRoute("POST", "/reviews", Right.PROPOSE, propose_reviews),
    PageRoute("POST", "/reviews/decide", Right.DECIDE, decide_review),
    PageRoute("GET", "/reviews/{review_id}", Right.REVIEWS, review),
    PageRoute("GET", "/overrides", Right.OVERRIDES, overrides),
    PageRoute("POST", "/overrides", Right.OVERRIDES, set_by_hand),
    PageRoute("POST", "/overrides/withdraw", Right.OVERRIDES, take_back_override),
    PageRoute("GET", "/objections", Right.OBJECTIONS, objections),
    PageRoute("POST", "/objections", Right.OBJECTIONS, take_objection),
)
