"""The API, version 1: the same rows, rights and records as the page, for programs."""

# annotations are read when operations are made, so they are not put off here

import datetime as dt
import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import polars as pl
from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict, Field

from segment.files import write_parquet
from segment.jobs.lists.draft_lists import list_drafts
from segment.jobs.lists.take_outcomes import take_outcomes
from segment.jobs.lists.week import week_contacts
from segment.jobs.publish.list_runs import list_runs
from segment.jobs.service.service_plan import service_plan
from segment.login import acting_as
from segment.messages import Message
from segment.sentences import Sentences
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record
from segment.store.tombstones import subject_key
from segment.store.web_sessions import read_token, write_once
from segment.store.web_users import WebUser, read_user
from segment.warehouse.export import table_bytes
from segment.warehouse.workspace_clock import write_as
from segment.web.api_answers import (
    ERRORS,
    Contacts,
    CustomerList,
    CustomerRow,
    ListPart,
    ListParts,
    OutcomeCounts,
    PlanPart,
    PublishedTiers,
    RunList,
    RunPart,
    ServicePlanOfBranch,
    TierCount,
    TierSums,
)
from segment.web.customer_rows import AT_ONCE, SHOWN, CustomerRows, Filters
from segment.web.passwords import LockedOut, key_of
from segment.web.rights import NotAllowed, Right, may, scope_of
from segment.web.site import Site

Name = Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]


class NotSignedIn(Exception):
    """No token, or one that holds no more."""


class OutcomeRow(BaseModel):
    """What came of one contact."""

    model_config = ConfigDict(extra="forbid")

    list_id: str = Field(min_length=1, max_length=100, examples=["2026-01-05-0a1b2c3d4e"])
    customer_id: str = Field(min_length=1, max_length=100, examples=["C000123"])
    contacted_on: dt.date | None = Field(None, examples=["2026-01-12"])
    response: Literal["moved", "interested", "declined", "no_answer", "not_contacted"]
    responded_on: dt.date | None = None
    do_not_contact: bool = False


class OutcomeFile(BaseModel):
    """Outcomes that are handed in together."""

    model_config = ConfigDict(extra="forbid")

    outcomes: list[OutcomeRow] = Field(min_length=1, max_length=5000)


class Caller:
    """Who asks, by their token, and what they may see."""

    def __init__(self, site: Site, user: WebUser) -> None:
        self.site, self.user = site, user
        self.rows = CustomerRows(site.builder.copy(), scope_of(user))

    def seen(self, kind: RecordKind, why: str, **content: object) -> None:
        """Put on record what was read."""
        append_record(self.site.workspace, kind, by=self.user.name, why=f"{why}, by the API", content=content)

    def require_branch(self, branch: str | None) -> None:
        """Stop at a branch that is not theirs."""
        if branch:
            self.rows.scope.require(branch)


def asks_for(site: Site, right: Right) -> Callable[[Request], Any]:
    """Make the gate of an operation: a token that holds, for this, of somebody who may."""

    def gate(request: Request) -> Caller:
        write_as(site.workspace)
        kind, _, secret = request.headers.get("authorization", "").partition(" ")
        token = read_token(site.workspace, key_of(secret.strip())) if kind.lower() == "bearer" and secret else None
        user = read_user(site.workspace, token.name) if token else None
        if token is None or user is None or not user.is_active:
            raise NotSignedIn
        if not site.lockout.has_room(user.name):
            raise LockedOut
        if right.value not in token.scopes or not may(user, right):
            raise NotAllowed
        return Caller(site, user)

    return gate


def build_api(site: Site) -> APIRouter:
    """Build the operations."""
    router = APIRouter(prefix="/api/v1", responses=ERRORS)
    _add_tiers(router, site)
    _add_customers(router, site)
    _add_lists(router, site)
    _add_plans_and_runs(router, site)
    return router


def _add_tiers(router: APIRouter, site: Site) -> None:
    reads = Annotated[Caller, Depends(asks_for(site, Right.OVERVIEW))]

    @router.get("/published", summary="Which tiers are published: ask again with the ETag to learn of new ones")
    def published(
        caller: reads,
        response: Response,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> PublishedTiers:
        copy = caller.rows.copy
        return _fresh(PublishedTiers(as_of=copy.as_of, version=copy.version), copy.version, response, if_none_match)

    @router.get("/tiers", summary="Customers, contribution and movements by branch and tier")
    def tiers(caller: reads, branch: Name | None = None) -> TierSums:
        caller.require_branch(branch)
        rows = [row for row in caller.rows.overview() if branch in (None, row["branch_id"])]
        caller.seen(RecordKind.TABLE_OPENED, "tiers", branch=branch, rows=len(rows))
        copy = caller.rows.copy
        sums = [TierCount(**{name: row[name] for name in TierCount.model_fields}) for row in rows]
        return TierSums(as_of=copy.as_of, version=copy.version, tiers=sums)


def _add_customers(router: APIRouter, site: Site) -> None:
    reads = Annotated[Caller, Depends(asks_for(site, Right.CUSTOMERS))]
    opens = Annotated[Caller, Depends(asks_for(site, Right.CUSTOMER))]
    exports = Annotated[Caller, Depends(asks_for(site, Right.EXPORT))]

    @router.get("/customers", summary="Customers, a page at a time; a cursor is of one version of the tiers")
    def customers(
        caller: reads,
        branch: Name | None = None,
        tier: Name | None = None,
        sort: Name | None = None,
        flag: bool = False,
        cursor: Name | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = AT_ONCE,
    ) -> CustomerList:
        filters = _filters(caller, branch, tier, sort, flag=flag)
        page = caller.rows.page(filters, after=cursor or "", size=limit)
        caller.seen(RecordKind.TABLE_OPENED, "customers", filter=filters.address(), rows=len(page.rows))
        copy = caller.rows.copy
        found = [CustomerRow(**dict(row)) for row in page.rows]
        return CustomerList(as_of=copy.as_of, version=copy.version, customers=found, next=page.after or None)

    @router.get("/customers/{customer_id}", summary="One customer; every look is on record")
    def customer(
        caller: opens,
        customer_id: Annotated[str, InPath(min_length=1, max_length=100)],
    ) -> CustomerRow:
        person = caller.rows.person(customer_id)
        subject = subject_key(site.workspace, customer_id)
        caller.seen(RecordKind.CUSTOMER_OPENED, "opened", role=caller.user.role, subject=subject)
        return CustomerRow(**{name: person[name] for name in SHOWN})

    @router.get(
        "/export", summary="All that is filtered, as CSV or Arrow, whole or refused", response_class=Response,
        responses={200: {"content": {"text/csv": {}, "application/vnd.apache.arrow.stream": {}}}},
    )  # fmt: skip
    def export(
        caller: exports,
        branch: Name | None = None,
        tier: Name | None = None,
        flag: bool = False,
        format: Literal["csv", "arrow"] = "csv",
    ) -> Response:
        filters = _filters(caller, branch, tier, None, flag=flag)
        frame, about = caller.rows.exported(filters)
        caller.seen(RecordKind.TABLE_EXPORTED, "customers", **about)
        if format == "csv":
            return Response(table_bytes(frame, ".csv", "customers"), media_type="text/csv")
        stream = io.BytesIO()
        frame.write_ipc_stream(stream)
        return Response(stream.getvalue(), media_type="application/vnd.apache.arrow.stream")


def _add_lists(router: APIRouter, site: Site) -> None:
    reads = Annotated[Caller, Depends(asks_for(site, Right.LISTS))]
    works = Annotated[Caller, Depends(asks_for(site, Right.WEEK))]
    says = Annotated[Caller, Depends(asks_for(site, Right.OUTCOMES))]

    @router.get("/lists", summary="Lists that are kept, by branch, and what of them left")
    def lists(caller: reads) -> ListParts:
        rows = [row for row in list_drafts(site.workspace).to_dicts() if caller.rows.scope.holds(row["branch_id"])]
        caller.seen(RecordKind.TABLE_OPENED, "lists", rows=len(rows))
        return ListParts(lists=[ListPart(**row) for row in rows])

    @router.get("/contacts", summary="Whom a branch is to contact: approved rows, held to every contact rule again")
    def contacts(caller: works, branch: Name) -> Contacts:
        caller.require_branch(branch)
        found = week_contacts(site.workspace, site.policy, branch, caller.rows.copy)
        caller.seen(RecordKind.TABLE_OPENED, "week of a branch", branch=branch, rows=found.rows.height)
        return Contacts.of(branch, found)

    @router.post("/outcomes", summary="Hand in outcomes; the same key and body again change nothing")
    def outcomes(
        caller: says,
        given: OutcomeFile,
        idempotency_key: Annotated[str, Header(min_length=8, max_length=200, pattern=r"^[\x21-\x7e]+$")],
    ) -> OutcomeCounts:
        body = json.dumps(given.model_dump(mode="json"), sort_keys=True)
        _require_own(caller, given)
        key = key_of(f"{caller.user.name}|api|{idempotency_key}")
        with acting_as(caller.user.name):
            return OutcomeCounts(**write_once(site.workspace, key, key_of(body), lambda: _take(site, given)))


def _add_plans_and_runs(router: APIRouter, site: Site) -> None:
    plans = Annotated[Caller, Depends(asks_for(site, Right.PLAN))]
    oversees = Annotated[Caller, Depends(asks_for(site, Right.RUNS))]

    @router.get("/service-plan", summary="What each group of a branch's customers gets")
    def plan(caller: plans, branch: Name) -> ServicePlanOfBranch:
        caller.require_branch(branch)
        as_of = caller.rows.copy.as_of
        table = service_plan(as_of, site.workspace, site.policy, branch, caller.rows.copy).table
        caller.seen(RecordKind.TABLE_OPENED, "service plan", branch=branch, rows=table.height)
        groups = [PlanPart(**{name: row[name] for name in PlanPart.model_fields}) for row in table.to_dicts()]
        return ServicePlanOfBranch(branch_id=branch, as_of=as_of, groups=groups)

    @router.get("/runs", summary="Runs, the newest first, and which gates failed")
    def runs(caller: oversees, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> RunList:
        words = Sentences()
        found = [
            RunPart(
                run_id=run.run_id, as_of=dt.date.fromisoformat(run.as_of), started_at=run.started_at,
                status=run.status,
                failed_gates=[words.of(gate) if isinstance(gate, Message) else gate for gate in run.failed_gates],
            )
            for run in list_runs(site.workspace)[:limit]
        ]  # fmt: skip
        caller.seen(RecordKind.TABLE_OPENED, "runs", rows=len(found))
        return RunList(runs=found)


def _take(site: Site, given: OutcomeFile) -> dict[str, object]:
    rows = pl.DataFrame([row.model_dump() for row in given.outcomes], infer_schema_length=None).with_columns(
        pl.col("contacted_on", "responded_on").cast(pl.Date), pl.col("do_not_contact").cast(pl.String)
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "outcomes.parquet"
        write_parquet(rows, path)
        taken = take_outcomes(path, site.workspace)
    return {**vars(taken.taken), "older": taken.older, "refused": taken.refused}


def _require_own(caller: Caller, given: OutcomeFile) -> None:
    """Refuse rows of customers of a branch that is not theirs."""
    if caller.rows.scope.branches is not None:
        for name in {row.customer_id for row in given.outcomes}:
            caller.rows.person(name)


def _filters(caller: Caller, branch: str | None, tier: str | None, sort: str | None, *, flag: bool) -> Filters:
    caller.require_branch(branch)
    given = {"branch": branch or "", "tier": tier or "", "sort": sort or "", "flag": "1" if flag else ""}
    return Filters.of(given)


def _fresh(answer: PublishedTiers, version: int, response: Response, known: str | None) -> Any:
    tag = f'"v{version}-{answer.as_of.isoformat()}"'
    response.headers["etag"] = tag
    return Response(status_code=304, headers={"etag": tag}) if known == tag else answer
