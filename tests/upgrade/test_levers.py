"""A lever's amount is what the accounting makes of the change, and the smallest set is the smallest."""

from __future__ import annotations

import datetime as dt
import itertools

import narwhals as nw
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from segment.contribution import LINE_NAMES, account_lines, person_lines
from segment.policy import Policy
from segment.policy.contacts import Levers
from segment.upgrade.levers import best_levers, lever_candidates, may_use_machines, smallest_sets

AS_OF = dt.date(2025, 12, 31)
NONE_UNUSED = pl.DataFrame(schema={"customer_id": pl.String, "product": pl.String})


def customer(**changes: object) -> pl.DataFrame:
    row: dict[str, object] = {
        "customer_id": "c1",
        "birth_date": dt.date(1980, 1, 1),
        "count_counter_12m": 0.0,
        "count_phone_12m": 0.0,
        "visits_counter_12m": 0.0,
        "visits_phone_12m": 0.0,
        "visits_adviser_12m": 0.0,
        "adviser_minutes_12m": 0.0,
        "holds_everyday": 1.0,
        "balance_current_12m": 100.0,
        "salary_months_12m": 0.0,
        "own_in_other_bank_12m": 0.0,
        "main_bank_elsewhere": False,
    }
    return pl.DataFrame([row | changes])


def gains(found: pl.DataFrame) -> dict[str, float]:
    return dict(found.select("lever", pl.col("gain_12m").round(9)).rows())


def levers_with(*gains_12m: float) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "customer_id": "c1",
            "lever": [f"l{place}" for place in range(len(gains_12m))],
            "name": "a change",
            "chance": 0.1,
            "by_unit": False,
            "units": 1.0,
            **dict.fromkeys(LINE_NAMES, 0.0),
            "gain_12m": list(gains_12m),
            "cost_saved": 0.0,
        }
    )


def gap(amount: float, *, beyond: bool = False, border_share: float = 0.0) -> pl.DataFrame:
    row = {"customer_id": "c1", "gap": amount, "beyond": beyond, "border_share": border_share, "upward": not beyond}
    return pl.DataFrame([row])


def test_the_laws_age_keeps_older_people_from_machines_where_the_levers_are_laxer(retail: Policy) -> None:
    """State Council 2020/45; CBIRC 2021/40: older people are not forced to machines."""
    levers = retail.upgrade.levers.model_copy(update={"no_machines_from_years": 99})
    laxer = retail.model_copy(update={"upgrade": retail.upgrade.model_copy(update={"levers": levers})})
    for born, found in (
        (dt.date(1965, 12, 31), set()),
        (dt.date(1966, 1, 1), {"counter_to_machine", "counter_to_mobile"}),
    ):
        asked = customer(count_counter_12m=10.0, birth_date=born)
        assert set(lever_candidates(asked, NONE_UNUSED, laxer, AS_OF)["lever"]) == found


def test_ten_transactions_at_the_counter_by_hand(retail: Policy) -> None:
    found = lever_candidates(customer(count_counter_12m=10.0), NONE_UNUSED, retail, AS_OF)
    # five to the machine at 10 - 1.5 and four to the app at 10 - 0.1, each with head office's 1
    assert gains(found) == {"counter_to_machine": 47.5, "counter_to_mobile": 43.6}


def test_a_moved_transaction_saves_what_the_months_accounting_says(retail: Policy) -> None:
    found = lever_candidates(customer(count_counter_12m=10.0), NONE_UNUSED, retail, AS_OF)
    moved = found.filter(pl.col("lever") == "counter_to_machine")
    before, after = _of_transactions(["counter"] * 10, retail), _of_transactions(["counter"] * 5 + ["atm"] * 5, retail)
    for line in ("transaction_cost", "overhead_cost"):
        assert moved[line].item() == pytest.approx(after[line] - before[line], abs=1e-9)


def test_a_meeting_by_phone_saves_what_the_months_accounting_says(retail: Policy) -> None:
    met = customer(visits_adviser_12m=2.0, adviser_minutes_12m=50.0)
    moved = lever_candidates(met, NONE_UNUSED, retail, AS_OF)
    before = _of_persons(["adviser", "adviser"], [20.0, 30.0], retail)
    after = _of_persons(["phone", "phone"], [20.0, 30.0], retail)
    for line in ("service_event_cost", "overhead_cost"):
        assert moved[line].item() == pytest.approx(after[line] - before[line])


def test_closed_accounts_save_twelve_months_of_fixed_cost(retail: Policy) -> None:
    unused = pl.DataFrame({"customer_id": ["c1", "c1"], "product": ["current", "savings"]})
    found = lever_candidates(customer(), unused, retail, AS_OF)
    assert gains(found) == {"closing": 12 * (3.0 + 1.0 + 0.5 + 1.0)}


@pytest.mark.parametrize(
    ("here", "offered"), [(0.0, True), (1.0, False)], ids=["no salary here", "a salary here already"]
)
def test_only_whose_salary_is_elsewhere_is_asked_for_it(retail: Policy, here: float, offered: bool) -> None:
    asked = customer(salary_months_12m=here, main_bank_elsewhere=True)
    assert ("salary" in gains(lever_candidates(asked, NONE_UNUSED, retail, AS_OF))) is offered


@pytest.mark.parametrize(
    ("birth_date", "offered"),
    [(dt.date(1965, 12, 31), False), (dt.date(1966, 1, 1), True), (None, False)],
    ids=["sixty today", "sixty tomorrow", "not known"],
)
def test_nobody_of_sixty_is_asked_to_use_a_machine(retail: Policy, birth_date: dt.date | None, offered: bool) -> None:
    visits = customer(count_counter_12m=90.0, count_phone_12m=90.0, visits_counter_12m=90.0, visits_phone_12m=90.0)
    aged = visits.with_columns(birth_date=pl.lit(birth_date, dtype=pl.Date))
    assert (not lever_candidates(aged, NONE_UNUSED, retail, AS_OF).is_empty()) is offered


def test_older_customers_may_still_talk_to_the_adviser_by_phone(retail: Policy) -> None:
    old = customer(birth_date=dt.date(1940, 1, 1), visits_adviser_12m=1.0, adviser_minutes_12m=60.0)
    assert gains(lever_candidates(old, NONE_UNUSED, retail, AS_OF)) == {"adviser_to_phone": 114.0}


@given(st.lists(st.integers(1, 60).map(float), min_size=1, max_size=7), st.integers(1, 200).map(float), st.booleans())
def test_no_smaller_set_of_levers_reaches_the_border(amounts: list[float], needed: float, beyond: bool) -> None:
    chosen = smallest_sets(levers_with(*amounts), gap(needed, beyond=beyond))

    def reaches(some: tuple[float, ...]) -> bool:
        return sum(some) > needed if beyond else sum(some) >= needed

    sizes = range(1, len(amounts) + 1)
    able = [size for size in sizes if any(map(reaches, itertools.combinations(amounts, size)))]
    assert chosen.height == (able[0] if able else 0)
    assert chosen.is_empty() or reaches(tuple(chosen["gain_12m"]))


@pytest.mark.parametrize(("beyond", "units"), [(False, 4.0), (True, 5.0)], ids=["border is enough", "beyond border"])
def test_no_more_events_are_moved_than_it_takes(retail: Policy, beyond: bool, units: float) -> None:
    found = lever_candidates(customer(count_counter_12m=20.0), NONE_UNUSED, retail, AS_OF)
    machine = found.filter(pl.col("lever") == "counter_to_machine")
    chosen = smallest_sets(machine, gap(38.0, beyond=beyond))  # four events of 9.5
    assert chosen["units"].item() == units
    assert chosen["transaction_cost"].item() == pytest.approx(-8.5 * units)


def test_a_border_that_moves_with_the_cost_takes_more_events(retail: Policy) -> None:
    found = lever_candidates(customer(count_counter_12m=20.0), NONE_UNUSED, retail, AS_OF)
    machine = found.filter(pl.col("lever") == "counter_to_machine")
    assert smallest_sets(machine, gap(38.0, border_share=0.2))["units"].item() == 5.0


def test_who_is_above_the_border_or_out_of_reach_has_no_set() -> None:
    assert smallest_sets(levers_with(10.0), gap(0.0)).is_empty()
    assert smallest_sets(levers_with(10.0), gap(10.5)).is_empty()


def test_the_best_lever_has_the_largest_amount_times_odds() -> None:
    levers = levers_with(100.0, 40.0).with_columns(chance=pl.Series([0.1, 0.3]))
    assert best_levers(levers).row(0) == ("c1", "l1", "a change", 40.0)


def test_no_event_is_moved_twice(retail: Policy) -> None:
    channels = retail.upgrade.levers.model_dump()["channels"]
    channels["counter_to_mobile"]["most_share"] = 0.6
    with pytest.raises(ValidationError, match="add up to at most one"):
        Levers(channels=channels)


def test_a_policy_without_levers_offers_none(retail: Policy) -> None:
    bare = retail.model_copy(update={"upgrade": retail.upgrade.model_copy(update={"levers": Levers()})})
    assert lever_candidates(customer(count_counter_12m=90.0), NONE_UNUSED, bare, AS_OF).is_empty()


def _of_transactions(channels: list[str], policy: Policy) -> dict[str, float]:
    accounts = {"account_id": ["a"], "product": ["current"], "branch_id": ["b"], "opened_on": [dt.date(2020, 1, 1)]}
    booked = pl.DataFrame({"channel": channels}).with_columns(
        account_id=pl.lit("a"),
        amount=pl.lit(-5.0),
        kind=pl.lit("transfer_out"),
        counterparty_bank=pl.lit(None, pl.String),
    )
    held = {"account_id": ["a"], "average_balance": [0.0], "interest_rate_annual": [0.0], "days_past_due": [0]}
    frames = (
        pl.DataFrame(accounts).with_columns(closed_on=pl.lit(None, pl.Date)),
        pl.DataFrame(held),
        booked,
        pl.DataFrame({"branch_id": ["b"]}),
    )
    lines = account_lines(*(nw.from_native(frame.lazy()) for frame in frames), policy, dt.date(2025, 6, 1))
    return dict(lines.collect().to_native().row(0, named=True))


def _of_persons(channels: list[str], minutes: list[float], policy: Policy) -> dict[str, float]:
    events = pl.DataFrame({"customer_id": "c1", "channel": channels, "minutes": minutes})
    rules = pl.DataFrame(schema={"customer_id": pl.String, "rule": pl.String, "starts_on": pl.Date})
    lazy = (nw.from_native(events.lazy()), nw.from_native(rules.lazy()))
    return dict(person_lines(*lazy, policy, dt.date(2025, 6, 1)).collect().to_native().row(0, named=True))


def test_may_use_machines_of_a_case_computed_by_hand() -> None:
    born = pl.DataFrame({"birth_date": [dt.date(1965, 12, 31), dt.date(1966, 1, 1), None]})
    assert born.select(may_use_machines(60, dt.date(2025, 12, 31))).to_series().to_list() == [False, True, False]
