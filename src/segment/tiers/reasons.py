"""Why a customer is in a tier, as codes, most important first; the catalogues (`reasons.po`) have their sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

import numpy as np
import polars as pl

from segment.policy.decisions import Tiers
from segment.policy.early_warning import chance, main_bank_may_leave, may_leave
from segment.tiers.household import NOTE
from segment.tiers.in_arrears import in_arrears, in_default
from segment.tiers.odds import ODDS
from segment.tiers.outlook import LOWER_TIER
from segment.tiers.tier_columns import BREAK_EVEN, HIGH_VALUE, LOSS_MAKING, TIERS, VALUABLE, require


class Reason(StrEnum):
    """Codes of the tier's reasons. Those of the main bank's scorecard stand beside them and keep their own words."""

    EXCLUDED = "EXCLUDED"
    IN_DEFAULT = "IN_DEFAULT"
    IN_ARREARS = "IN_ARREARS"
    NEW_CUSTOMER = "NEW_CUSTOMER"
    PROVISIONAL = "PROVISIONAL"
    MAIN_BANK_ELSEWHERE = "MAIN_BANK_ELSEWHERE"
    GROWTH = "GROWTH"
    LIKELY_TO_FALL = "LIKELY_TO_FALL"
    MAIN_BANK_MAY_LEAVE = "MAIN_BANK_MAY_LEAVE"
    MAY_LEAVE = "MAY_LEAVE"
    LEAST_EXPECTED_COST = "LEAST_EXPECTED_COST"
    MOST_LIKELY_NEXT_YEAR = "MOST_LIKELY_NEXT_YEAR"
    RM_CAPACITY = "RM_CAPACITY"
    HOUSEHOLD = "HOUSEHOLD"
    DORMANT = "DORMANT"
    INCOME_FAR_ABOVE_COST = "INCOME_FAR_ABOVE_COST"
    INCOME_COVERS_COST = "INCOME_COVERS_COST"
    INCOME_ABOUT_COST = "INCOME_ABOUT_COST"
    INCOME_BELOW_COST = "INCOME_BELOW_COST"
    LITTLE_EITHER_WAY = "LITTLE_EITHER_WAY"
    YEAR_AND_FORECAST = "YEAR_AND_FORECAST"
    SIMILAR_CUSTOMERS = "SIMILAR_CUSTOMERS"
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
    "write_offs": Reason.CREDIT_RISK_HIGH,
    "capital_cost": Reason.CAPITAL_TIED_UP,
    "account_cost": Reason.ACCOUNTS_COSTLY,
    "overhead_cost": Reason.OVERHEAD_HIGH,
}

OVERRIDE, AWAITS_RISE, AWAITS_FALL = "override", "awaits_rise", "awaits_fall"
"""Notes of a tier that a person set, or that a change has not yet lasted long enough to move."""

_READ = (
    *("tier", "own_tier", "tier_source", "tier_note", "standing", "main_bank_elsewhere"),
    *("contribution_12m", "cost_coverage", "mean_cost", "border_high"),
)


def reasons(frame: pl.DataFrame, tiers: Tiers) -> pl.Series:
    """Give each customer's reasons: at least one."""
    # First what overrides the figures (left out, in default or in arrears, new, provisional, main bank elsewhere with
    # the scorecard's own codes, growth, the early warnings of a high-value or valuable customer, least expected cost,
    # where the odds decide that the tier is the likeliest, capacity, dormant), then what of the figures put the
    # customer into the tier, then the lines that stand out (the policy's `notable_of_mean_cost`), the two largest on
    # the side that explains the tier and the largest on the other; last, that the guard decided.
    require(frame, _READ, "A reason")
    brings = pl.col("tier").is_in([HIGH_VALUE, VALUABLE])
    notable = tiers.notable_of_mean_cost * frame["mean_cost"]
    incomes, costs = _largest(frame, INCOME_REASONS, notable), _largest(frame, COST_REASONS, notable)
    frame = frame.with_columns(
        income_1=incomes[0],
        income_2=incomes[1],
        cost_1=costs[0],
        cost_2=costs[1],
        bleeding=_negative_margin(frame, notable),
    )
    lines = [
        pl.when(brings).then("income_1").otherwise("cost_1"),
        pl.when(brings).then("income_2").otherwise("cost_2"),
        pl.col("bleeding"),
        pl.when(brings).then("cost_1").otherwise("income_1"),
    ]
    guarded = (pl.col("tier_source") == "guard") & (pl.col("standing") != "excluded") & pl.col("tier_note").is_null()
    ends = [_code_where(guarded, Reason.OWN_FIGURES_OVER_CLUSTER)]
    codes = pl.concat_list([*_overrides(frame, tiers), _grounds(tiers), *lines, *ends])
    return frame.select(reasons=codes.list.drop_nulls().list.unique(maintain_order=True)).to_series()


def reasons_after_change(frame: pl.DataFrame, tiers: Tiers) -> pl.Series:
    """Give the reasons of a tier that was changed after `reasons` explained the one before."""
    # What follows from the tier is said anew; the lines of the accounting that stood out stay, those on the side that
    # explains the tier first.
    require(frame, (*_READ, "reasons"), "A reason")
    brings = pl.col("tier").is_in([HIGH_VALUE, VALUABLE])
    income = _among([str(code) for code in INCOME_REASONS.values()])
    cost = _among([*map(str, COST_REASONS.values()), str(Reason.BALANCES_COST_MORE_THAN_THEY_EARN)])
    lines = pl.when(brings).then(pl.concat_list(income, cost)).otherwise(pl.concat_list(cost, income))
    codes = pl.concat_list([*_overrides(frame, tiers), _grounds(tiers), lines])
    return frame.select(reasons=codes.list.drop_nulls().list.unique(maintain_order=True)).to_series()


def on_the_other_side(tier: str, codes: Sequence[str]) -> list[str]:
    """Choose the lines of the accounting that speak against the tier: costs of who brings much, income of who loses."""
    costs = {*COST_REASONS.values(), Reason.BALANCES_COST_MORE_THAN_THEY_EARN}
    against = {HIGH_VALUE: costs, VALUABLE: costs, LOSS_MAKING: set(INCOME_REASONS.values())}.get(tier, set())
    return [code for code in codes if code in against]


def _among(codes: list[str]) -> pl.Expr:
    """Those of a customer's reasons that are among some codes, in their order."""
    return pl.col("reasons").list.eval(pl.element().filter(pl.element().is_in(codes)))


def _code_where(where: pl.Expr, code: str) -> pl.Expr:
    """A code where a condition holds."""
    return pl.when(where).then(pl.lit(str(code)))


def _overrides(frame: pl.DataFrame, tiers: Tiers) -> list[pl.Expr]:
    """What matters more than the figures."""
    standing, note, flagged = pl.col("standing"), pl.col("tier_note"), pl.col("main_bank_elsewhere")
    first = [
        _code_where(standing == "excluded", Reason.EXCLUDED),
        _code_where(in_default(frame), Reason.IN_DEFAULT),
        _code_where(in_arrears(frame) & ~in_default(frame), Reason.IN_ARREARS),
        _code_where(standing == "new", Reason.NEW_CUSTOMER),
        _code_where(flagged, Reason.MAIN_BANK_ELSEWHERE),
    ]
    if "main_bank_reasons" in frame.columns:
        none = pl.lit([], dtype=pl.List(pl.String))
        first.append(
            pl.when(flagged & pl.col("main_bank_reasons").is_not_null()).then("main_bank_reasons").otherwise(none)
        )
    brings = pl.col("tier").is_in([HIGH_VALUE, VALUABLE])
    falls = chance(LOWER_TIER, frame.columns) >= tiers.early_warning_from
    return [
        *first,
        _code_where(note == OVERRIDE, Reason.SET_BY_A_PERSON),
        _code_where(note == AWAITS_RISE, Reason.RISE_NOT_CONFIRMED),
        _code_where(note == AWAITS_FALL, Reason.FALL_NOT_CONFIRMED),
        _code_where(note == "growth", Reason.GROWTH),
        _code_where(brings & main_bank_may_leave(frame.columns, tiers), Reason.MAIN_BANK_MAY_LEAVE),
        _code_where(brings & may_leave(frame.columns, tiers), Reason.MAY_LEAVE),
        _code_where(brings & falls, Reason.LIKELY_TO_FALL),
        _code_where(note == "expected_cost", Reason.LEAST_EXPECTED_COST),
        _code_where(_is_likeliest(frame.columns, tiers), Reason.MOST_LIKELY_NEXT_YEAR),
        _code_where(note == "rm_capacity", Reason.RM_CAPACITY),
        _code_where(note == NOTE, Reason.HOUSEHOLD),
        _code_where(standing == "dormant", Reason.DORMANT),
        _code_where(standing == "provisional", Reason.PROVISIONAL),
    ]


def _is_likeliest(columns: Sequence[str], tiers: Tiers) -> pl.Expr:
    """Tell where the odds decide and the tier is the likeliest one; nothing of tiers that the standing decides."""
    if tiers.decide_by == "borders" or not set(ODDS) <= set(columns):
        return pl.lit(value=False)
    own = pl.coalesce(pl.when(pl.col("tier") == tier).then(name) for tier, name in zip(TIERS, ODDS, strict=True))
    measured = pl.col("standing").is_in(["active", "dormant"])
    return (measured & (own >= pl.max_horizontal(ODDS))).fill_null(value=False)


def _grounds(tiers: Tiers) -> pl.Expr:
    """What of the figures put the customer into the tier: never what speaks for another one."""
    # income against cost where the past year alone says what the tier says; else that the forecast decided with it.
    # A new, provisional or excluded customer's figures decide nothing by themselves; those of a customer whom a note
    # moved did not decide, and the note is a reason.
    tier, cost, gain = pl.col("tier"), pl.col("mean_cost"), pl.col("contribution_12m")
    coverage = pl.col("cost_coverage").fill_null(float("inf"))
    past = [
        (HIGH_VALUE, gain >= pl.col("border_high"), Reason.INCOME_FAR_ABOVE_COST),
        (VALUABLE, (coverage > tiers.coverage_high) & (gain > 0), Reason.INCOME_COVERS_COST),
        (BREAK_EVEN, coverage.is_between(tiers.coverage_low, tiers.coverage_high), Reason.INCOME_ABOUT_COST),
        (BREAK_EVEN, gain.abs() <= tiers.epsilon_of_mean_cost * cost, Reason.LITTLE_EITHER_WAY),
        (LOSS_MAKING, gain < 0, Reason.INCOME_BELOW_COST),
    ]
    own, seasoned = pl.col("own_tier") == tier, pl.col("standing").is_in(["active", "dormant"])
    return pl.coalesce(
        *(_code_where(own & seasoned & (tier == name) & says, code) for name, says, code in past),
        _code_where(own & seasoned, Reason.YEAR_AND_FORECAST),
        _code_where(
            seasoned & pl.col("tier_note").is_null() & (pl.col("tier_source") == "cluster"), Reason.SIMILAR_CUSTOMERS
        ),
    )


def _largest(frame: pl.DataFrame, codes: Mapping[str, str], least: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Codes of each customer's two largest lines of a side, null where they do not stand out."""
    present = {f"{line}_12m": str(code) for line, code in codes.items() if f"{line}_12m" in frame.columns}
    none = pl.Series([None] * frame.height, dtype=pl.String)
    if not present:
        return none, none
    amounts = frame.select(pl.col(list(present)).cast(pl.Float64).fill_null(0.0)).to_numpy()
    order = np.argsort(-amounts, axis=1, kind="stable")[:, :2]
    at_least = np.maximum(least.to_numpy(), np.finfo(float).tiny).reshape(-1, 1)
    notable = np.take_along_axis(amounts, order, axis=1) >= at_least
    names = np.array(list(present.values()), dtype=object)[order]
    names[~notable] = None
    columns = [pl.Series(names[:, place].tolist(), dtype=pl.String) for place in range(names.shape[1])]
    return columns[0], columns[1] if len(columns) > 1 else none


def _negative_margin(frame: pl.DataFrame, least: pl.Series) -> pl.Series:
    """The code of balances that cost more than they earn, where that stands out."""
    if "net_interest_12m" not in frame.columns:
        return pl.Series([None] * frame.height, dtype=pl.String)
    code = _code_where(
        (pl.col("net_interest_12m") <= -least) & (pl.col("net_interest_12m") < 0),
        Reason.BALANCES_COST_MORE_THAN_THEY_EARN,
    )
    return frame.select(code).to_series()
