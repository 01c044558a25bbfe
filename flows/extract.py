"""Build or refresh customer months and the snapshot of a moment."""

from __future__ import annotations

import datetime as dt
from typing import Any

import typer
from prefect import flow, task

from flows.setting import AsOf, no_customer_data, open_setting


@task(name="extract")
def extract_task(ledger: str, as_of: dt.date, workspace: str | None, policy: str | None) -> dict[str, Any]:
    """Check the ledger, build its customer months and the snapshot.

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
        Counts and hashes.
    """
    from segment.jobs.extract import extract

    with no_customer_data():
        setting = open_setting(workspace, policy)
        return extract(ledger, as_of, setting.workspace, setting.policy, n_jobs=setting.n_jobs).to_dict()


@flow(name="extract")
def extract_flow(
    ledger: str, as_of: dt.date, workspace: str | None = None, policy: str | None = None
) -> dict[str, Any]:
    """Build or refresh customer months and the snapshot.

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
        Counts and hashes.
    """
    return extract_task(ledger, as_of, workspace, policy)


def main(ledger: str, as_of: AsOf, workspace: str | None = None, policy: str | None = None) -> None:
    """Run the flow from the command line."""
    extract_flow(ledger, as_of.date(), workspace, policy)


if __name__ == "__main__":
    typer.run(main)
