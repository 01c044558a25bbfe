"""Why a customer is in a tier, as codes with one plain sentence each, most important first."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import numpy as np
import polars as pl

from segment.policy.decisions import Tiers
from segment.tiers.columns import HIGH_VALUE, VALUABLE, require
from segment.tiers.outlook import LOWER_TIER


class Reason(StrEnum):
    """Codes of the tier's reasons. Those of the main bank's scorecard stand beside them and keep their own words."""

    EXCLUDED = "EXCLUDED"
    NEW_CUSTOMER = "NEW_CUSTOMER"
    PROVISIONAL = "PROVISIONAL"
    MAIN_BANK_ELSEWHERE = "MAIN_BANK_ELSEWHERE"
    GROWTH = "GROWTH"
    LIKELY_TO_FALL = "LIKELY_TO_FALL"
    LEAST_EXPECTED_COST = "LEAST_EXPECTED_COST"
    RM_CAPACITY = "RM_CAPACITY"
    DORMANT = "DORMANT"
    INCOME_FAR_ABOVE_COST = "INCOME_FAR_ABOVE_COST"
    INCOME_COVERS_COST = "INCOME_COVERS_COST"
    INCOME_ABOUT_COST = "INCOME_ABOUT_COST"
    INCOME_BELOW_COST = "INCOME_BELOW_COST"
    BALANCE_INCOME_HIGH = "BALANCE_INCOME_HIGH"
    FEES_HIGH = "FEES_HIGH"
    CARD_USE_HIGH = "CARD_USE_HIGH"
    ASSETS_MANAGED_HERE = "ASSETS_MANAGED_HERE"
    SALES_COMMISSIONS = "SALES_COMMISSIONS"
    COUNTER_USE_HIGH = "COUNTER_USE_HIGH"
    ADVICE_COST_HIGH = "ADVICE_COST_HIGH"
    COMPLAINTS_COSTLY = "COMPLAINTS_COSTLY"
    CREDIT_RISK_HIGH = "CREDIT_RISK_HIGH"
    CAPITAL_TIED_UP = "CAPITAL_TIED_UP"
    ACCOUNTS_COSTLY = "ACCOUNTS_COSTLY"
    OVERHEAD_HIGH = "OVERHEAD_HIGH"
    BALANCES_COST_MORE_THAN_THEY_EARN = "BALANCES_COST_MORE_THAN_THEY_EARN"
    OWN_FIGURES_OVER_CLUSTER = "OWN_FIGURES_OVER_CLUSTER"
    SET_BY_A_PERSON = "SET_BY_A_PERSON"
    RISE_NOT_CONFIRMED = "RISE_NOT_CONFIRMED"
    FALL_NOT_CONFIRMED = "FALL_NOT_CONFIRMED"


SENTENCES: Final[Mapping[str, str]] = {
    Reason.EXCLUDED: "Is left out of the tiers by the policy",
    Reason.NEW_CUSTOMER: "Is too new for a tier of their own",
    Reason.PROVISIONAL: "Has been here for less than a year, so the tier is provisional",
    Reason.MAIN_BANK_ELSEWHERE: "About covers their cost here and banks mainly elsewhere",
    Reason.GROWTH: "Will very probably cover their cost well in the next twelve months",
    Reason.LIKELY_TO_FALL: "Likely to fall to a lower tier within a year",
    Reason.LEAST_EXPECTED_COST: "This tier is the least costly to be wrong about, given what the next year may bring",
    Reason.RM_CAPACITY: "Would be high-value, but the branch's managers have no place left",
    Reason.DORMANT: "Has not used the bank for a year or longer",
    Reason.INCOME_FAR_ABOVE_COST: "Brings several times what an average customer of the branch brings",
    Reason.INCOME_COVERS_COST: "Income covers its cost well",
    Reason.INCOME_ABOUT_COST: "Income about covers its cost",
    Reason.INCOME_BELOW_COST: "Income does not cover its cost",
    Reason.BALANCE_INCOME_HIGH: "Deposits and loans earn a good margin",
    Reason.FEES_HIGH: "Pays fees for services",
    Reason.CARD_USE_HIGH: "Pays by card often",
    Reason.ASSETS_MANAGED_HERE: "Has assets managed here",
    Reason.SALES_COMMISSIONS: "Bought insurance or investments in the last year",
    Reason.COUNTER_USE_HIGH: "Transactions cost much, as those at the counter or by phone do",
    Reason.ADVICE_COST_HIGH: "Visits, calls and advice cost much",
    Reason.COMPLAINTS_COSTLY: "Complaints took much work",
    Reason.CREDIT_RISK_HIGH: "Loans carry a high expected loss",
    Reason.CAPITAL_TIED_UP: "Loans tie up much capital",
    Reason.ACCOUNTS_COSTLY: "Open accounts cost more than the average customer's",
    Reason.OVERHEAD_HIGH: "Uses much of the branch's and head office's time",
    Reason.BALANCES_COST_MORE_THAN_THEY_EARN: "Balances earn less than they cost the bank",
    Reason.OWN_FIGURES_OVER_CLUSTER: "Own figures, not those of similar customers, decided the tier",
    Reason.SET_BY_A_PERSON: "A named person set the tier until a date",
    Reason.RISE_NOT_CONFIRMED: "Figures point to a higher tier, which another refresh must confirm",
    Reason.FALL_NOT_CONFIRMED: "Figures point to a lower tier, which further refreshes must confirm",
}
"""What each code says, in plain words without a full stop."""

INCOME_REASONS: Final[Mapping[str, str]] = {
    "net_interest": Reason.BALANCE_INCOME_HIGH,
    "fee_income": Reason.FEES_HIGH,
    "interchange_income": Reason.CARD_USE_HIGH,
    "trail_fee_income": Reason.ASSETS_MANAGED_HERE,
    "commission_income": Reason.SALES_COMMISSIONS,
}
COST_REASONS: Final[Mapping[str, str]] = {
    "transaction_cost": Reason.COUNTER_USE_HIGH,
    "service_event_cost": Reason.ADVICE_COST_HIGH,
    "complaint_cost": Reason.COMPLAINTS_COSTLY,
    "expected_loss": Reason.CREDIT_RISK_HIGH,
    "capital_cost": Reason.CAPITAL_TIED_UP,
    "account_cost": Reason.ACCOUNTS_COSTLY,
    "overhead_cost": Reason.OVERHEAD_HIGH,
}

OVERRIDE, AWAITS_RISE, AWAITS_FALL = "override", "awaits_rise", "awaits_fall"
"""Notes of a tier that a person set, or that a change has not yet lasted long enough to move."""

_READ = ("tier", "tier_source", "tier_note", "standing", "main_bank_elsewhere", "cost_coverage", "mean_cost")
_NOTABLE_OF_MEAN_COST = 0.25


def reasons(frame: pl.DataFrame, tiers: Tiers) -> pl.Series:
    """Give each customer's reasons: at least one.

    First what overrides the figures (left out, new, provisional, main bank elsewhere with the scorecard's own codes,
    growth, a high-value or valuable customer's early warning, least expected cost, capacity, dormant), then how income
    compares with cost, then the lines of the accounting that stand out: at least a quarter of the mean cost, the two
    largest on the side that explains the tier and the largest on the other; last, that the guard decided.

    Parameters
    ----------
    frame : polars.DataFrame
        What `assign_tiers` returns, with `<line>_12m` for the lines of the accounting that are known, and
        `main_bank_reasons` (lists of codes) where the scorecard was asked and `chance_of_lower_tier` where odds are
        known.
    tiers : segment.policy.decisions.Tiers
        The policy's borders.

    Returns
    -------
    polars.Series
        Lists of codes.

    Raises
    ------
    ModelError
        If a column is missing.

    Examples
    --------
    >>> from segment.policy import load_policy
    >>> people = pl.DataFrame({
    ...     "tier": ["loss_making"], "tier_source": ["guard"], "tier_note": [None], "standing": ["active"],
    ...     "main_bank_elsewhere": [False], "cost_coverage": [0.3], "mean_cost": [400.0],
    ...     "transaction_cost_12m": [900.0], "net_interest_12m": [50.0]})
    >>> reasons(people, load_policy("models/retail.toml").tiers).to_list()
    [['INCOME_BELOW_COST', 'COUNTER_USE_HIGH', 'OWN_FIGURES_OVER_CLUSTER']]
    """
    require(frame, _READ, "A reason")
    brings = pl.col("tier").is_in([HIGH_VALUE, VALUABLE])
    incomes, costs = _largest(frame, INCOME_REASONS), _largest(frame, COST_REASONS)
    frame = frame.with_columns(
        income_1=incomes[0], income_2=incomes[1], cost_1=costs[0], cost_2=costs[1], bleeding=_negative_margin(frame)
    )
    lines = [
        pl.when(brings).then("income_1").otherwise("cost_1"),
        pl.when(brings).then("income_2").otherwise("cost_2"),
        pl.col("bleeding"),
        pl.when(brings).then("cost_1").otherwise("income_1"),
    ]
    guarded = (pl.col("tier_source") == "guard") & (pl.col("standing") != "excluded") & pl.col("tier_note").is_null()
    ends = [_said(guarded, Reason.OWN_FIGURES_OVER_CLUSTER)]
    said = pl.concat_list([*_overrides(frame, tiers), _coverage(tiers), *lines, *ends])
    return frame.select(reasons=said.list.drop_nulls().list.unique(maintain_order=True)).to_series()


def reasons_again(frame: pl.DataFrame, tiers: Tiers) -> pl.Series:
    """Give the reasons of a tier that was changed after `reasons` explained the one before.

    What follows from the tier is said anew; the lines of the accounting that stood out stay, those on the side that
    explains the tier first.

    Parameters
    ----------
    frame : polars.DataFrame
        What is published, with the new `tier`, its source and note, and the `reasons` of the tier before.
    tiers : segment.policy.decisions.Tiers
        The policy's borders.

    Returns
    -------
    polars.Series
        Lists of codes.

    Raises
    ------
    ModelError
        If a column is missing.

    Examples
    --------
    >>> from segment.policy import load_policy
    >>> held = pl.DataFrame({
    ...     "tier": ["valuable"], "tier_source": ["hysteresis"], "tier_note": ["awaits_fall"], "standing": ["active"],
    ...     "main_bank_elsewhere": [False], "cost_coverage": [1.1], "mean_cost": [400.0],
    ...     "reasons": [["INCOME_ABOUT_COST", "COUNTER_USE_HIGH", "FEES_HIGH"]]})
    >>> reasons_again(held, load_policy("models/retail.toml").tiers).to_list()
    [['FALL_NOT_CONFIRMED', 'INCOME_ABOUT_COST', 'FEES_HIGH', 'COUNTER_USE_HIGH']]
    """
    require(frame, (*_READ, "reasons"), "A reason")
    brings = pl.col("tier").is_in([HIGH_VALUE, VALUABLE])
    income = _among([str(code) for code in INCOME_REASONS.values()])
    cost = _among([*map(str, COST_REASONS.values()), str(Reason.BALANCES_COST_MORE_THAN_THEY_EARN)])
    lines = pl.when(brings).then(pl.concat_list(income, cost)).otherwise(pl.concat_list(cost, income))
    said = pl.concat_list([*_overrides(frame, tiers), _coverage(tiers), lines])
    return frame.select(reasons=said.list.drop_nulls().list.unique(maintain_order=True)).to_series()


def _among(codes: list[str]) -> pl.Expr:
    """Those of a customer's reasons that are among some codes, in their order."""
    return pl.col("reasons").list.eval(pl.element().filter(pl.element().is_in(codes)))


def _said(where: pl.Expr, code: str) -> pl.Expr:
    """A code where a condition holds."""
    return pl.when(where).then(pl.lit(str(code)))


def _overrides(frame: pl.DataFrame, tiers: Tiers) -> list[pl.Expr]:
    """What matters more than the figures."""
    standing, note, flagged = pl.col("standing"), pl.col("tier_note"), pl.col("main_bank_elsewhere")
    first = [
        _said(standing == "excluded", Reason.EXCLUDED),
        _said(standing == "new", Reason.NEW_CUSTOMER),
        _said(flagged, Reason.MAIN_BANK_ELSEWHERE),
    ]
    if "main_bank_reasons" in frame.columns:
        nothing = pl.lit([], dtype=pl.List(pl.String))
        first.append(
            pl.when(flagged & pl.col("main_bank_reasons").is_not_null()).then("main_bank_reasons").otherwise(nothing)
        )
    warned = pl.lit(False)
    if LOWER_TIER in frame.columns:
        warned = pl.col("tier").is_in([HIGH_VALUE, VALUABLE]) & (pl.col(LOWER_TIER) >= tiers.early_warning_from)
    return [
        *first,
        _said(note == OVERRIDE, Reason.SET_BY_A_PERSON),
        _said(note == AWAITS_RISE, Reason.RISE_NOT_CONFIRMED),
        _said(note == AWAITS_FALL, Reason.FALL_NOT_CONFIRMED),
        _said(note == "growth", Reason.GROWTH),
        _said(warned, Reason.LIKELY_TO_FALL),
        _said(note == "expected_cost", Reason.LEAST_EXPECTED_COST),
        _said(note == "rm_capacity", Reason.RM_CAPACITY),
        _said(standing == "dormant", Reason.DORMANT),
        _said(standing == "provisional", Reason.PROVISIONAL),
    ]


def _coverage(tiers: Tiers) -> pl.Expr:
    """How the income of twelve months compares with its cost; without a cost, income covers it."""
    coverage = pl.col("cost_coverage").fill_null(float("inf"))
    return (
        pl.when(pl.col("tier") == HIGH_VALUE)
        .then(pl.lit(str(Reason.INCOME_FAR_ABOVE_COST)))
        .when(coverage < tiers.coverage_low)
        .then(pl.lit(str(Reason.INCOME_BELOW_COST)))
        .when(coverage <= tiers.coverage_high)
        .then(pl.lit(str(Reason.INCOME_ABOUT_COST)))
        .otherwise(pl.lit(str(Reason.INCOME_COVERS_COST)))
    )


def _largest(frame: pl.DataFrame, codes: Mapping[str, str]) -> tuple[pl.Series, pl.Series]:
    """Codes of each customer's two largest lines of a side, null where they do not stand out."""
    known = {f"{line}_12m": str(code) for line, code in codes.items() if f"{line}_12m" in frame.columns}
    nothing = pl.Series([None] * frame.height, dtype=pl.String)
    if not known:
        return nothing, nothing
    amounts = frame.select(pl.col(list(known)).cast(pl.Float64).fill_null(0.0)).to_numpy()
    order = np.argsort(-amounts, axis=1, kind="stable")[:, :2]
    notable = np.take_along_axis(amounts, order, axis=1) >= np.maximum(
        _NOTABLE_OF_MEAN_COST * frame["mean_cost"].to_numpy(), np.finfo(float).tiny
    ).reshape(-1, 1)
    names = np.array(list(known.values()), dtype=object)[order]
    names[~notable] = None
    columns = [pl.Series(names[:, place].tolist(), dtype=pl.String) for place in range(names.shape[1])]
    return columns[0], columns[1] if len(columns) > 1 else nothing


def _negative_margin(frame: pl.DataFrame) -> pl.Series:
    """The code of balances that cost more than they earn, where that stands out."""
    if "net_interest_12m" not in frame.columns:
        return pl.Series([None] * frame.height, dtype=pl.String)
    loss = pl.col("net_interest_12m") <= -_NOTABLE_OF_MEAN_COST * pl.col("mean_cost")
    told = _said(loss & (pl.col("net_interest_12m") < 0), Reason.BALANCES_COST_MORE_THAN_THEY_EARN)
    return frame.select(told).to_series()
