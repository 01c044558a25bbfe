"""Extract, score with the champion, and publish the tiers of a date; or of every month of a span."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import typer
from prefect import flow, task

from flows.artifacts import write_artifacts, write_draft_artifact
from flows.labels import label_run, name_run, named_months
from flows.notify import notify_failure
from flows.setting import (
    TRIES,
    AsOf,
    bank_days,
    find_ledger,
    keep_out_of_parameters,
    log_messages,
    log_result,
    no_customer_data,
    open_setting,
    source_is_away,
    today,
    waits,
)
from segment.exceptions import ListError, SuppressionError
from segment.jobs.lists.draft_lists import drafted_dates
from segment.jobs.schedule.due import DueMonths, due_months, month_ends
from segment.messages import Message
from segment.settings import Settings
from segment.warehouse.tiers_table import published_dates

HOURS, BACKFILL_HOURS = 6, 48  # a run that takes longer hangs


@task(
    name="refresh",
    task_run_name="refresh {as_of}",
    retries=TRIES,
    retry_delay_seconds=waits(Settings().source_backoff),
    retry_condition_fn=source_is_away,
)
def refresh_task(ledger: str | None, as_of: dt.date, workspace: str | None, policy: str | None) -> dict[str, Any]:
    """Extract, score the snapshot with the champion and publish its tiers at once."""
    from segment.jobs.publish.refresh import refresh

    with no_customer_data():
        setting = open_setting(workspace, policy)
        published = refresh(
            find_ledger(ledger),
            as_of,
            setting.workspace,
            setting.policy,
            setting.tracking(),
            n_jobs=setting.n_jobs,
        )
        log_result(published, warn=bool(published.alarms))
        return published.to_dict()


@task(name="artifacts", task_run_name="artifacts {as_of}")
def artifacts_task(as_of: dt.date, run_id: str, seconds: dict[str, float], workspace: str | None) -> None:
    """Show what the refresh did as artifacts of the server."""
    with no_customer_data():
        write_artifacts(open_setting(workspace, None).workspace, as_of, run_id, seconds)


@task(name="draft lists", task_run_name="draft lists {as_of}")
def drafts_task(as_of: dt.date, workspace: str | None, policy: str | None) -> str | None:
    """Draft the list of each branch, for a person to release; tiers stay published where none can be made."""
    from segment.jobs.lists.draft_lists import draft_lists

    with no_customer_data():
        setting = open_setting(workspace, policy)
        try:
            drafts = draft_lists(as_of, setting.workspace, setting.policy)
        except (ListError, SuppressionError) as fault:
            log_messages([Message("schedule.drafts.refused", {"why": str(fault)})], warn=True)
            return None
        log_result(drafts)
        write_draft_artifact(drafts)
        return drafts.list_id


@flow(
    name="refresh",
    flow_run_name=name_run,
    timeout_seconds=HOURS * 3600,
    on_failure=[notify_failure],
    on_crashed=[notify_failure],
)
def refresh_flow(
    ledger: str | None = None,
    as_of: dt.date | None = None,
    workspace: str | None = None,
    policy: str | None = None,
) -> dict[str, Any]:
    """Extract, score and publish.

    Parameters
    ----------
    ledger : str or None
        A folder, a database URL without a password, or ``secret:NAME``; None means ``SEGMENT_LEDGER``.
    as_of : datetime.date or None
        A month's last day; None means those that are due: the newest, and the ones missed before it, oldest first.
    workspace, policy : str or None
        Paths; None means the settings of the environment.

    Returns
    -------
    dict
        Shares per tier, versions and the run, of the newest month; ``caught_up`` lists the months before it.
    """
    due = DueMonths(as_of, (as_of,)) if as_of else _due(workspace, policy)
    label_run(named_months("refresh", due.months), *_tags("refresh", due))
    published = [_refresh(ledger, day, workspace, policy) for day in due.months]
    drafts = _drafts(due.newest, workspace, policy)
    if not published:
        return {"as_of": due.newest.isoformat(), "published_before": True, "draft_list": drafts}
    return {**published[-1], "caught_up": [day.isoformat() for day in due.missed], "draft_list": drafts}


def _tags(what: str, due: DueMonths) -> list[str]:
    states = ["nothing due"] if not due.months else ["caught up"] if due.missed else []
    return [what, *(f"as of {day.isoformat()}" for day in due.months), *states]


def _drafts(newest: dt.date, workspace: str | None, policy: str | None) -> str | None:
    """Draft the lists of the newest published month, unless they are; one that was refused is tried again so."""
    if not Settings().draft_lists:
        return None
    with no_customer_data():
        opened = open_setting(workspace, policy).workspace
        wanted = newest == max(published_dates(opened.tiers), default=None) and newest not in drafted_dates(opened)
    return drafts_task(newest, workspace, policy) if wanted else None


def _due(workspace: str | None, policy: str | None) -> DueMonths:
    with no_customer_data():
        setting = open_setting(workspace, policy)
        due = due_months(today(), bank_days(setting.policy.jurisdiction), published_dates(setting.workspace.tiers))
        log_result(due, warn=bool(due.missed or due.gaps or due.not_held))
    return due


@flow(
    name="backfill",
    flow_run_name=name_run,
    timeout_seconds=BACKFILL_HOURS * 3600,
    on_failure=[notify_failure],
    on_crashed=[notify_failure],
)
def backfill_flow(
    first: dt.date,
    last: dt.date,
    ledger: str | None = None,
    workspace: str | None = None,
    policy: str | None = None,
) -> list[str]:
    """Refresh the months' ends of a span, oldest first; stop at the first that fails.

    Parameters
    ----------
    first, last : datetime.date
        The span, both included.
    ledger : str or None
        A folder, a database URL without a password, or ``secret:NAME``; None means ``SEGMENT_LEDGER``.
    workspace, policy : str or None
        Paths; None means the settings of the environment.

    Returns
    -------
    list of str
        The runs.
    """
    months = month_ends(first, last)
    label_run(named_months("backfill", months), "backfill")
    return [str(_refresh(ledger, day, workspace, policy)["run_id"]) for day in months]


def _refresh(ledger: str | None, as_of: dt.date, workspace: str | None, policy: str | None) -> dict[str, Any]:
    started = time.monotonic()
    published: dict[str, Any] = refresh_task(ledger, as_of, workspace, policy)
    artifacts_task(as_of, str(published["run_id"]), {"refresh": round(time.monotonic() - started, 3)}, workspace)
    return published


def main(ledger: str, as_of: AsOf, workspace: str | None = None, policy: str | None = None) -> None:
    """Run the flow from the command line."""
    keep_out_of_parameters(ledger)
    refresh_flow(None, as_of.date(), workspace, policy)


if __name__ == "__main__":
    typer.run(main)
