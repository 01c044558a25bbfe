"""Service events: visits, calls, meetings and sessions."""

from __future__ import annotations

import narwhals as nw

from segment.contribution.lines import Frame
from segment.features.frames import sum_where
from segment.ledger.vocabulary import SERVICE_CHANNELS
from segment.policy import Policy

SERVICE_MEASURES: tuple[str, ...] = (*(f"visits_{channel}" for channel in SERVICE_CHANNELS), "adviser_minutes")


def services(service_events: Frame, policy: Policy) -> Frame:
    """Count the month's service events of each customer."""
    # `policy`: Says how long an adviser's meeting takes where its minutes are not known.
    minutes = nw.col("minutes").cast(nw.Float64).fill_null(policy.costs.service_event.adviser_minutes_if_unknown)
    events = service_events.select("customer_id", "channel", minutes=minutes)
    visits = {f"visits_{name}": sum_where(nw.col("channel") == name, nw.lit(1.0)) for name in SERVICE_CHANNELS}
    advised = sum_where(nw.col("channel") == "adviser", nw.col("minutes"))
    return events.group_by("customer_id").agg(**visits, adviser_minutes=advised)
