"""Deployments of the flows: refresh each month, retrain each quarter, backfill on demand.

Serve them with ``segment schedule``, or deploy the same to a work pool with ``prefect deploy --all``.
"""

from __future__ import annotations

import sys
from typing import cast

from prefect import serve
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import RRule
from prefect.settings import get_current_settings
from prefect.types.entrypoint import EntrypointType

from flows.labels import TAG
from flows.refresh import backfill_flow, refresh_flow
from flows.setting import bank_days, open_setting, today
from flows.train import train_flow
from segment.exceptions import SegmentError
from segment.jobs.schedule.due import due_months
from segment.settings import Settings
from segment.warehouse.tiers_table import published_dates

# Every day: the flow itself asks what is due by the bank's working days, and does nothing where nothing is.
REFRESH = "FREQ=DAILY;BYHOUR=5;BYMINUTE=0;BYSECOND=0"
RETRAIN = "FREQ=DAILY;BYHOUR=7;BYMINUTE=0;BYSECOND=0"
ONE = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.ENQUEUE)


def deployments() -> list[RunnerDeployment]:
    """Describe what is served; parameters stay empty, so that runs take paths and secrets from their environment."""
    settings = Settings()
    refresh = RRule(settings.refresh_schedule or REFRESH, timezone=settings.timezone)
    retrain = RRule(settings.retrain_schedule or RETRAIN, timezone=settings.timezone)
    by_module = EntrypointType.MODULE_PATH
    served = [
        refresh_flow.to_deployment(
            "monthly", schedule=refresh, concurrency_limit=ONE, entrypoint_type=by_module, tags=[TAG]
        ),
        train_flow.to_deployment(
            "quarterly", schedule=retrain, concurrency_limit=ONE, entrypoint_type=by_module, tags=[TAG]
        ),
        backfill_flow.to_deployment("on-demand", concurrency_limit=ONE, entrypoint_type=by_module, tags=[TAG]),
    ]
    return cast(list[RunnerDeployment], served)  # typed as if an event loop might run


def _said_at_the_start() -> list[str]:
    """Name the months that are due and the years that the calendar does not hold yet."""
    setting = open_setting(None, None)
    published = published_dates(setting.workspace.tiers)
    due = due_months(today(), bank_days(setting.policy.jurisdiction), published)
    return due.in_words(Settings().language).splitlines()


def main() -> int:
    """Serve the deployments until stopped."""
    if not get_current_settings().api.url:
        sys.stderr.write(
            "A schedule needs a Prefect server. PREFECT_API_URL names none.\n"
            "Hint: start one with `prefect server start`, and set PREFECT_API_URL=http://127.0.0.1:4200/api\n"
        )
        return 2
    try:
        sys.stderr.writelines(f"{line}\n" for line in _said_at_the_start())
    except SegmentError as fault:
        sys.stderr.write(f"{fault}\n")
        return 2
    serve(*deployments(), limit=1, pause_on_shutdown=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
