"""Which departures a ledger shows, and on which month they are dated."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from segment.dates import next_month
from segment.departures.ledger_departures import NEVER, Departures, departures_of, died_on
from segment.features.cube import Cube
from segment.features.derived import MAIN_ACCOUNT

MONTHS = 26
STARTS = tuple(next_month(dt.date(2024, 1, 1), place) for place in range(MONTHS))
USUAL = {
    "accounts_open": 2.0, "external_inflow": 3000.0, "own_in_other_bank": 0.0, "bill_types": 4.0, "spend": 900.0,
    "benefit_months": 0.0, MAIN_ACCOUNT: 1.0,
}  # fmt: skip
AWAY = {"external_inflow": 0.0, "bill_types": 0.0, "spend": 100.0, MAIN_ACCOUNT: 0.0}
MOVES = 20


def shown(
    *changes: tuple[int, dict[str, float]], left: dt.date | None = None, died: dt.date | None = None
) -> Departures:
    """Departures of one customer, whose months change from a place on."""
    values = np.tile(np.array(list(USUAL.values())), (1, MONTHS, 1))
    for place, figures in changes:
        for name, figure in figures.items():
            values[0, place:, list(USUAL).index(name)] = figure
    return departures_of(Cube(np.array(["x"], dtype=object), STARTS, tuple(USUAL), values), [left], [died])


def test_who_goes_on_as_ever_departs_in_no_way() -> None:
    departures = shown()
    assert (departures.left[0], departures.moved[0]) == (NEVER, NEVER)
    assert departures.here.all()


def test_a_main_bank_has_moved_once_everything_stayed_away_for_three_months() -> None:
    assert shown((MOVES, AWAY)).moved[0] == MOVES + 2


def test_two_months_away_are_no_move_and_neither_is_one_strand() -> None:
    assert shown((MOVES, AWAY), (MOVES + 2, USUAL)).moved[0] == NEVER
    assert shown((MOVES, {"external_inflow": 0.0, MAIN_ACCOUNT: 0.0})).moved[0] == NEVER
    assert shown((MOVES, {"bill_types": 0.0, "spend": 0.0, MAIN_ACCOUNT: 0.0})).moved[0] == NEVER


def test_who_draws_a_benefit_has_lost_the_income_and_not_moved_it() -> None:
    assert shown((MOVES, AWAY | {"benefit_months": 1.0})).moved[0] == NEVER


def test_who_never_lived_on_this_account_cannot_move_from_it() -> None:
    assert shown((0, {MAIN_ACCOUNT: 0.0}), (MOVES, AWAY)).moved[0] == NEVER


def test_a_relation_ends_on_its_date_or_with_the_last_account() -> None:
    assert shown(left=STARTS[15]).left[0] == 15
    assert shown((15, {"accounts_open": 0.0})).left[0] == 15
    assert not shown((15, {"accounts_open": 0.0})).here[0, 15:].any()


def test_an_end_after_the_last_month_has_not_happened_yet() -> None:
    assert shown(left=dt.date(2026, 5, 3)).left[0] == NEVER


def test_a_death_is_no_departure() -> None:
    departures = shown((18, {"accounts_open": 0.0}), left=STARTS[18], died=STARTS[14])
    assert departures.left[0] == NEVER
    assert departures.died[0] == 14
    assert shown((14, AWAY), died=STARTS[14]).moved[0] == NEVER


def test_the_first_day_known_of_a_death_counts() -> None:
    rules = pl.DataFrame(
        {
            "customer_id": ["a", "a", "b"],
            "rule": ["deceased", "deceased", "opt_out"],
            "starts_on": [dt.date(2025, 2, 1), dt.date(2025, 1, 9), dt.date(2025, 1, 1)],
        }
    )
    assert died_on(rules) == {"a": dt.date(2025, 1, 9)}
