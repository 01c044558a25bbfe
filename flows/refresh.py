"""Extract, score with the champion, and publish the tiers of a moment."""

from __future__ import annotations

import datetime as dt
from typing import Any

import typer
from prefect import flow, task

from flows.extract import extract_task
from flows.setting import AsOf, no_customer_data, open_setting


@task(name="publish")
def publish_task(as_of: dt.date, workspace: str | None, policy: str | None) -> dict[str, Any]:
    """Score the snapshot with the champion and publish its tiers at once.

    Parameters
    ----------
    as_of : datetime.date
        A month's last day.
    workspace, policy : str or None
        Paths; None means the settings of the environment.

    Returns
    -------
    dict
        Shares per tier, versions and the run.
    """
    from segment.jobs.refresh import publish

    with no_customer_data():
        setting = open_setting(workspace, policy)
        return publish(as_of, setting.workspace, setting.policy, setting.tracking()).to_dict()


@flow(name="refresh")
def refresh_flow(
    ledger: str, as_of: dt.date, workspace: str | None = None, policy: str | None = None
) -> dict[str, Any]:
    """Extract, score and publish.

    Parameters
    ----------
    ledger : str
        A folder of tables or a database URL.
    as_of : datetime.date
        A month's last day.
    workspace, policy : str or None
        Paths; None means the settings of the environment.

    Returns
    -------
    dict
        Shares per tier, versions and the run.
    """
    extract_task(ledger, as_of, workspace, policy)
    return publish_task(as_of, workspace, policy)


def main(ledger: str, as_of: AsOf, workspace: str | None = None, policy: str | None = None) -> None:
    """Run the flow from the command line."""
    refresh_flow(ledger, as_of.date(), workspace, policy)


if __name__ == "__main__":
    typer.run(main)
