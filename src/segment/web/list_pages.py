"""Pages of lists: made by one person, approved by another, and downloaded; and of outcomes that come as a file."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
from starlette.datastructures import UploadFile
from starlette.responses import Response

from segment.dates import month_end
from segment.exceptions import UsageError
from segment.features import months_written
from segment.features.store import MANIFEST
from segment.files import stamp_of, write_bytes
from segment.jobs.lists.approvals import approvals, require_approved
from segment.jobs.lists.approve_list import approve_list
from segment.jobs.lists.draft_lists import list_drafts, read_list
from segment.jobs.lists.list_basis import ListBasis
from segment.jobs.lists.outcome_preview import preview_outcomes
from segment.jobs.lists.release import release
from segment.jobs.lists.take_outcomes import take_outcomes
from segment.jobs.lists.trade_off import trade_off
from segment.jobs.lists.upgrade_list import upgrade_list
from segment.jobs.service.effects import report_effects
from segment.messages import Message
from segment.pages.svg_charts import value_curve
from segment.store.lists import read_list_makers
from segment.store.record_kinds import RecordKind
from segment.store.records import last_act
from segment.store.web_sessions import write_once
from segment.upgrade.places import Limits
from segment.warehouse.serving_ledger import ledger_stamp
from segment.web.given_numbers import finite_number
from segment.web.passwords import key_of, new_secret
from segment.web.rights import NotAllowed, Right
from segment.web.site import PageRoute, Visit, go
from segment.web.work_pages import rows_of, seen

_FORMATS = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
}
_OUTCOMES = (".csv", ".xlsx", ".parquet")


@dataclass(frozen=True)
class Asked:
    """Of what a list is to be made."""

    branch: str | None
    programme: str | None
    limits: Limits


def lists(visit: Visit) -> Response:
    """Show the lists that are kept, a part of a branch each: who made it, who approved it, when it left."""
    parts = list_drafts(visit.site.workspace)
    rows = [row for row in parts.to_dicts() if visit.scope.holds(row["branch_id"])][:200]
    approved, makers = approvals(visit.site.workspace), read_list_makers(visit.site.workspace)
    shown = [
        {**row, "made_by": makers.get(row["list_id"]), "approved": approved.get((row["list_id"], row["branch_id"]))}
        for row in rows
    ]
    seen(visit, RecordKind.TABLE_OPENED, "lists", rows=len(shown))
    return visit.page(
        "lists", lists=shown, branches=rows_of(visit).branches(), said=visit.text("said"),
        programmes=visit.site.policy.programmes, asked=visit.request.query_params,
    )  # fmt: skip


def try_list(visit: Visit) -> Response:
    """Show what a list would bring by how many are contacted, before anything is made."""
    rows, asked = rows_of(visit), _asked(visit)
    site = visit.site
    basis = ListBasis.read(rows.copy.as_of, site.workspace, site.policy, branch=asked.branch, programme=asked.programme)
    found = trade_off(basis, asked.limits, site.policy)
    seen(visit, RecordKind.TABLE_OPENED, "trade-off of a list", branch=asked.branch, rows=found.points.height)
    points = found.points.to_dicts()
    curve = value_curve([(row["contacts"], row["net_value"]) for row in points])
    return visit.page("list_try", asked=asked, points=points, curve=curve, found=found, currency=site.policy.currency)


def make_list(visit: Visit) -> Response:
    """Begin to make a list of the bank, or of a branch; its page says how far it is."""
    rows, asked, site, anyway = rows_of(visit), _asked(visit), visit.site, visit.text("anyway") == "1"

    def make() -> list[Message | str]:
        made = upgrade_list(
            rows.copy.as_of, site.workspace, site.policy,
            branch=asked.branch, programme=asked.programme, limits=asked.limits, anyway=anyway,
        )  # fmt: skip
        return list(made.messages())

    return go(f"/lists/work/{site.background.start(visit.signed_in.name, make)}")


def work_on_list(visit: Visit) -> Response:
    """Show how far the making of a list is, and what came of it."""
    work = visit.site.background.find(visit.signed_in.name, visit.text("work"))
    if work is None:
        raise UsageError.of("errors.list_unknown_now")
    return visit.page("list_work", work=work, lines=visit.sentences.each(work.said))


def _asked(visit: Visit) -> Asked:
    branch = visit.text("branch") or None
    if branch is None and visit.scope.branches is not None:
        raise NotAllowed
    capacity, budget = _number(visit, "capacity"), _number(visit, "budget")
    limits = Limits(None if capacity is None else int(capacity), budget)
    return Asked(branch, visit.text("programme") or None, limits)


def approve(visit: Visit) -> Response:
    """Approve a branch's part of a list that another person made."""
    approve_list(visit.site.workspace, visit.text("list_id"), visit.text("branch"))
    return go("/lists?said=approved")


def download(visit: Visit) -> Response:
    """Let an approved part leave, held to every contact rule again; the record comes first."""
    site, list_id, branch, ending = visit.site, visit.text("list_id"), visit.text("branch"), visit.text("format")
    if ending not in _FORMATS:
        raise UsageError.of("errors.unknown_format", formats=_FORMATS)
    visit.scope.require(branch)
    require_approved(approvals(site.workspace), list_id, [branch])
    kept = read_list(site.workspace, list_id, branch)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list-{kept.list_id}-{key_of(branch)[:8]}{ending}"
        release(
            kept.to_contact, path, list_id=kept.list_id, list_on=kept.list_on, as_of=kept.as_of,
            workspace=site.workspace, policy=site.policy, selection={"branch": branch},
        )  # fmt: skip
        content = path.read_bytes()
    headers = {"content-disposition": f'attachment; filename="{path.name}"'}
    return Response(content, media_type=_FORMATS[ending], headers=headers)


def outcomes(visit: Visit) -> Response:
    """Ask for a file of outcomes."""
    return visit.page("outcomes", preview=None, key=new_secret(), fault="")


def preview(visit: Visit) -> Response:
    """Show what a file would do, row by row where a row is refused; nothing is taken yet."""
    file = visit.form.get("file")
    ending = Path(str(getattr(file, "filename", "") or "")).suffix.lower()
    if not isinstance(file, UploadFile) or ending not in _OUTCOMES:
        raise UsageError.of("errors.outcomes_ending", outcomes=_OUTCOMES)
    content = file.file.read()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"outcomes{ending}"
        write_bytes(content, path)
        found = preview_outcomes(path, visit.site.workspace)
        _require_own(visit, found.rows)
        answer: dict[str, object] = {}
        if visit.text("take"):
            answer = dict(_take(visit, path, content))
    return visit.page("outcomes", preview=found, taken=answer, key=visit.text("key") or new_secret(), fault="")


def effects(visit: Visit) -> Response:
    """Show what the lists changed so far, by programme: contacted people against the control group."""
    site = visit.site
    months = months_written(site.workspace.customer_months)
    as_of = month_end(months[-1]) if months else site.today()
    files = stamp_of([site.workspace.customer_months / MANIFEST])
    made_of = (as_of, site.policy.hash, ledger_stamp(site.workspace), files, last_act(site.workspace))
    # looked at: the report that is kept is the command's
    looked_at = replace(site.workspace, writable=False)
    report = site.kept.of("effects", made_of, lambda: report_effects(as_of, looked_at, site.policy))
    seen(visit, RecordKind.TABLE_OPENED, "effects of lists", rows=report.effects.height)
    return visit.page(
        "effects", effects=report.effects.to_dicts(), lines=visit.sentences.each(report.messages()), as_of=as_of,
        currency=site.policy.currency, programmes=site.policy.programmes,
    )  # fmt: skip


def _take(visit: Visit, path: Path, content: bytes) -> dict[str, object]:
    """Take a file in once, however often the same form is sent."""

    def write() -> dict[str, object]:
        taken = take_outcomes(path, visit.site.workspace)
        return {**vars(taken.taken), "older": taken.older, "refused": sum(taken.refused.values())}

    key = key_of(f"{visit.signed_in.name}|{visit.text('key')}")
    request = key_of(content.hex())
    return dict(write_once(visit.site.workspace, key, request, write))


def _require_own(visit: Visit, rows: pl.DataFrame) -> None:
    """Refuse a file that names customers of a branch that is not theirs; who is unknown is told by its row."""
    if visit.scope.branches is None:
        return
    foreign = rows.filter(pl.col("branch_id").is_not_null() & ~pl.col("branch_id").is_in(sorted(visit.scope.branches)))
    if foreign.height:
        raise UsageError.of("errors.foreign_outcomes", rows=foreign.height)


def _number(visit: Visit, name: str) -> float | None:
    given = visit.text(name)
    if not given:
        return None
    number = finite_number(given)
    if number is None or not 1 <= number < 1e12:
        raise UsageError.of("errors.bad_capacity")
    return number


ROUTES = (
    PageRoute("GET", "/lists", Right.LISTS, lists),
    PageRoute("POST", "/lists", Right.MAKE_LIST, make_list),
    PageRoute("GET", "/lists/try", Right.MAKE_LIST, try_list),
    PageRoute("GET", "/lists/work/{work}", Right.MAKE_LIST, work_on_list),
    PageRoute("POST", "/lists/approve", Right.APPROVE_LIST, approve),
    PageRoute("POST", "/lists/download", Right.DOWNLOAD_LIST, download),
    PageRoute("GET", "/effects", Right.EFFECTS, effects),
    PageRoute("GET", "/outcomes", Right.OUTCOMES, outcomes),
    PageRoute("POST", "/outcomes", Right.OUTCOMES, preview),
)
