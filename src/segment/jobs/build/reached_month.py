"""A date that the ledger does not reach is refused."""

from __future__ import annotations

import datetime as dt

from segment.dates import month_end
from segment.exceptions import HistoryError
from segment.ledger.check_report import CheckReport


def require_month(report: CheckReport, as_of: dt.date) -> None:
    """Refuse a date that the ledger does not reach: a month without balances would look like customers leaving."""
    last = report.table("balances").last_on
    if last is None or last < as_of.replace(day=1):
        reached = "none" if last is None else f"{last:%Y-%m}"
        held = f"--as-of {month_end(last)} is the newest that it holds; " if last else ""
        raise HistoryError.with_hint(
            f"The ledger must hold balances of {as_of:%Y-%m}. Its last month up to {as_of} is {reached}.",
            f"{held}a month that is due waits for its export",
        )
    booked = report.table("transactions").last_on
    if booked is None or booked < as_of.replace(day=1):
        reached = "none" if booked is None else booked.isoformat()
        raise HistoryError.with_hint(
            f"The ledger must hold bookings of {as_of:%Y-%m}, as it holds balances. The last one up to {as_of} is "
            f"{reached}.",
            "check whether the export of `transactions` was cut short, or give an earlier --as-of",
        )
