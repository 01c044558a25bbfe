"""Pages of runs, of the model, of fairness audits, and of every file that the commands wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import Response

from segment.jobs.publish.list_runs import list_runs
from segment.pages.audit_page import audit_view
from segment.pages.run_page import run_content
from segment.settings import read_settings
from segment.store.record_kinds import RecordKind
from segment.web.rights import NotAllowed, Right
from segment.web.site import PageRoute, Visit
from segment.web.work_pages import seen
from segment.workspace import Workspace

# what reads models takes longer to import than all else: only pages that show one do
if TYPE_CHECKING:
    from segment.tracking.registry import Tracking

_RUNS_SHOWN = 60


@dataclass(frozen=True)
class KeptFile:
    """What a command wrote, and where somebody can look at it."""

    kind: str  # Of the catalogue's words
    name: str
    href: str
    right: Right  # Who may look


def runs(visit: Visit) -> Response:
    """Show what ran, how it ended, and what the commands wrote."""
    workspace = visit.site.workspace
    found = list_runs(workspace)[:_RUNS_SHOWN]
    files = [
        *_kept(workspace),
        *(KeptFile("run", run.run_id, f"/runs/{quote(run.run_id)}", Right.RUNS) for run in found),
    ]
    return visit.page("runs", runs=found, files=files)


def run(visit: Visit) -> Response:
    """Show a run's report: gates, proof, drift, migration, shadow, inputs."""
    found = next((one for one in list_runs(visit.site.workspace) if one.run_id == visit.text("run_id")), None)
    if found is None:
        raise NotAllowed
    return visit.page_of("run_page.jinja", 200, **run_content(found.to_dict()))


def model(visit: Visit) -> Response:
    """Show the card of the champion, or of the challenger: what it was trained on, how it was judged, who approved."""
    from segment.jobs.learn.model_card import read_card
    from segment.pages.model_card_page import card_content
    from segment.tracking.models import CHALLENGER, CHAMPION

    tracking = _tracking(visit)
    alias = _alias(visit)
    known = [name for name in (CHAMPION, CHALLENGER) if tracking.find(name) is not None]
    if alias not in known:
        return visit.page("model_none", known=known)
    facts, record = read_card(alias, tracking)
    # its plots are drawn with styles of their own, which the page's policy bars: they stand in the file
    content = card_content(facts, {}, record, visit.language)
    return visit.page("model", 200, known=known, alias=alias, **content)


def card(visit: Visit) -> Response:
    """Hand out a version's card, one file that holds all it shows."""
    from segment.jobs.learn.model_card import plots, read_card
    from segment.pages.model_card_page import card_page

    alias = _alias(visit)
    facts, record = read_card(alias, _tracking(visit))
    text = card_page(facts, plots(facts, visit.language), record, "html", visit.language)
    seen(visit, RecordKind.TABLE_EXPORTED, "model card", version=record["version"], rows=0)
    headers = {"content-disposition": f'attachment; filename="{facts["name"]}-v{record["version"]}.html"'}
    return Response(text, media_type="text/html", headers=headers)


def audits(visit: Visit) -> Response:
    """Show the fairness audit of a date; the newest by default."""
    kept = {path.stem: path for path in sorted(visit.site.workspace.audits.glob("*.json"), reverse=True)}
    asked = visit.text("as_of") or next(iter(kept), "")
    if not asked:
        return visit.page("audit_none")
    if asked not in kept:
        raise NotAllowed
    facts = json.loads(kept[asked].read_text(encoding="utf-8"))
    seen(visit, RecordKind.TABLE_OPENED, "fairness audit", as_of=asked, rows=0)
    return visit.page_of("audit_page.jinja", 200, **audit_view(facts, visit.language))


def _kept(workspace: Workspace) -> Iterator[KeptFile]:
    """Everything that commands wrote and a page shows, beside the runs."""
    for path in sorted(workspace.audits.glob("*.json"), reverse=True):
        yield KeptFile("audit", path.stem, f"/audit?as_of={quote(path.stem)}", Right.AUDIT)
    for path in sorted((workspace.lists / "effects").glob("*.json"), reverse=True):
        yield KeptFile("effects", path.stem, "/effects", Right.EFFECTS)


def _tracking(visit: Visit) -> Tracking:
    from segment.tracking.registry import Tracking

    return Tracking(visit.site.workspace.root, read_settings().mlflow_uri, writable=False)


def _alias(visit: Visit) -> str:
    from segment.tracking.models import CHALLENGER, CHAMPION

    alias = visit.text("alias") or CHAMPION
    if alias not in (CHAMPION, CHALLENGER):
        raise NotAllowed
    return alias


ROUTES = (
    PageRoute("GET", "/runs", Right.RUNS, runs),
    PageRoute("GET", "/runs/{run_id}", Right.RUNS, run),
    PageRoute("GET", "/model", Right.RUNS, model),
    PageRoute("GET", "/model/card", Right.RUNS, card),
    PageRoute("GET", "/audit", Right.AUDIT, audits),
)
