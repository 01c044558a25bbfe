"""Signals of the main bank, over the last six months.

What one customer's months can say is said here; what needs the whole bank (income that is usual here, whether
salaries and sessions are recorded at all) is completed by `bank_level`.

References
----------
DOMAIN.md 2.2. A ratio whose denominator is below the policy's monthly floor is missing, not zero; so is every signal
of a customer observed in fewer than three of the six months.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segment.features.recipes import History, ratio
from segment.features.windows import Floats

MONTHS = 6
LEAST_MONTHS = 3
SALARY_VARIATION = 0.25
LOAN_VARIATION = 0.02
BILL_TYPES = 4.0
LOGINS_A_MONTH = 8.0
WEEKS = 26.0


@dataclass(frozen=True)
class Signal:
    """One signal of one floor.

    Attributes
    ----------
    name : str
        As the policy's weights name it.
    floor : float
        Smallest denominator a month.
    """

    name: str
    floor: float

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        enough = history.observed("contribution", MONTHS) >= LEAST_MONTHS
        value = SIGNALS[self.name](history, self.floor)
        # sums of cents leave ratios a hair outside
        return np.where(enough, np.clip(value, -1.0 if self.name.endswith("trend") else 0.0, 1.0), np.nan)


def here(history: History) -> Floats:
    """Months observed of the last six.

    Parameters
    ----------
    history : History

    Returns
    -------
    array of shape (customers,)
    """
    return history.observed("contribution", MONTHS)


def per_month(history: History, measure: str) -> Floats:
    """Mean of a measure over the months observed of the last six.

    Parameters
    ----------
    history : History
    measure : str

    Returns
    -------
    array of shape (customers,)
    """
    return ratio(history.sum(measure, MONTHS), here(history))


def variation(values: Floats) -> Floats:
    """Standard deviation over mean of each row, without missing values; missing where fewer than two remain.

    Parameters
    ----------
    values : array of shape (customers, months)
        Positive or NaN.

    Returns
    -------
    array of shape (customers,)

    Examples
    --------
    >>> import numpy as np
    >>> variation(np.array([[90.0, 110.0, np.nan], [5.0, np.nan, np.nan]]))
    array([0.1, nan])
    """
    count = np.sum(~np.isnan(values), axis=1)
    filled = np.where(count > 1, count, 1)
    mean = np.nansum(values, axis=1) / filled
    deviation = np.sqrt(np.nansum((values - mean[:, None]) ** 2, axis=1) / filled)
    return np.where(count > 1, deviation / np.where(mean > 0.0, mean, 1.0), np.nan)


def regular_income(history: History, floor: float) -> tuple[Floats, Floats]:
    """Find a salary that carries no code: one transfer a month of about the same size.

    Parameters
    ----------
    history : History
    floor : float
        Smallest transfer that may be one.

    Returns
    -------
    tuple of array
        Months of the last six with it, and its mean. Zero and NaN where there is none.

    Notes
    -----
    The contract names no payer, so the month's largest transfer from within this bank (or an unknown one) and from
    other banks are the two sources looked at. One is a salary if it comes in three of six months or more and varies
    by at most a quarter once the top month, which may hold a thirteenth salary, is dropped.
    """
    months, amount = np.zeros(len(history.totals)), np.full(len(history.totals), np.nan)
    for source in ("largest_transfer_here", "largest_transfer_elsewhere"):
        values = history.months(source, MONTHS)
        values = np.where(np.nan_to_num(values) >= floor, values, np.nan)
        count = np.sum(~np.isnan(values), axis=1)
        ascending = np.sort(values, axis=1)  # NaN last
        column = np.arange(values.shape[1])
        without_top = np.where(column < count[:, None] - 1, ascending, np.nan)
        steady = (count >= LEAST_MONTHS) & (np.nan_to_num(variation(without_top), nan=1.0) <= SALARY_VARIATION)
        better = steady & (count > months)
        months = np.where(better, count, months)
        amount = np.where(better, np.nansum(without_top, axis=1) / np.maximum(count - 1, 1), amount)
    return months, amount


def _retained(history: History, floor: float) -> Floats:
    base = history.months("retention_base", MONTHS)
    kept = ratio(history.months("retained_10d", MONTHS), base, floor)
    known = ~np.isnan(kept)
    ascending = np.sort(kept, axis=1)  # NaN last, so the median's places follow from the count
    count = known.sum(axis=1)
    row = np.arange(len(kept))
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, max(kept.shape[1] - 1, 0))
    return np.where(count > 0, (ascending[row, low] + ascending[row, high]) / 2.0, np.nan)


def _repayments_elsewhere(history: History) -> tuple[Floats, NDArray[np.bool_]]:
    """Months with a loan payment to another bank, and whether its size is a loan's: nearly always the same."""
    paid = history.months("other_bank_loan_payments", MONTHS)
    paid = np.where(np.nan_to_num(paid) > 0.0, paid, np.nan)
    months = np.sum(~np.isnan(paid), axis=1).astype(np.float64)
    steady = (months >= LEAST_MONTHS) & (np.nan_to_num(variation(paid), nan=1.0) <= LOAN_VARIATION)
    return months, steady


def _other_bank_loan(history: History, floor: float) -> Floats:
    return _repayments_elsewhere(history)[1].astype(np.float64)


def _other_bank_card(history: History, floor: float) -> Floats:
    months, steady = _repayments_elsewhere(history)
    # repayments that vary from month to month are a card's, under whatever code
    varying = ratio(np.where(~steady & (months >= LEAST_MONTHS), months, 0.0), here(history))
    return np.minimum(np.fmax(per_month(history, "other_bank_card_months"), varying), 0.5) * 2.0


def _single_product(history: History, floor: float) -> Floats:
    families = history.sum("product_families", 1)
    return np.where((families == 1.0) & (history.sum("holds_everyday", 1) == 0.0), 1.0, 0.0)


def _share(part: str, whole: str) -> Callable[[History, float], Floats]:
    def signal(history: History, floor: float) -> Floats:
        return ratio(history.sum(part, MONTHS), history.sum(whole, MONTHS), floor * here(history))

    return signal


def _drain(history: History, floor: float) -> Floats:
    return ratio(history.sum("drained_principal", MONTHS), history.sum("matured_principal", MONTHS), floor)


def _just_in_time(history: History, floor: float) -> Floats:
    return ratio(history.sum("jit_instalments", MONTHS), history.sum("loan_instalments", MONTHS))


def _salary_trend(history: History, floor: float) -> Floats:
    recent = history.mean("salary_months", 3)
    return recent - history.mean("salary_months", 3, 3)


SIGNALS: dict[str, Callable[[History, float], Floats]] = {
    "salary_months": lambda history, floor: per_month(history, "salary_months"),
    "inflow_share": lambda history, floor: np.full(len(history.totals), np.nan),
    "bills": lambda history, floor: per_month(history, "bill_types") / BILL_TYPES,
    "spend_weeks": lambda history, floor: per_month(history, "spend_weeks") * MONTHS / WEEKS,
    "retained_after_10_days": _retained,
    "logins": lambda history, floor: np.full(len(history.totals), np.nan),
    "benefits": lambda history, floor: (history.sum("benefit_months", MONTHS) > 0.0).astype(np.float64),
    "own_in_share": _share("own_in_other_bank", "external_inflow"),
    "sweep_share": _share("swept_inflow", "large_inflow"),
    "just_in_time_loan": _just_in_time,
    "other_bank_card": _other_bank_card,
    "other_bank_loan": _other_bank_loan,
    "drain": _drain,
    "single_product": _single_product,
    "salary_months_trend": _salary_trend,
}
"""What makes each signal. Those that are all missing here are made by `bank_level`."""


@dataclass(frozen=True)
class InferredMonths:
    """Months of the last six with a salary that carries no code."""

    floor: float

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        return np.where(here(history) > 0.0, regular_income(history, self.floor)[0], np.nan)


@dataclass(frozen=True)
class InferredIncome:
    """Mean of the months' salary that carries no code."""

    floor: float

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        return regular_income(history, self.floor)[1]
