"""Build or refresh customer months and the snapshot of a date."""

from __future__ import annotations

import datetime as dt
from typing import Any

import typer
from prefect import flow, task

from flows.labels import label_run, name_run, named_months
from flows.notify import notify_failure
from flows.setting import (
    TRIES,
    AsOf,
    find_ledger,
    keep_out_of_parameters,
    no_customer_data,
    open_setting,
    source_is_away,
    waits,
)
from segment.settings import Settings

HOURS = 4  # a run that takes longer hangs


@task(
    name="extract",
    task_run_name="extract {as_of}",
    retries=TRIES,
    retry_delay_seconds=waits(Settings().source_backoff),
    retry_condition_fn=source_is_away,
)
def extract_task(ledger: str | None, as_of: dt.date, workspace: str | None, policy: str | None) -> dict[str, Any]:
    """Check the ledger, build its customer months and the snapshot."""
    from segment.jobs.build.extract import extract

    with no_customer_data():
        setting = open_setting(workspace, policy)
        return extract(find_ledger(ledger), as_of, setting.workspace, setting.policy, n_jobs=setting.n_jobs).to_dict()


@flow(
    name="extract",
    flow_run_name=name_run,
    timeout_seconds=HOURS * 3600,
    on_failure=[notify_failure],
    on_crashed=[notify_failure],
)
def extract_flow(
    ledger: str | None, as_of: dt.date, workspace: str | None = None, policy: str | None = None
) -> dict[str, Any]:
    """Build or refresh customer months and the snapshot.

    Parameters
    ----------
    ledger : str or None
        A folder, a database URL without a password, or ``secret:NAME``; None means ``SEGMENT_LEDGER``.
    as_of : datetime.date
        A month's last day.
    workspace, policy : str or None
        Paths; None means the settings of the environment.

    Returns
    -------
    dict
        Counts and hashes.
    """
    label_run(named_months("extract", [as_of]), "extract", f"as of {as_of.isoformat()}")
    return extract_task(ledger, as_of, workspace, policy)


def main(ledger: str, as_of: AsOf, workspace: str | None = None, policy: str | None = None) -> None:
    """Run the flow from the command line."""
    keep_out_of_parameters(ledger)
    extract_flow(None, as_of.date(), workspace, policy)


if __name__ == "__main__":
    typer.run(main)
