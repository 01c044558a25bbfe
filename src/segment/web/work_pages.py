"""Pages of a branch's week, of one customer, and the clicks that say what came of a contact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl
from starlette.responses import Response

from segment.jobs.lists.outcome_click import CLICKS, click_outcome, undo_outcome
from segment.jobs.lists.week import DONE, LATER, THIS_WEEK, TODAY, listed_customers, week_contacts
from segment.jobs.rights.customer_view import customer_view
from segment.pages.svg_charts import Bars, BorderScale, month_bars, tier_scale
from segment.pages.trigger_words import dated_reason
from segment.sentences import Sentences
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record
from segment.store.tombstones import subject_key
from segment.web.customer_rows import CustomerRows
from segment.web.rights import Right
from segment.web.site import PageRoute, Visit, go

_ORDER = (TODAY, THIS_WEEK, LATER, DONE)
_NOBODY = ""


def rows_of(visit: Visit) -> CustomerRows:
    """Open the copy as somebody may see it."""
    workspace = visit.site.workspace
    return CustomerRows(
        visit.site.builder.copy(), visit.scope, lambda programme: listed_customers(workspace, programme)
    )


def seen(visit: Visit, kind: RecordKind, why: str, **content: object) -> None:
    """Put on record what somebody opened."""
    append_record(visit.site.workspace, kind, by=visit.signed_in.name, why=why, content=content)


def week(visit: Visit) -> Response:
    """Show whom a branch contacts this week, by adviser."""
    rows = rows_of(visit)
    branches = rows.branches()
    branch = visit.text("branch") or (branches[0] if branches else "")
    if not branch:
        return visit.page("week", branch="", branches=[], sheets=[], clicks=CLICKS, withdrawn=0, waiting=0, names={})
    found = week_contacts(visit.site.workspace, visit.site.policy, branch, rows.copy)
    own = visit.signed_in.rm_id
    listed = found.rows.filter(pl.col("rm_id") == own) if own else found.rows
    reasons = rows.reasons(listed["customer_id"])
    contacts = [
        {**row, "reasons": _why(row, reasons.get(row["customer_id"], []), visit.sentences)}
        for row in listed.filter(pl.col("customer_id").is_in(list(reasons))).to_dicts()
    ]
    names = visit.site.names.of(row["customer_id"] for row in contacts)
    seen(visit, RecordKind.TABLE_OPENED, "week of a branch", branch=branch, rows=len(contacts), named=len(names))
    return visit.page(
        "week", branch=branch, branches=branches, sheets=_sheets(contacts), clicks=CLICKS, withdrawn=found.withdrawn,
        waiting=found.waiting, names=names, as_of=rows.copy.as_of.isoformat(), currency=visit.site.policy.currency,
    )  # fmt: skip


def say_outcome(visit: Visit) -> Response:
    """Keep an outcome that was clicked, and go back to where it was clicked, with its undo."""
    person = rows_of(visit).person(visit.text("customer_id"))
    click = click_outcome(visit.site.workspace, visit.text("list_id"), person["customer_id"], visit.text("outcome"))
    return go(f"/week?branch={person['branch_id']}&said={click}")


def take_outcome_back(visit: Visit) -> Response:
    """Take a click back."""
    undo_outcome(visit.site.workspace, visit.text("click"))
    return go(f"/week?branch={visit.text('branch')}")


def customer(visit: Visit) -> Response:
    """Show one customer; every look is on record."""
    rows, site = rows_of(visit), visit.site
    person = rows.person(visit.text("customer_id"))
    own = visit.signed_in
    seen(visit, RecordKind.CUSTOMER_OPENED, "opened on the page", role=own.role,
         subject=subject_key(site.workspace, person["customer_id"]))  # fmt: skip
    view = customer_view(person["customer_id"], rows.copy, site.workspace, site.policy)
    facts, months = view.facts, view.months.to_dicts()
    bars = [Bars(row["month"].isoformat()[:7], row["contribution"]) for row in months]
    scale = facts.decides and BorderScale(
        facts.decides.value, facts.decides.low, facts.decides.break_even, facts.decides.high
    )
    lines = [name for name in view.months.columns[1:-3] if view.months[name].abs().sum() > 0]
    return visit.page(
        "customer", person=person, facts=asdict(facts), months=months, lines=lines, chart=month_bars(bars),
        scale=scale and tier_scale(scale), history=view.history.to_dicts(), household=rows.household(person),
        contacts=_contacts(view.contacts.to_dicts()), programmes=site.policy.programmes,
        name=site.names.of([person["customer_id"]]).get(person["customer_id"]),
    )  # fmt: skip


def find_customer(visit: Visit) -> Response:
    """Go to a customer by id; one that nobody may see is as unknown as one that is not there."""
    person = rows_of(visit).person(visit.text("id"))
    return go(f"/customers/{person['customer_id']}")


def _contacts(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """A control customer is not told from others here: whoever serves them must not treat them otherwise."""
    return [row for row in rows if row["arm"] == "contact"]


@dataclass(frozen=True)
class CallSheet:
    """An adviser's contacts, by when they are due; of nobody where the branch may choose who calls."""

    adviser: str
    parts: tuple[tuple[str, tuple[Mapping[str, Any], ...]], ...]

    @property
    def offers(self) -> list[tuple[str, str, str]]:
        """What is offered this week, what to say and not to say: on paper once for all whom it is for."""
        rows = [row for due, part in self.parts if due in (TODAY, THIS_WEEK) for row in part]
        return sorted({(row["bundle_name"] or "", row["say"] or "", row["do_not_say"] or "") for row in rows})


def _why(row: Mapping[str, Any], codes: Sequence[str], t: Sentences) -> list[str]:
    """Say what speaks for a contact: the event that set it off, or the first reason of the tier."""
    return [*filter(None, [dated_reason(row, t)]), *t.reasons(codes[:1])][:1]


def _sheets(contacts: Sequence[Mapping[str, Any]]) -> list[CallSheet]:
    def part_of(adviser: str, due: str) -> tuple[Mapping[str, Any], ...]:
        return tuple(row for row in contacts if (row["rm_id"] or _NOBODY) == adviser and row["due"] == due)

    advisers = sorted({row["rm_id"] or _NOBODY for row in contacts})
    return [
        CallSheet(adviser, tuple((due, part) for due in _ORDER if (part := part_of(adviser, due))))
        for adviser in advisers
    ]


ROUTES = (
    PageRoute("GET", "/week", Right.WEEK, week),
    PageRoute("POST", "/week/outcome", Right.OUTCOMES, say_outcome),
    PageRoute("POST", "/week/undo", Right.OUTCOMES, take_outcome_back),
    PageRoute("GET", "/find", Right.CUSTOMER, find_customer),
    PageRoute("GET", "/customers/{customer_id}", Right.CUSTOMER, customer),
)
