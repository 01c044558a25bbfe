"""A date that the ledger does not reach is refused."""

from __future__ import annotations

import datetime as dt

from segment.dates import month_end
from segment.exceptions import HistoryError
from segment.ledger.check_report import CheckReport
from segment.messages import Message


def require_month(report: CheckReport, as_of: dt.date) -> None:
    """Refuse a date that the ledger does not reach: a month without balances would look like customers leaving."""
    last = report.table("balances").last_on
    if last is None or last < as_of.replace(day=1):
        reached = Message("errors.none") if last is None else f"{last:%Y-%m}"
        held = Message("errors.newest_held", {"last": month_end(last)}) if last else ""
        raise HistoryError.of("errors.no_balances_of_month", as_of=as_of, reached=reached, held=held)
    booked = report.table("transactions").last_on
    if booked is None or booked < as_of.replace(day=1):
        reached = Message("errors.none") if booked is None else booked.isoformat()
        raise HistoryError.of("errors.no_bookings_of_month", as_of=as_of, reached=reached)
