"""The service plan as self-contained pages: one per branch and an index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import polars as pl

from segment.messages import Message
from segment.pages.render import write_page
from segment.policy import Policy
from segment.sentences import Language
from segment.service.contacts_in_arrears import CollectionCheck
from segment.service.plan_checks import ServicePlan
from segment.service.promises import Promise

INDEX = "index.html"


def write_service_plan(plan: ServicePlan, folder: Path, policy: Policy, language: Language = "en") -> None:
    """Write a page per branch and the index."""
    branches = []
    for branch, content in branch_content(plan, policy):
        branches.append(branch)
        write_page(folder / str(branch["page"]), "service_plan_page.jinja", language, **content)
    write_page(folder / INDEX, "service_plan_index.jinja", language, branches=branches, **_shared(plan, policy))


def branch_content(plan: ServicePlan, policy: Policy) -> Iterator[tuple[Mapping[str, object], dict[str, object]]]:
    """Give each branch, and what its page shows."""
    checks = {branch.branch_id: branch for branch in plan.branches}
    for (name,), groups in plan.table.partition_by("branch_id", as_dict=True, maintain_order=True).items():
        rows, check = groups.to_dicts(), checks.get(str(name))
        sums = {total: sum(row[total] for row in rows) for total in ("customers", "budget")}
        called = check.name if check else name
        broken = count_verdicts([*check.promises, *check.collections] if check else []).get("breaks", 0)
        branch = {"name": called, "page": page_name(str(name)), "broken": broken, **sums}
        followed = plan.followed.filter(pl.col("branch_id") == name).to_dicts() if check else []
        content = {"branch": branch, "rows": rows, "check": check, "followed": followed, "items": plan.names}
        yield branch, content | _shared(plan, policy)


def _shared(plan: ServicePlan, policy: Policy) -> dict[str, object]:
    return {"as_of": plan.table["as_of"].to_list()[0], "currency": policy.currency, "service": policy.service}


def count_verdicts(promises: Sequence[Promise | CollectionCheck]) -> dict[str, int]:
    """Count promises that hold, break and were not checked."""
    return dict(Counter(str(promise.verdict) for promise in promises))


def plan_summary(plan: ServicePlan) -> Message:
    """Say how many of a plan's promises can be kept, and what kept others from being checked."""
    promises = [promise for branch in plan.branches for promise in branch.promises]
    counts = count_verdicts([*promises, *(limit for branch in plan.branches for limit in branch.collections)])
    missing = sorted({promise.missing for promise in promises if promise.missing and not promise.others})
    figures = {name: counts.get(name, 0) for name in ("holds", "breaks", "not_checked")}
    return Message(f"service_plan.summary_{'missing' if missing else 'whole'}", {**figures, "missing": missing})


def page_name(branch: str) -> str:
    """Name a branch's page; whatever its id holds, the page stays in the folder.

    Examples
    --------
    >>> page_name("B001"), page_name("../x")
    ('branch-B001.html', 'branch-..%2Fx.html')
    """
    return f"branch-{quote(branch, safe='')}.html"
