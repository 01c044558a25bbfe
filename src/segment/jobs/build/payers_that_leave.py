"""Employers whose staff begin to be paid elsewhere, as an extract says it: counts and a day, nobody's name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import polars as pl

from segment.departures.employer_alarm import count_payers, employer_alarms, pay_groups, read_pay
from segment.messages import Message
from segment.store.tombstones import Erased


def find_alarms(
    rows: Callable[[dt.date, dt.date, pl.Expr], pl.DataFrame], holdings: pl.DataFrame, as_of: dt.date, erased: Erased
) -> tuple[Message, ...]:
    """Look through the pay of the last months; `rows`: Those bookings of a span of days that are wanted."""
    groups = pay_groups(read_pay(rows, as_of), holdings, as_of)
    return alarms_of(count_payers(erased.leave_out(groups)))


def alarms_of(payers: pl.DataFrame) -> tuple[Message, ...]:
    """Say which payers' people, counted as `count_payers` does, begin to be paid elsewhere."""
    return tuple(
        Message(
            "gates.alarm.employer",
            {"people": alarm.people, "stopped": alarm.stopped, "last_on": alarm.last_on.isoformat()},
        )
        for alarm in employer_alarms(payers)
    )
