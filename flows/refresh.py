"""Extract, score with the champion, and publish the tiers of a date; or of every month of a span."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import typer
from prefect import flow, task

from flows.artifacts import write_artifacts
from flows.notify import notify_failure
from flows.setting import (
    TRIES,
    AsOf,
    bank_days,
    find_ledger,
    keep_out_of_parameters,
    log_result,
    no_customer_data,
    open_setting,
    source_is_away,
    today,
    waits,
)
from segment.jobs.schedule.due import DueMonths, due_months, month_ends
from segment.settings import Settings
from segment.warehouse.tiers_table import published_dates

HOURS, BACKFILL_HOURS = 6, 48  # a run that takes longer hangs


@task(
    name="refresh",
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
        return published.to_dict()


@task(name="artifacts")
def artifacts_task(as_of: dt.date, run_id: str, seconds: dict[str, float], workspace: str | None) -> None:
    """Show what the refresh did as artifacts of the server."""
    with no_customer_data():
        write_artifacts(open_setting(workspace, None).workspace, as_of, run_id, seconds)


@flow(name="refresh", timeout_seconds=HOURS * 3600, on_failure=[notify_failure], on_crashed=[notify_failure])
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
    if not due.months:
        return {"as_of": due.newest.isoformat(), "published_before": True}
    published = [_refresh(ledger, day, workspace, policy) for day in due.months]
    return {**published[-1], "caught_up": [day.isoformat() for day in due.missed]}


def _due(workspace: str | None, policy: str | None) -> DueMonths:
    with no_customer_data():
        setting = open_setting(workspace, policy)
        due = due_months(today(), bank_days(), published_dates(setting.workspace.tiers))
        log_result(due, warn=bool(due.missed or due.gaps or due.not_held))
    return due


@flow(name="backfill", timeout_seconds=BACKFILL_HOURS * 3600, on_failure=[notify_failure], on_crashed=[notify_failure])
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
    return [str(_refresh(ledger, day, workspace, policy)["run_id"]) for day in month_ends(first, last)]


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
