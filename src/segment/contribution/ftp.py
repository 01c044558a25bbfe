"""Funds transfer pricing: what a balance costs or earns inside the bank.

References
----------
DOMAIN.md 1.1: matched maturity on one curve, fixed at origination for the repricing life; the core of deposits without
a maturity earns a moving average.
"""

from __future__ import annotations

import bisect
import calendar
import datetime as dt
from collections.abc import Sequence

import narwhals as nw
import numpy as np

from segment.exceptions import PolicyError
from segment.policy.rates import Curve, DayCount, DebtSide, DepositSide, Ftp


def month_after(month: dt.date, months: int = 1) -> dt.date:
    """First day of a later month, or with a negative number of an earlier one.

    Parameters
    ----------
    month : datetime.date
        A day of the month to count from.
    months : int
        How many months later.

    Returns
    -------
    datetime.date

    Examples
    --------
    >>> month_after(dt.date(2025, 12, 1)), month_after(dt.date(2025, 1, 1), -1)
    (datetime.date(2026, 1, 1), datetime.date(2024, 12, 1))
    """
    count = month.year * 12 + month.month - 1 + months
    return dt.date(count // 12, count % 12 + 1, 1)


def year_fraction(day_count: DayCount, month: dt.date) -> float:
    """Fraction of a year that a month is.

    Parameters
    ----------
    day_count : {"act/360", "act/365", "30/360"}
        The product's convention.
    month : datetime.date
        A day of it.

    Returns
    -------
    float

    Examples
    --------
    >>> year_fraction("act/360", dt.date(2024, 2, 1)) == 29 / 360
    True
    >>> year_fraction("30/360", dt.date(2024, 2, 1)) == 1 / 12
    True
    """
    if day_count == "30/360":
        return 1.0 / 12.0
    days = calendar.monthrange(month.year, month.month)[1]
    return days / (360.0 if day_count == "act/360" else 365.0)


def curve_rate(curve: Curve, tenor_months: float) -> float:
    """Annual rate of a curve at a tenor: linear between tenors, flat outside.

    Parameters
    ----------
    curve : Curve
        One day's curve.
    tenor_months : float
        Not negative.

    Returns
    -------
    float

    Examples
    --------
    >>> curve = Curve(effective_on=dt.date(2025, 1, 1), tenor_months=(0, 12), rate_annual=(0.01, 0.02))
    >>> curve_rate(curve, 6), curve_rate(curve, 60)
    (0.015, 0.02)
    """
    return float(np.interp(tenor_months, curve.tenor_months, curve.rate_annual))


def check_month_is_priced(ftp: Ftp, month: dt.date) -> None:
    """Hold the curves to a month: one must be in effect on its first day, and not be too old.

    Parameters
    ----------
    ftp : Ftp
        The policy's transfer pricing.
    month : datetime.date
        First day of the month.

    Raises
    ------
    PolicyError
        Where every curve begins later, or the last one is older than `max_curve_age_days`.

    Examples
    --------
    >>> curve = Curve(effective_on=dt.date(2025, 1, 1), tenor_months=(0,), rate_annual=(0.01,))
    >>> ftp = Ftp(method="matched", pool_rate_annual=0, max_curve_age_days=10, core_average_months=1, curves=(curve,))
    >>> check_month_is_priced(ftp, dt.date(2025, 3, 1))
    Traceback (most recent call last):
    segment.exceptions.PolicyError: A curve ... must price 2025-03-01. The last one is 59 days old (10 allowed).
    Hint: add the missing curves, or raise `ftp.max_curve_age_days`
    """
    if ftp.method == "pool":
        return
    hint = "add the missing curves, or raise `ftp.max_curve_age_days`"
    earlier = [curve.effective_on for curve in ftp.curves if curve.effective_on <= month]
    if not earlier:
        first = min(curve.effective_on for curve in ftp.curves)
        raise PolicyError.with_hint(f"A curve in `ftp.curves` must price {month}. The first one begins {first}.", hint)
    age = (month - max(earlier)).days
    if age > ftp.max_curve_age_days:
        raise PolicyError.with_hint(
            f"A curve in `ftp.curves` must price {month}. "
            f"The last one is {age} days old ({ftp.max_curve_age_days} allowed).",
            hint,
        )


def transfer_rate(ftp: Ftp, side: DepositSide | DebtSide, month: dt.date) -> nw.Expr:
    """Annual transfer rate of one side of a product, by the account's `opened_on`.

    Parameters
    ----------
    ftp : Ftp
        The policy's transfer pricing.
    side : DepositSide or DebtSide
        Names the tenor, the day of the curve, and for deposits the core.
    month : datetime.date
        First day of the month.

    Returns
    -------
    narwhals.Expr
        Reads the column `opened_on` where the side is fixed at origination. An account older than the first curve is
        priced with the first curve.

    Examples
    --------
    >>> import polars as pl
    >>> curve = Curve(effective_on=dt.date(2025, 1, 1), tenor_months=(0, 48), rate_annual=(0.01, 0.02))
    >>> ftp = Ftp(method="matched", pool_rate_annual=0, max_curve_age_days=99, core_average_months=1, curves=(curve,))
    >>> demand = DepositSide(rate_annual=0, tenor_months=0, fixed_at="month", core_share=0.5, core_tenor_months=48)
    >>> account = nw.from_native(pl.LazyFrame({"opened_on": [dt.date(2025, 2, 3)]}))
    >>> account.select(rate=transfer_rate(ftp, demand, dt.date(2025, 3, 1))).collect().rows()
    [(0.015,)]
    """
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
    days = [month_after(month, -back) for back in range(months)]
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
