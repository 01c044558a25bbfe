"""Signals of the main bank, over the last six months."""

# What one customer's months can say is said here; what needs the whole bank (income that is usual here, whether
# salaries and sessions are recorded at all) is completed by `bank_level`.
# Source: DOMAIN.md 2.2. A ratio whose denominator is below the policy's monthly floor is missing, not zero; so is every
# signal of a customer observed in fewer of the six months than the policy's `regular_from_months`.

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from segment.features.recipes import History, ratio
from segment.features.windows import Floats
from segment.policy.ledger_signals import LedgerSignals

MONTHS = 6
TREND = 3
YEAR = 12
WEEKS = 26.0


@dataclass(frozen=True)
class Span:
    """Some months of a history: those that a signal, or one side of its trend, looks at."""

    history: History
    rules: LedgerSignals
    floor: float  # smallest denominator a month
    months: int = MONTHS
    before: int = 0  # months between its end and `as_of`

    def observed(self) -> Floats:
        """Months on record."""
        return self.history.observed("contribution", self.months, self.before)

    def sum(self, measure: str) -> Floats:
        """Sum of a measure."""
        return self.history.sum(measure, self.months, self.before)

    def last(self, measure: str) -> Floats:
        """Value of the last month."""
        return self.history.sum(measure, 1, self.before)

    def per_month(self, measure: str) -> Floats:
        """Mean of a measure over the months on record."""
        return ratio(self.sum(measure), self.observed())

    def values(self, measure: str) -> Floats:
        """Values by month, oldest first."""
        values = self.history.months(measure, self.months + self.before)
        return values[:, : max(values.shape[1] - self.before, 0)]

    def share(self, part: str, whole: str) -> Floats:
        """One sum over another, where that reaches the floor a month."""
        return ratio(self.sum(part), self.sum(whole), self.floor * self.observed())


@dataclass(frozen=True)
class Signal:
    """One signal of one floor."""

    name: str  # as the policy's weights name it
    rules: LedgerSignals
    floor: float  # smallest denominator a month

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        span = Span(history, self.rules, self.floor)
        return _where_known(span, SIGNALS[self.name](span), 0.0)


@dataclass(frozen=True)
class SignalTrend:
    """A signal over the last three months less the same over the three before."""

    name: str
    rules: LedgerSignals
    floor: float

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        spans = (Span(history, self.rules, self.floor, TREND, back) for back in (0, TREND))
        # sides are held to the signal's range before they are compared
        now, before = (np.clip(SIGNALS[self.name](span), 0.0, 1.0) for span in spans)
        return _where_known(Span(history, self.rules, self.floor), now - before, -1.0)


def _where_known(span: Span, value: Floats, least: float) -> Floats:
    # sums of cents leave ratios a hair outside
    return np.where(span.observed() >= span.rules.regular_from_months, np.clip(value, least, 1.0), np.nan)


def variation(values: Floats) -> Floats:
    """Standard deviation over mean of each row, without missing values; missing where fewer than two remain."""
    # `values` (customers, months): Positive or NaN.
    # Returns array of shape (customers,).
    count = np.sum(~np.isnan(values), axis=1)
    filled = np.where(count > 1, count, 1)
    mean = np.nansum(values, axis=1) / filled
    deviation = np.sqrt(np.nansum((values - mean[:, None]) ** 2, axis=1) / filled)
    return np.where(count > 1, deviation / np.where(mean > 0.0, mean, 1.0), np.nan)


def regular_income(history: History, rules: LedgerSignals, floor: float) -> tuple[Floats, Floats]:
    """Find a salary that carries no code: one transfer a month of about the same size."""
    # Returns tuple of array: Months of the last six with it, and its mean. Zero and NaN where there is none.
    # The contract names no payer, so the month's largest transfer from within this bank (or an unknown one) and from
    # other banks are the two sources looked at. One is a salary if it comes regularly and varies little once the top
    # month, which may hold a thirteenth salary, is dropped.
    months, amount = np.zeros(len(history.totals)), np.full(len(history.totals), np.nan)
    for source in ("largest_transfer_here", "largest_transfer_elsewhere"):
        values = history.months(source, MONTHS)
        values = np.where(np.nan_to_num(values) >= floor, values, np.nan)
        count = np.sum(~np.isnan(values), axis=1)
        ascending = np.sort(values, axis=1)  # NaN last
        column = np.arange(values.shape[1])
        without_top = np.where(column < count[:, None] - 1, ascending, np.nan)
        even = np.nan_to_num(variation(without_top), nan=1.0) <= rules.salary_variation
        steady = (count >= rules.regular_from_months) & even
        better = steady & (count > months)
        months = np.where(better, count, months)
        amount = np.where(better, np.nansum(without_top, axis=1) / np.maximum(count - 1, 1), amount)
    return months, amount


def _retained(span: Span) -> Floats:
    retained = ratio(span.values("retained_10d"), span.values("retention_base"), span.floor)
    ascending = np.sort(retained, axis=1)  # NaN last, so the median's places follow from the count
    count = (~np.isnan(retained)).sum(axis=1)
    if not retained.shape[1]:
        return np.full(len(retained), np.nan)
    row = np.arange(len(retained))
    low, high = np.maximum(count - 1, 0) // 2, np.minimum(count // 2, retained.shape[1] - 1)
    return np.where(count > 0, (ascending[row, low] + ascending[row, high]) / 2.0, np.nan)


def _other_bank_loan(span: Span) -> Floats:
    return _steady(span.values("other_bank_loan_payments"), span.rules)[1].astype(np.float64)


def _steady(paid: Floats, rules: LedgerSignals) -> tuple[Floats, NDArray[np.bool_]]:
    """Months with a loan payment to another bank, and whether its size is a loan's: nearly always the same."""
    paid = np.where(np.nan_to_num(paid) > 0.0, paid, np.nan)
    months = np.sum(~np.isnan(paid), axis=1)
    even = np.nan_to_num(variation(paid), nan=1.0) <= rules.loan_variation
    return paid, (months >= rules.regular_from_months) & even


def _other_bank_card(span: Span) -> Floats:
    """Months with a card's bill of another bank: monthly, of some size, and never the same twice."""
    rules = span.rules
    # whether it is a card's shows over the whole window, whatever part is counted
    whole = Span(span.history, rules, span.floor)
    debits = np.nan_to_num(whole.values("other_bank_card_payments"))
    billed = _varying(np.where(debits >= span.floor, debits, np.nan), rules)
    paid, steady = _steady(whole.values("other_bank_loan_payments"), rules)
    # repayments that vary from month to month are a card's, under whatever code
    repaid = _varying(np.where(steady[:, None], np.nan, paid), rules)
    months = np.maximum(billed, repaid)[:, max(billed.shape[1] - span.months - span.before, 0) :]
    counted = months[:, : max(months.shape[1] - span.before, 0)].sum(axis=1)
    return np.minimum(ratio(counted, span.observed()), 0.5) * 2.0


def _varying(paid: Floats, rules: LedgerSignals) -> Floats:
    """1 for each month with a payment of those who pay regularly, and not the same each time."""
    months = ~np.isnan(paid)
    uneven = np.nan_to_num(variation(paid)) > rules.card_variation
    card = (months.sum(axis=1) >= rules.regular_from_months) & uneven
    return np.where(card[:, None], months, False).astype(np.float64)


def _single_product(span: Span) -> Floats:
    alone = (span.last("product_families") == 1.0) & (span.last("holds_everyday") == 0.0)
    return np.where(np.isnan(span.last("product_families")), np.nan, alone)


def _by_the_bank(span: Span) -> Floats:
    return np.full(len(span.history.totals), np.nan)


def _benefits(span: Span) -> Floats:
    return np.where(span.observed() > 0.0, span.sum("benefit_months") > 0.0, np.nan)


def _own_in_of_a_year(span: Span) -> Floats:
    year = replace(span, months=YEAR)
    # seldom fed and hardly used: a month's floor is enough in a year to show that there is a bank elsewhere
    return ratio(year.sum("own_in_other_bank"), year.sum("external_inflow"), span.floor)


SIGNALS: dict[str, Callable[[Span], Floats]] = {
    "salary_months": lambda span: span.per_month("salary_months"),
    "inflow_share": _by_the_bank,
    "bills": lambda span: span.per_month("bill_types") / span.rules.bill_kinds,
    "spend_weeks": lambda span: span.per_month("spend_weeks") * MONTHS / WEEKS,
    "retained_after_10_days": _retained,
    "logins": _by_the_bank,
    "benefits": _benefits,
    "own_in_share": lambda span: span.share("own_in_other_bank", "external_inflow"),
    "sweep_share": lambda span: span.share("swept_inflow", "large_inflow"),
    "just_in_time_loan": lambda span: ratio(span.sum("jit_instalments"), span.sum("loan_instalments")),
    "other_bank_card": _other_bank_card,
    "other_bank_loan": _other_bank_loan,
    "drain": lambda span: ratio(span.sum("drained_principal"), span.sum("matured_principal"), span.floor),
    "single_product": _single_product,
    "spend_gap": _by_the_bank,
    "securities_out": lambda span: span.share("securities_out", "external_outflow"),
    "wallet_months": _by_the_bank,
    "own_in_share_12m": _own_in_of_a_year,
    "round_out": lambda span: replace(span, floor=span.floor / MONTHS).share("round_own_out", "own_out_other_bank"),
}
"""What makes each signal. Those made by `_by_the_bank` are missing here, and completed in `bank_level`."""

WITH_TREND = tuple(name for name in SIGNALS if name != "own_in_share_12m")
"""Signals that are also compared with themselves three months before."""


@dataclass(frozen=True)
class InferredMonths:
    """Months of the last six with a salary that carries no code."""

    rules: LedgerSignals
    floor: float

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        observed = Span(history, self.rules, self.floor).observed()
        return np.where(observed > 0.0, regular_income(history, self.rules, self.floor)[0], np.nan)


@dataclass(frozen=True)
class InferredIncome:
    """Mean of the months' salary that carries no code."""

    rules: LedgerSignals
    floor: float

    def __call__(self, history: History) -> Floats:
        """Figures of the bucket's customers."""
        return regular_income(history, self.rules, self.floor)[1]
