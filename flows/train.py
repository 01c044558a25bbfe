"""Train on what was known and register the model as challenger."""

from __future__ import annotations

import datetime as dt
from typing import Any

import typer
from prefect import flow, task

from flows.extract import extract_task
from flows.labels import label_run, name_run, named_months
from flows.notify import notify_failure
from flows.setting import AsOf, bank_days, keep_out_of_parameters, log_result, no_customer_data, open_setting, today
from segment.jobs.schedule.due import DueTraining, training_due

HOURS = 12  # a run that takes longer hangs


@task(name="train", task_run_name="train {as_of}")
def train_task(
    as_of: dt.date,
    workspace: str | None,
    policy: str | None,
    horizon_months: int | None = None,
    spec: str | None = None,
) -> dict[str, Any]:
    """Train on the snapshots of the workspace and register the model."""
    from segment.jobs.learn.train import train
    from segment.policy import load_spec

    with no_customer_data():
        setting = open_setting(workspace, policy)
        return train(
            None,
            as_of,
            setting.workspace,
            setting.policy,
            setting.tracking(),
            spec=load_spec(spec) if spec else None,
            horizon_months=horizon_months,
            n_jobs=setting.n_jobs,
        ).to_dict()


@flow(
    name="train",
    flow_run_name=name_run,
    timeout_seconds=HOURS * 3600,
    on_failure=[notify_failure],
    on_crashed=[notify_failure],
)
def train_flow(
    ledger: str | None = None,
    as_of: dt.date | None = None,
    workspace: str | None = None,
    policy: str | None = None,
    horizon_months: int | None = None,
    spec: str | None = None,
) -> dict[str, Any]:
    """Extract and train.

    Parameters
    ----------
    ledger : str or None
        A folder, a database URL without a password, or ``secret:NAME``; None means ``SEGMENT_LEDGER``.
    as_of : datetime.date or None
        A month's last day; None means the newest quarter's end that is due, and nothing is done where a model of it,
        or of a later month, is there.
    workspace, policy : str or None
        Paths; None means the settings of the environment.
    horizon_months : int or None
        Months ahead that are learned; None means the spec's, or 12.
    spec : str or None
        Path of a model spec; None changes nothing.

    Returns
    -------
    dict
        Version, run and metrics.
    """
    day = as_of or _due(workspace, policy).as_of
    months = [day] if day else []
    label_run(named_months("train", months), "train", *(f"as of {end.isoformat()}" for end in months))
    if day is None:
        return {"trained_before": True}
    extract_task(ledger, day, workspace, policy)
    return train_task(day, workspace, policy, horizon_months, spec)


def _due(workspace: str | None, policy: str | None) -> DueTraining:
    with no_customer_data():
        setting = open_setting(workspace, policy)
        due = training_due(today(), bank_days(setting.policy.jurisdiction), setting.tracking().trained_dates())
        log_result(due)
    return due


def main(
    ledger: str,
    as_of: AsOf,
    workspace: str | None = None,
    policy: str | None = None,
    horizon_months: int | None = None,
    spec: str | None = None,
) -> None:
    """Run the flow from the command line."""
    keep_out_of_parameters(ledger)
    train_flow(None, as_of.date(), workspace, policy, horizon_months, spec)


if __name__ == "__main__":
    typer.run(main)
