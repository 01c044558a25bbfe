"""The tiering view, and totals over products and channels."""

from __future__ import annotations

import datetime as dt

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from segment.contribution import LINE_NAMES
from segment.features import measures
from segment.features.cube import Cube
from segment.features.derived import CLIPPED, MAIN_ACCOUNT, spread, with_derived_measures
from tests.features.small_ledger import policy


def cube_with(**months: list[float]) -> Cube:
    names = (*measures(policy()), CLIPPED)
    length = len(next(iter(months.values())))
    values = np.zeros((1, length, len(names)))
    for name, figures in months.items():
        values[0, :, names.index(name)] = figures
    return with_derived_measures(
        Cube(np.array(["x"], dtype=object), (dt.date(2025, 1, 1),) * length, names, values), policy()
    )


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30), st.integers(1, 24))
def test_spreading_loses_nothing_but_what_lies_ahead(booked: list[int], months: int) -> None:
    figures = np.array([booked + [0] * months], dtype=float)
    np.testing.assert_allclose(spread(figures, months).sum(), figures.sum())


def test_a_commission_is_spread_over_a_year_from_its_month() -> None:
    cube = cube_with(commission_income=[120.0] + [0.0] * 12)
    assert cube["income"][0].tolist() == [10.0] * 12 + [0.0]


def test_nothing_is_earned_in_months_in_which_a_customer_was_not_here() -> None:
    shared = spread(np.array([[12.0, 0.0, np.nan]]), 3)
    np.testing.assert_array_equal(shared, [[4.0, 4.0, np.nan]])


def test_contribution_is_income_less_every_cost_and_direct_leaves_fixed_cost_out() -> None:
    lines = {name: [float(2**place)] for place, name in enumerate(LINE_NAMES)}
    cube = cube_with(**lines, **{CLIPPED: [7.0]})
    income = 1 + 2 + 4 + 8 + 16 / 12 + 32
    direct = 64 + 128 + 256 + 512 + 1024 + 2048
    np.testing.assert_allclose(cube["income"][0, 0], income)
    np.testing.assert_allclose(cube["cost"][0, 0], direct + 4096 + 8192)
    np.testing.assert_allclose(cube["contribution"][0, 0], income - direct - 4096 - 8192)
    np.testing.assert_allclose(cube["direct_contribution"][0, 0], income - direct)
    np.testing.assert_allclose(cube["contribution_winsorised"][0, 0], 7.0 + 16 / 12)


def test_volumes_are_summed_over_the_policys_products() -> None:
    cube = cube_with(
        balance_current=[10.0], balance_term_deposit=[5.0], balance_wealth=[7.0], balance_mortgage=[-100.0],
        balance_credit_card=[-20.0],
    )  # fmt: skip
    totals = [cube[name][0, 0] for name in ("deposits", "term_deposits", "wealth", "debt", "volume")]
    assert totals == [15.0, 5.0, 7.0, 120.0, 142.0]


def test_events_are_told_apart_by_how_they_are_done() -> None:
    cube = cube_with(
        count_mobile=[2.0], visits_online=[1.0], visits_adviser=[1.0], count_atm=[4.0], count_automatic=[9.0]
    )
    assert [cube[name][0, 0] for name in ("digital_events", "manual_events", "events")] == [3.0, 1.0, 8.0]


def test_a_commission_is_spread_over_the_months_after_it() -> None:
    assert repr(spread(np.array([[12.0, 0.0, 0.0, 0.0]]), 3)) == "array([[4., 4., 4., 0.]])"


def test_an_account_is_the_main_one_where_income_comes_in_and_is_lived_on() -> None:
    cube = cube_with(
        external_inflow=[3000.0, 3000.0, 100.0, 3000.0, 3000.0],
        own_in_other_bank=[0.0, 0.0, 0.0, 1000.0, 0.0],
        bill_types=[1.0, 0.0, 1.0, 1.0, 0.0],
        flow_card_payment=[0.0, -500.0, -500.0, -500.0, 0.0],
    )
    assert cube[MAIN_ACCOUNT][0].tolist() == [1.0, 1.0, 0.0, 0.0, 0.0]
