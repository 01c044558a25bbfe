"""Tables of customers, the overview by branch, and the records of what was done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from segment.jobs.publish.list_runs import list_runs
from segment.pages.run_page import run_content
from segment.store.record_kinds import RecordKind
from segment.store.records import newest_records
from segment.store.saved_views import delete_view, save_view, views_of
from segment.store.tombstones import subject_key
from segment.warehouse.export import table_bytes
from segment.warehouse.serving_copy import NO_TIER, SORTS
from segment.warehouse.workspace_clock import writes_trial
from segment.web.customer_rows import ALL_TIERS, RANGES, SHOWN, Filters
from segment.web.rights import Right
from segment.web.site import PageRoute, Visit, go
from segment.web.work_pages import rows_of, seen

RECORDS_SHOWN = 200
_PLACE: Final = {name: rank for rank, name in enumerate(reversed(ALL_TIERS[:-1]))}


@dataclass(frozen=True)
class TierSum:
    """A tier of a branch, or of all that somebody sees."""

    tier: str
    customers: int
    share: float  # Of those who have a tier
    contribution_12m: float
    rose: int
    fell: int
    main_bank_elsewhere: int
    wallet_elsewhere_12m: float


@dataclass(frozen=True)
class BranchSum:
    """A branch's tiers."""

    branch: str  # Empty: all
    tiers: tuple[TierSum, ...]
    customers: int
    contribution_12m: float


def customers(visit: Visit) -> Response:
    """Show a page of customers, filtered as the address says; forward and back without a count of all."""
    rows = rows_of(visit)
    filters = Filters.of(visit.request.query_params)
    given = visit.request.query_params
    page = rows.page(filters, after=given.get("after", ""), before=given.get("before", ""))
    seen(visit, RecordKind.TABLE_OPENED, "customers", filter=filters.address(), rows=len(page.rows))
    address = filters.address()
    return visit.page(
        "customers", rows=page.rows, filters=filters, branches=rows.branches(), tiers=ALL_TIERS, sorts=SORTS,
        programmes=visit.site.policy.programmes, views=views_of(visit.site.workspace, visit.signed_in.name),
        ranges=RANGES, columns=SHOWN, as_of=rows.copy.as_of, version=rows.copy.version,
        after=page.after and urlencode({**address, "after": page.after}),
        before=page.before and urlencode({**address, "before": page.before}), whole=urlencode(address),
    )  # fmt: skip


def save(visit: Visit) -> Response:
    """Save what is filtered under a name."""
    filters = Filters.of(dict(parse_qsl(visit.text("address"))))
    save_view(visit.site.workspace, visit.signed_in.name, visit.text("name"), urlencode(filters.address()))
    return go(f"/customers?{urlencode(filters.address())}")


def forget(visit: Visit) -> Response:
    """Delete a saved view."""
    delete_view(visit.site.workspace, visit.signed_in.name, visit.text("name"))
    return go("/customers")


def export(visit: Visit) -> Response:
    """Hand out exactly what is filtered, whole or not at all; on record first."""
    rows = rows_of(visit)
    frame, about = rows.exported(Filters.of(visit.request.query_params))
    seen(visit, RecordKind.TABLE_EXPORTED, "customers", **about)
    content = table_bytes(frame, ".csv", "customers")
    mark = "trial-not-for-contact-" if writes_trial() else ""
    name = f"{mark}customers-{rows.copy.as_of}-v{rows.copy.version}.csv"
    return Response(content, media_type="text/csv", headers={"content-disposition": f'attachment; filename="{name}"'})


def overview(visit: Visit) -> Response:
    """Show tiers by branch: who, what they bring, who moved since the last publication, and what is elsewhere."""
    rows = rows_of(visit)
    parts: list[Mapping[str, Any]] = [dict(row) for row in rows.overview()]
    by_branch: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for part in parts:
        by_branch[part["branch_id"]].append(part)
    sums = [_branch_sum("", parts)] + [_branch_sum(branch, of_it) for branch, of_it in sorted(by_branch.items())]
    seen(visit, RecordKind.TABLE_OPENED, "overview", rows=len(sums))
    of_date = list_runs(visit.site.workspace, rows.copy.as_of)
    published = next((run for run in of_date if run.status == "published"), None)
    alarms = run_content(published.to_dict())["alarms"] if published else []
    return visit.page("overview", sums=sums, as_of=rows.copy.as_of, currency=visit.site.policy.currency, alarms=alarms)


def records(visit: Visit) -> Response:
    """Show the newest records, of a kind or about a customer."""
    kind = visit.text("kind")
    customer = visit.text("customer")
    newest = newest_records(
        visit.site.workspace,
        RECORDS_SHOWN,
        RecordKind.parse(kind) if kind else None,
        subject_key(visit.site.workspace, customer) if customer else None,
    )
    return visit.page(
        "records", records=newest, kinds=[known.value for known in RecordKind], kind=kind, customer=customer
    )


def _branch_sum(branch: str, parts: list[Mapping[str, Any]]) -> BranchSum:
    of_tier: dict[str, list[Mapping[str, Any]]] = {tier: [] for tier in ALL_TIERS}
    for part in parts:
        of_tier[part["tier"]].append(part)
    everyone = _total((part for part in parts if part["tier"] != NO_TIER), "customers")
    tiers = tuple(_tier_sum(tier, own, everyone) for tier, own in of_tier.items() if own or tier != NO_TIER)
    return BranchSum(branch, tiers, int(everyone), _total(parts, "contribution_12m"))


def _tier_sum(tier: str, parts: list[Mapping[str, Any]], everyone: float) -> TierSum:
    moved = [part for part in parts if part["previous_tier"] in _PLACE and tier in _PLACE]
    rose = [part for part in moved if _PLACE[part["previous_tier"]] < _PLACE[tier]]
    fell = [part for part in moved if _PLACE[part["previous_tier"]] > _PLACE[tier]]
    count = _total(parts, "customers")
    return TierSum(
        tier,
        customers=int(count),
        share=count / everyone if everyone and tier != NO_TIER else float("nan"),
        contribution_12m=_total(parts, "contribution_12m"),
        rose=int(_total(rose, "customers")),
        fell=int(_total(fell, "customers")),
        main_bank_elsewhere=int(_total(parts, "main_bank_elsewhere")),
        wallet_elsewhere_12m=_total(parts, "wallet_elsewhere_12m"),
    )


def _total(parts: Iterable[Mapping[str, Any]], name: str) -> float:
    return float(sum(part[name] or 0 for part in parts))


ROUTES = (
    PageRoute("GET", "/customers", Right.CUSTOMERS, customers),
    PageRoute("POST", "/views", Right.CUSTOMERS, save),
    PageRoute("POST", "/views/delete", Right.CUSTOMERS, forget),
    PageRoute("GET", "/export/customers.csv", Right.EXPORT, export),
    PageRoute("GET", "/overview", Right.OVERVIEW, overview),
    PageRoute("GET", "/records", Right.RECORDS, records),
)
