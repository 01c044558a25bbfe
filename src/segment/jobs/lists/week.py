"""Whom a branch is to contact this week: rows of lists that were released, held to every contact rule again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from segment.dates import days_to_check
from segment.jobs.lists.suppressions import ContactSources, find_suppressions
from segment.policy import Policy
from segment.store.record_kinds import RecordKind
from segment.store.records import Record, read_records
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS, OUTCOMES
from segment.store.transactions import reading
from segment.warehouse.serving_copy import ServingCopy
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace

TODAY, THIS_WEEK, LATER, DONE = "today", "this_week", "later", "done"
_WORKING_DAYS = 5
_WANTED = (
    "list_id", "customer_id", "rank", "branch_id", "tier", "target_tier", "bundle", "bundle_name", "channel",
    "programme", "say", "do_not_say", "lever", "lever_gain_12m", "expected_net_value", "upgrade_potential_12m",
    "main_bank_elsewhere", "rm_id", "expires_on", "list_on", "owner",
    "trigger", "trigger_on", "trigger_amount",
)  # fmt: skip


@dataclass(frozen=True)
class WeekContacts:
    """Whom a branch contacts, and how many no longer may be."""

    rows: pl.DataFrame  # Columns of the list, `due` (`today`, `this_week`, `later`, `done`) and the outcome
    withdrawn: int  # Rows of released lists that a contact rule keeps out by now
    waiting: int  # Rows of lists that nobody has released to the branch yet


def week_contacts(workspace: Workspace, policy: Policy, branch: str, copy: ServingCopy | None = None) -> WeekContacts:
    """Find whom a branch contacts this week, in the order of the lists.

    Parameters
    ----------
    workspace : Workspace
        Holds the lists, their releases and approvals, and what people handed in.
    policy : Policy
        The contact rules.
    branch : str
        Whose rows.
    copy : ServingCopy, optional
        The page's copy, which spares reading the ledger's tables of everybody.

    Returns
    -------
    WeekContacts
        A customer of two lists stands once, in the newest; the control arm stands nowhere. What an adviser can do in a
        week (`relationship_managers.weekly_contacts`) is due this week, a fifth of it today.
    """
    clock = workspace_clock(workspace).today
    with reading(workspace):
        listed = read_rows(workspace, LIST_ROWS, "branch_id", [branch])
        listed = listed.filter((pl.col("arm") == "contact") & (pl.col("expires_on") >= clock))
        free = released_lists(read_records(workspace, RecordKind.LIST_RELEASED, RecordKind.LIST_APPROVED), branch)
        open_rows = listed.filter(pl.col("list_id").is_in(free)).sort(["list_id", "rank"], descending=[True, False])
        open_rows = open_rows.unique("customer_id", keep="first", maintain_order=True)
        rows = _answered(open_rows, read_rows(workspace, OUTCOMES, "customer_id", open_rows["customer_id"]))
        done, due = rows.filter(pl.col("response").is_not_null()), rows.filter(pl.col("response").is_null())
        sources = ContactSources.read_of(due["customer_id"], workspace, copy) if due.height else None
    withdrawn = 0
    if sources is not None:
        codes = find_suppressions(sources, policy, days_to_check(clock, clock)).codes_of(due)
        due, withdrawn = due.join(codes, on="customer_id", how="anti", maintain_order="left"), codes.height
    managers = pl.DataFrame(schema={"rm_id": pl.String, "weekly_contacts": pl.Int64})
    if sources is not None:
        managers = sources.tables["relationship_managers"].select("rm_id", pl.col("weekly_contacts").cast(pl.Int64))
    planned = _with_due(due, managers, _contacted_this_week(done, clock))
    waiting = listed.filter(~pl.col("list_id").is_in(free)).height
    return WeekContacts(pl.concat([planned, done.with_columns(due=pl.lit(DONE))], how="diagonal"), withdrawn, waiting)


def listed_customers(workspace: Workspace, programme: str) -> list[str]:
    """Find the customers whom a programme's lists would contact and that have not expired.

    Parameters
    ----------
    workspace : Workspace
        Holds the lists.
    programme : str
        Of the policy.

    Returns
    -------
    list of str
        Nobody of a control group.
    """
    rows = read_rows(workspace, LIST_ROWS, "programme", [programme])
    open_rows = rows.filter((pl.col("arm") == "contact") & (pl.col("expires_on") >= workspace_clock(workspace).today))
    return open_rows["customer_id"].unique().sort().to_list()


def released_lists(records: Iterable[Record], branch: str) -> list[str]:
    """Name the lists of which a branch's part was released, or approved for it."""
    named = set()
    for record in records:
        if not record.content:
            continue  # emptied by a retention
        narrowed = (record.content.get("filter") or {}).get("branch")
        if narrowed in (None, branch):
            named.add(str(record.content["list_id"]))
    return sorted(named)


def _answered(rows: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    """Rows of lists with what came of each, if anything did."""
    answers = outcomes.select("list_id", "customer_id", "response", "responded_on", "contacted_on", "do_not_contact")
    return rows.select(_WANTED).join(answers, on=["list_id", "customer_id"], how="left", maintain_order="left")


def _contacted_this_week(done: pl.DataFrame, clock: dt.date) -> pl.DataFrame:
    monday = clock - dt.timedelta(days=clock.weekday())
    return done.filter(pl.col("contacted_on") >= monday).group_by("rm_id", maintain_order=True).agg(made=pl.len())


def _with_due(due: pl.DataFrame, managers: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    """Say when each row is due; those of no adviser are due this week."""
    place = pl.int_range(pl.len()).over("rm_id")
    joined = due.join(managers, on="rm_id", how="left", maintain_order="left")
    joined = joined.join(made, on="rm_id", how="left", maintain_order="left").with_columns(place=place)
    left = pl.col("weekly_contacts") - pl.col("made").fill_null(0)
    a_day = (pl.col("weekly_contacts") / _WORKING_DAYS).ceil()
    return joined.with_columns(
        due=pl.when(pl.col("weekly_contacts").is_null())
        .then(pl.lit(THIS_WEEK))
        .when(pl.col("place") < pl.min_horizontal(a_day, left))
        .then(pl.lit(TODAY))
        .when(pl.col("place") < left)
        .then(pl.lit(THIS_WEEK))
        .otherwise(pl.lit(LATER))
    ).drop("place", "weekly_contacts", "made")
