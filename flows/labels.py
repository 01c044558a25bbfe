"""Names and tags by which a person finds a run among many."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.runtime import flow_run

TAG = "segment"


def name_run() -> str:
    """Name a run after its flow and the dates that its parameters give; one that asks what is due, after that."""
    given = flow_run.parameters or {}
    dates = [str(given[name]) for name in ("as_of", "first", "last") if given.get(name)]
    return f"{flow_run.flow_name} {' to '.join(dates) or 'what is due'}"


def label_run(name: str, *tags: str) -> None:
    """Give the run that goes on another name, and tags beside its own."""
    run = flow_run.id
    if run is None:
        return
    with get_client(sync_client=True) as client:
        client.update_flow_run(UUID(str(run)), name=name, tags=sorted({*(flow_run.tags or ()), *tags}))


def named_months(what: str, months: Sequence[dt.date]) -> str:
    """Name a run after the months that it works on, such as ``refresh 2025-12-31``."""
    if not months:
        return f"{what}: nothing due"
    first, last = months[0].isoformat(), months[-1].isoformat()
    return f"{what} {last}" if len(months) == 1 else f"{what} {first} to {last}"
