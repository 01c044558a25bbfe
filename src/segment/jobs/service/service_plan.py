"""The service plan of one date, as a table or a page per branch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from segment.dates import days_to_check
from segment.exceptions import PolicyError
from segment.jobs.publish.branch_drawers import read_branch
from segment.jobs.rights.objections import objecting
from segment.jobs.service.branch_reading import AGES, called_first, contacts_in_arrears, means_of_branches, read_traffic
from segment.jobs.service.trial_served import find_members, served_tiers
from segment.pages.service_plan_page import write_service_plan
from segment.policy import Policy
from segment.policy.decisions import Tier
from segment.policy.service import Service
from segment.sentences import Language
from segment.service.contacts_in_arrears import check_collections
from segment.service.followed import follow
from segment.service.plan import GENERIC, GENERIC_PLAN, as_served, group_customers, plan_table
from segment.service.plan_checks import BranchPlan, ServicePlan
from segment.service.promises import Promised, check_promises
from segment.service.staffing import staffing, tasks
from segment.store.row_store import read_rows
from segment.store.stored_tables import ENROLMENTS, OBJECTIONS
from segment.tiers.in_arrears import with_hardship
from segment.warehouse.branch_hours import read_branch_hours
from segment.warehouse.export import check_format, export_table
from segment.warehouse.published_tiers import of_branch, published_tiers
from segment.warehouse.reference_tables import read_reference
from segment.warehouse.serving_copy import ServingCopy
from segment.warehouse.serving_ledger import own_tables
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace

_NEEDED = ("branches", "contact_rules", "customers", "relationship_managers", "tariff_items")


def service_plan(
    as_of: dt.date, workspace: Workspace, policy: Policy, branch: str | None = None, copy: ServingCopy | None = None
) -> ServicePlan:
    """Lay out what each tier and sub-state of each branch gets.

    Parameters
    ----------
    as_of : datetime.date
        Date of the published tiers.
    workspace : Workspace
        Where they are published.
    policy : Policy
        Its `[service]`.
    branch : str, optional
        One branch.
    copy : ServingCopy, optional
        The page's copy, of the date: it spares reading everybody for the plan of one branch.

    Returns
    -------
    ServicePlan

    Raises
    ------
    PolicyError, NotPublishedError
        Where the policy has no plan, a tariff item is not public for long enough, or nothing is published.
    """
    if policy.service is None:
        raise PolicyError.of("errors.no_service_policy", name=policy.name)
    _require_public(policy.service, as_of, policy.law_in_force.tariff_public_days)
    objections = read_rows(workspace, OBJECTIONS)
    # a trial looks at households, which may have members in other branches
    held = read_branch(copy, branch) if copy is not None and branch is not None and policy.trial is None else None
    if held is not None:
        tiers, traffic = held.published, held.traffic
        tables = own_tables(copy, workspace, tiers["customer_id"], _NEEDED, AGES).tables
    else:
        tiers, traffic = published_tiers(workspace, as_of), read_traffic(workspace.customer_months, as_of)
        tables = read_reference(workspace)
    tiers = with_hardship(tiers, tables["contact_rules"], as_of)
    if policy.trial is not None:
        # of every branch: a household may have members in others, who protect it too; today counts as well
        days = days_to_check(as_of, workspace_clock(workspace).today)
        members = find_members(tiers, tables, objections, policy, days)
        tiers = served_tiers(members, read_rows(workspace, ENROLMENTS), policy.trial)
    tiers, outside = of_branch(tiers, as_of, branch), objecting(objections)
    table = plan_table(tiers, policy.service, policy, outside)
    customers = group_customers(tiers, policy, outside)
    customers = as_served(customers) if "served_as" in customers.columns else customers
    own = customers.select("customer_id", "branch_id", "tier", "service_state")
    asked = traffic.rows.join(own, on="customer_id", how="inner", maintain_order="left")
    first = called_first(tables, policy.law_in_force.older_from_years, as_of)
    means = means_of_branches(customers, asked, len(traffic.months) or 1, tables, read_branch_hours(workspace), first)
    groups = {
        name: [_promised(row, policy.service) for row in part.to_dicts()]
        for (name,), part in table.partition_by("branch_id", as_dict=True, maintain_order=True).items()
    }
    waiting, limits = policy.service.waiting, policy.law_in_force.collections
    parts = asked.partition_by("branch_id", as_dict=True, maintain_order=True)
    asked_of = {name: parts.get((name,), asked.clear()) for name in groups}
    followed = [
        follow(name, promised, asked_of[name], traffic.months, policy.service) for name, promised in groups.items()
    ]
    branches = [
        BranchPlan(
            name, means[name].name, check_promises(promised, means[name], policy),
            staffing(promised, means[name], waiting), tasks(promised, means[name]),
            check_collections(promised, limits, contacts_in_arrears(asked_of[name], traffic)),
        )
        for name, promised in groups.items()
    ]  # fmt: skip
    return ServicePlan(table, branches, pl.concat(followed), _item_names(policy.service, tables["tariff_items"]))


def _promised(row: Mapping[str, Any], service: Service) -> Promised:
    tier: Tier = GENERIC_PLAN if row["tier"] == GENERIC else row["tier"]
    plan = service.plans[tier].of(row["sub_state"])
    return Promised(row["tier"], row["sub_state"], row["target_customers"] or 0, plan)


def _item_names(service: Service, items: pl.DataFrame) -> dict[str, str]:
    """What the ledger calls an item, else the policy."""
    said = dict(items.select("item_code", "name").iter_rows()) if "name" in items.columns else {}
    return {code: said.get(code) or item.name for code, item in service.tariff.items()}


def check_target(out: Path) -> None:
    """Refuse a target that is neither a folder nor a table's file, before any work is done.

    Parameters
    ----------
    out : Path
        A folder has no ending.
    """
    if not is_folder(out):
        check_format(out)


def write_plan(plan: ServicePlan, out: Path, policy: Policy, language: Language = "en") -> None:
    """Write the plan: one table, or a folder with a page per branch, an index and the table.

    Parameters
    ----------
    plan : ServicePlan
        As `service_plan` returns it.
    out : Path
        A table's file, or a folder.
    policy : Policy
        The plan's own.
    language : {'en', 'zh'}
        Of the pages.
    """
    if not is_folder(out):
        export_table(plan.with_verdicts(), out, "service plan")
        return
    write_service_plan(plan, out, policy, language)
    export_table(plan.with_verdicts(), out / "plan.csv", "service plan")
    export_table(plan.followed, out / "followed.csv", "service plan followed")


def is_folder(out: Path) -> bool:
    """Tell a folder, there or to be made, from a table's file."""
    return out.is_dir() or not out.suffix


def _require_public(service: Service, as_of: dt.date, lawful_days: int) -> None:
    days = max(service.least_public_days, lawful_days)
    named = {name for part in service.parts for name in part.tariff_items}
    latest = as_of - dt.timedelta(days=days)
    young = sorted(name for name in named if service.tariff[name].public_since > latest)
    if young:
        raise PolicyError.of("errors.young_tariff", days=days, as_of=as_of, young=young)
