"""Signals that need the whole bank: what income is usual here, and whether salaries and sessions are recorded."""

# Works on the complete snapshot of a date, so it knows what the snapshot knows and nothing else.

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from segment.features.signals import MONTHS, TREND
from segment.policy import Policy
from segment.policy.ledger_signals import LedgerSignals
from segment.statistics import pooled_median

_SESSIONS, _SESSIONS_BY_COUNT = ("visits_mobile", "visits_online"), ("count_mobile", "count_online")
_RECORDED = (_SESSIONS, _SESSIONS_BY_COUNT, ("spend",), ("wallet_months",))
SUMMED = ("flow_salary", *(name for columns in _RECORDED for name in columns))
"""Measures whose sums over the bank and six months tell what it records."""

ASKED_OF_THE_BANK = (
    *(f"{name}_6m" for name in SUMMED),
    "months_observed",
    "salary_months_6m",
    "salary_income_6m",
    "inferred_salary_months_6m",
    "inferred_salary_6m",
    "signal_salary_months",
    "signal_salary_months_trend",
)
"""Columns that `bank_facts` reads."""


@dataclass(frozen=True)
class BankFacts:
    """What a date's signals ask of the whole bank."""

    salaries_coded: bool
    recorded: frozenset[tuple[str, ...]]  # groups of columns of which the bank records any
    income: float  # a month, that a customer is expected to have somewhere


def recorded_of(totals: Mapping[str, float]) -> tuple[bool, frozenset[tuple[str, ...]]]:
    """Say whether the bank codes salaries and what it records, by the sums over six months of `SUMMED`."""
    recorded = (columns for columns in _RECORDED if sum(totals[name] for name in columns) > 0.0)
    return totals["flow_salary"] > 0.0, frozenset(recorded)


def bank_facts(snapshot: pl.DataFrame, policy: Policy) -> BankFacts:
    """Look at the whole bank."""
    coded, recorded = recorded_of({name: float(snapshot[f"{name}_6m"].sum() or 0.0) for name in SUMMED})
    return BankFacts(coded, recorded, expected_income(with_salaries(snapshot, coded), policy))


def with_bank_signals(snapshot: pl.DataFrame, policy: Policy, facts: BankFacts | None = None) -> pl.DataFrame:
    """Complete the signals `salary_months`, `inflow_share`, `logins`, `spend_gap` and `wallet_months`, with trends."""
    # - Salaries are inferred from regular transfers only where the bank recorded no `salary` in six months: where they
    # are coded, a regular transfer is a rent or a relative's. - Expected income is the median monthly salary of
    # customers with salaries in most months, drawn to the policy's figure where they are few. - Sessions are
    # service events in the mobile or online channel; where the bank records none, transactions in these channels stand
    # for them; where there are none either, nothing is known. - Nothing is known of spending where the bank records no
    # card payment at all, and nothing of payments by phone or online where it records none of these.
    # `facts`: Of the whole bank, where these are some of its customers.
    known = facts or bank_facts(snapshot, policy)
    salaried = with_salaries(snapshot, known.salaries_coded)
    signals = _bank_signals(known, policy.main_bank.signals)
    observed_enough = pl.col("signal_salary_months").is_not_null()
    observed = pl.col("months_observed")
    whole, half = pl.min_horizontal(observed, MONTHS), pl.min_horizontal(observed, TREND)
    earlier = pl.min_horizontal(observed - TREND, TREND)
    completed = salaried.with_columns(
        pl.when(observed_enough).then(_value(signal, "6m", whole)).alias(f"signal_{name}")
        for name, signal in signals.items()
    ).with_columns(
        pl.when(observed_enough & (earlier > 0))
        .then(_value(signal, "3m", half) - _value(signal, "before", earlier))
        .alias(f"signal_{name}_trend")
        for name, signal in signals.items()
    )
    return completed.select(snapshot.columns)


@dataclass(frozen=True)
class _BankSignal:
    """A signal that is some columns' sum a month over a yardstick, or one less it."""

    columns: tuple[str, ...]
    less: tuple[str, ...] = ()
    yardstick: float = 1.0
    gap: bool = False


def _value(signal: _BankSignal, window: str, months: pl.Expr) -> pl.Expr:
    if not signal.columns:
        return pl.lit(None, dtype=pl.Float64)
    total = _total(signal.columns, window) - _total(signal.less, window)
    share = (total / (months * signal.yardstick)).clip(0.0, 1.0)
    return 1.0 - share if signal.gap else share


def _total(columns: tuple[str, ...], window: str) -> pl.Expr:
    if not columns:
        return pl.lit(0.0)
    windows = ("6m", "3m") if window == "before" else (window,)
    sums = [pl.sum_horizontal(f"{name}_{months}" for name in columns) for months in windows]
    return sums[0] - sums[1] if window == "before" else sums[0]


def _bank_signals(facts: BankFacts, rules: LedgerSignals) -> dict[str, _BankSignal]:
    def recorded(columns: tuple[str, ...]) -> tuple[str, ...]:
        return columns if columns in facts.recorded else ()

    return {
        "inflow_share": _BankSignal(("external_inflow",), ("own_in_other_bank",), facts.income),
        "logins": _BankSignal(recorded(_SESSIONS) or recorded(_SESSIONS_BY_COUNT), yardstick=rules.logins_month),
        "spend_gap": _BankSignal(recorded(("spend",)), yardstick=rules.spent_of_income * facts.income, gap=True),
        "wallet_months": _BankSignal(recorded(("wallet_months",))),
    }


def expected_income(snapshot: pl.DataFrame, policy: Policy) -> float:
    """Income a month that a customer is expected to have somewhere."""
    paid = salaries_paid(snapshot, policy.main_bank.signals).to_numpy()
    return pooled_median(paid, policy.main_bank.expected_income_month, policy.wallet.prior.salaries)


def salaries_paid(salaried: pl.DataFrame, rules: LedgerSignals) -> pl.Series:
    """Monthly salaries of those who have had enough of them; `salaried`: What `with_salaries` returns."""
    enough = pl.col("salary_month_count") >= rules.income_from_months
    return salaried.filter(enough)["salary_month_amount"].drop_nulls()


def with_salaries(snapshot: pl.DataFrame, coded: bool) -> pl.DataFrame:
    """Add months and size of each customer's salary; `coded`: Whether the bank codes salaries."""
    count, amount = pl.col("salary_months_6m"), pl.col("salary_income_6m")
    signal = pl.col("signal_salary_months")
    regular = pl.lit(not coded) & (pl.col("inferred_salary_months_6m").fill_null(0.0) > count.fill_null(0.0))
    months = pl.min_horizontal(pl.col("months_observed"), pl.lit(float(MONTHS)))
    inferred = (pl.col("inferred_salary_months_6m") / months).clip(0.0, 1.0)
    trend = pl.col("signal_salary_months_trend")
    return snapshot.with_columns(
        salary_month_count=pl.when(regular).then("inferred_salary_months_6m").otherwise(count),
        salary_month_amount=pl.when(regular).then("inferred_salary_6m").otherwise(amount / count),
        signal_salary_months=pl.when(regular & signal.is_not_null()).then(inferred).otherwise(signal),
        signal_salary_months_trend=pl.when(regular).then(None).otherwise(trend),
    )
