"""Measures that follow from others month by month: the tiering view of contribution, totals, and digital use."""

# Pure NumPy over one bucket's cube, so that the same function runs in a joblib worker or on a cluster.

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from segment.contribution import line_names
from segment.features.bookings import term_products
from segment.features.cube import Cube
from segment.features.windows import Floats
from segment.policy import Policy
from segment.policy.decisions import MainBank

CLIPPED = "contribution_clipped"
"""Column that `with_clipped_contribution` adds to the customer months."""

MAIN_ACCOUNT = "main_account"
"""Measure: 1 in a month in which income comes in from outside and is lived on here."""


def with_derived_measures(cube: Cube, policy: Policy) -> Cube:
    """Add the measures that features are made of."""
    made = {**_money(cube, policy), **_volumes(cube, policy), **_use(cube)}
    return cube.with_measures(made | {MAIN_ACCOUNT: _main_account(cube, policy.main_bank)})


def spread(booked: Floats, months: int) -> Floats:
    """Spread each month's figure evenly over it and the months after it."""
    # `booked` (customers, months): NaN in months in which the customer was not here.
    # Returns array of shape (customers, months): NaN where `booked` is.
    # Source: DOMAIN.md 1.2: up-front commissions are spread in the tiering view so one sale does not make a tier.
    parts = np.nan_to_num(booked) / months
    shared = np.zeros_like(parts)
    for later in range(min(months, parts.shape[1])):
        shared[:, later:] += parts[:, : parts.shape[1] - later]
    return np.where(np.isnan(booked), np.nan, shared)


def _money(cube: Cube, policy: Policy) -> dict[str, Floats]:
    commission = cube["commission_income"]
    shared = spread(commission, policy.fees.commission.spread_months)
    income = _sum(cube, (name for name in line_names("income") if name != "commission_income")) + shared
    cost = _sum(cube, line_names("cost"))
    return {
        "income": income,
        "cost": cost,
        "contribution": income - cost,
        "direct_contribution": income - _sum(cube, line_names("cost", direct_only=True)),
        "contribution_winsorised": cube[CLIPPED] + shared,
    }


def _volumes(cube: Cube, policy: Policy) -> dict[str, Floats]:
    deposits = _balance(cube, policy.products_of("deposit"))
    wealth = _balance(cube, policy.products_of("wealth"))
    debt = -_balance(cube, policy.products_of("loan", "card"))
    return {
        "deposits": deposits,
        "term_deposits": _balance(cube, term_products(policy)),
        "wealth": wealth,
        "debt": debt,
        "volume": np.abs(deposits) + np.abs(wealth) + np.abs(debt),
        "salary_income": cube["flow_salary"] + cube["flow_pension"],
        "spend": -cube["flow_card_payment"],
        "cash": -cube["flow_cash_withdrawal"],
    }


def _use(cube: Cube) -> dict[str, Floats]:
    digital = _sum(cube, ("count_mobile", "count_online", "visits_mobile", "visits_online"))
    manual = _sum(cube, ("count_counter", "count_phone", "visits_counter", "visits_phone", "visits_adviser"))
    machine = _sum(cube, ("count_atm", "count_pos", "visits_atm", "visits_pos"))
    return {"digital_events": digital, "manual_events": manual, "events": digital + manual + machine}


def _balance(cube: Cube, products: Iterable[str]) -> Floats:
    return _sum(cube, (f"balance_{product}" for product in products))


def _sum(cube: Cube, names: Iterable[str]) -> Floats:
    # a customer's absence is NaN in every measure; a bank without such products has zeros
    total = np.where(np.isnan(cube.values[:, :, 0]), np.nan, 0.0)
    for name in names:
        total = total + cube[name]
    return total


def _main_account(cube: Cube, rules: MainBank) -> Floats:
    floor, most_fed = rules.monthly_floor, rules.signals.fed_share_of_main
    inflow, fed = cube["external_inflow"], cube["own_in_other_bank"]
    lived_on = (cube["bill_types"] >= 1.0) | (-cube["flow_card_payment"] >= floor)
    main = (inflow - fed >= floor) & (fed <= most_fed * inflow) & lived_on
    return np.where(np.isnan(inflow), np.nan, main)
