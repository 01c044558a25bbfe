"""Funds transfer pricing: what a balance costs or earns inside the bank."""

# Source: DOMAIN.md 1.1: matched maturity on one curve, fixed at origination for the repricing life; the core of
# deposits without a maturity earns a moving average.

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Sequence

import narwhals as nw
import numpy as np

from segment.dates import last_months, month_end
from segment.exceptions import PolicyError
from segment.policy.rates import Curve, DayCount, DebtSide, DepositSide, Ftp


def year_fraction(day_count: DayCount, month: dt.date) -> float:
    """Fraction of a year that a month is."""
    if day_count == "30/360":
        return 1.0 / 12.0
    return month_end(month).day / (360.0 if day_count == "act/360" else 365.0)


def curve_rate(curve: Curve, tenor_months: float) -> float:
    """Annual rate of a curve at a tenor: linear between tenors, flat outside."""
    return float(np.interp(tenor_months, curve.tenor_months, curve.rate_annual))


def check_month_is_priced(ftp: Ftp, month: dt.date) -> None:
    """Hold the curves to a month: one must be in effect on its first day, and not be too old."""
    if ftp.method == "pool":
        return
    earlier = [curve.effective_on for curve in ftp.curves if curve.effective_on <= month]
    if not earlier:
        first = min(curve.effective_on for curve in ftp.curves)
        raise PolicyError.of("errors.curves_begin_later", month=month, first=first)
    age = (month - max(earlier)).days
    if age > ftp.max_curve_age_days:
        raise PolicyError.of("errors.curve_too_old", month=month, age=age, allowed=ftp.max_curve_age_days)


def transfer_rate(ftp: Ftp, side: DepositSide | DebtSide, month: dt.date) -> nw.Expr:
    """Annual transfer rate of one side of a product, by the account's `opened_on`."""
    if ftp.method == "pool":
        return nw.lit(ftp.pool_rate_annual)
    curves = sorted(ftp.curves, key=lambda curve: curve.effective_on)
    if side.fixed_at == "month":
        rate = nw.lit(curve_rate(_curve_on(curves, month), side.tenor_months))
    else:
        rate = _rate_at_origination(curves, side.tenor_months)
    if isinstance(side, DebtSide) or side.core_share == 0.0:
        return rate
    core = _moving_average(curves, side.core_tenor_months, month, ftp.core_average_months)
    return nw.lit(side.core_share * core) + nw.lit(1.0 - side.core_share) * rate


def _moving_average(curves: Sequence[Curve], tenor_months: float, month: dt.date, months: int) -> float:
    days = reversed(last_months(month, months))
    return sum(curve_rate(_curve_on(curves, day), tenor_months) for day in days) / months


def _curve_on(curves: Sequence[Curve], day: dt.date) -> Curve:
    position = bisect.bisect_right([curve.effective_on for curve in curves], day)
    return curves[max(position - 1, 0)]


def _rate_at_origination(curves: Sequence[Curve], tenor_months: float) -> nw.Expr:
    # A tree of dates instead of a join: the same expression runs in every engine, and daily curves stay shallow.
    steps: list[tuple[dt.date, float]] = []
    for curve in curves:
        rate = curve_rate(curve, tenor_months)
        if not steps or rate != steps[-1][1]:
            steps.append((curve.effective_on, rate))
    return _step_function(steps)


def _step_function(steps: Sequence[tuple[dt.date, float]]) -> nw.Expr:
    if len(steps) == 1:
        return nw.lit(steps[0][1])
    middle = len(steps) // 2
    later = nw.col("opened_on") >= nw.lit(steps[middle][0])
    return nw.when(later).then(_step_function(steps[middle:])).otherwise(_step_function(steps[:middle]))
