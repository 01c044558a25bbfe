"""A list says what it is worth, who is left out and why, and when its effect could be shown."""

from __future__ import annotations

import polars as pl
import pytest

from segment.policy import Policy
from segment.upgrade.list_worth import ListWorth, months_until_shown, value_range, worth_of_list
from segment.upgrade.places import Limits
from segment.upgrade.ranking import rank_list
from tests.upgrade.conftest import LIST_ON, with_rules
from tests.upgrade.test_places import MANAGERS, options


def offers(**people: int) -> pl.DataFrame:
    """Visits that bring 20 and more each: half of the odds are as good as a coin."""
    asked = options(people, ("adviser",)).with_columns(priority=1, uplift=pl.lit(0.5))
    paid = pl.col("expected_net_value") + pl.col("contact_cost")
    return asked.with_columns(
        value_of_a_move=paid / pl.col("uplift"), chance_variation=pl.lit(0.005), value_variation=pl.lit(0.0)
    )


def worth(asked: pl.DataFrame, policy: Policy) -> ListWorth:
    listed, chosen = rank_list(asked, Limits(), MANAGERS, policy, LIST_ON)
    return worth_of_list(listed, asked, chosen, Limits(), MANAGERS, policy)


@pytest.fixture(scope="module")
def tight(retail: Policy) -> Policy:
    """Each manager has three visits' time: 75 minutes a visit, 52.5 a week in 30 days."""
    return with_rules(retail, small_branch_floor=0, adviser_hours_week=0.875, list_minutes_per_branch=30.0)


def test_the_figures_of_a_case_computed_by_hand(tight: Policy) -> None:
    # the one manager of b2 has time for three of five, who bring 28, 26 and 24; 22 and 20 are left out
    found = worth(offers(b2=5), tight)
    assert (found.contacts, found.cost, found.value) == (3, 180.0, pytest.approx(78.0))
    assert (found.hours, found.hours_there) == (pytest.approx(3.75), pytest.approx(3.75))
    assert found.value_of_hours == pytest.approx(78.0)
    assert found.left_out == {"adviser minutes": (2, pytest.approx(42.0))}
    assert found.work == pytest.approx(30.0 * tight.costs.service_event.adviser_minute)
    assert found.pays == (found.value >= found.work)
    assert found.low < found.value < found.high


def test_one_adviser_more_is_worth_what_the_branch_gains_by_choosing_anew(tight: Policy) -> None:
    found = worth(offers(b1=5, b2=5), tight)
    # b1 has two managers, six places for five people; in b2 the other two are contacted
    assert (found.adviser_more_branch, found.adviser_more) == ("b2", pytest.approx(42.0))
    enough = worth(offers(b1=5), tight)
    assert (enough.adviser_more_branch, enough.adviser_more, enough.left_out) == (None, 0.0, {})


def test_the_control_group_is_a_cause_of_its_own(tight: Policy) -> None:
    control = offers(b2=2).with_columns(control=pl.col("customer_id") == "b2-001")
    assert worth(control, tight).left_out == {"control": (1, pytest.approx(22.0))}


@pytest.mark.parametrize("work", [38.99, 39.01])
def test_a_list_pays_from_its_own_work_on(tight: Policy, work: float) -> None:
    minutes = work / tight.costs.service_event.adviser_minute
    assert worth(offers(b2=5), with_rules(tight, list_minutes_per_branch=2.0 * minutes)).pays == (work < 39.0)


def test_what_is_sure_has_no_range() -> None:
    rows = offers(b2=5).with_columns(uplift=pl.lit(1.0), value_of_a_move=pl.col("expected_net_value"))
    assert value_range(rows.with_columns(chance_variation=pl.lit(0.0))) == (pytest.approx(120.0), pytest.approx(120.0))


def test_the_range_narrows_as_more_contacts_stand_behind_the_odds() -> None:
    rows = offers(b2=200)
    varied = (rows.with_columns(chance_variation=pl.lit(variation)) for variation in (0.05, 0.0005))
    wide, narrow = (high - low for low, high in map(value_range, varied))
    assert wide > 2.0 * narrow > 0.0


def test_the_range_knows_that_few_move_and_that_a_wallet_is_an_estimate() -> None:
    # 400 with one chance in a hundred to bring 1,000, of a wallet whose standard deviation is twice its mean: four move
    # on average, and 1.2816 * sqrt(400 * (.01 * 1000 ** 2 * 5 - (.01 * 1000) ** 2)) = 5,725 lie on either side
    row = {"programme": "a", "channel": "phone", "uplift": 0.01, "value_of_a_move": 1000.0, "expected_net_value": 10.0}
    rows = pl.DataFrame([row | {"chance_variation": 0.0, "value_variation": 4.0}] * 400)
    low, high = value_range(rows)
    assert (low, high) == (pytest.approx(4000.0 - 5725.0, abs=250.0), pytest.approx(4000.0 + 5725.0, abs=250.0))
    sure_low, sure_high = value_range(rows.with_columns(value_variation=pl.lit(0.0)))
    assert sure_high - sure_low == pytest.approx((high - low) / 5.0**0.5, rel=0.03)


@pytest.mark.parametrize(
    ("arms", "before", "months"),
    [((450, 50), (0, 0), 13), ((450, 50), (4500, 500), 3), ((450, 0), (0, 0), None), ((4, 1), (0, 0), None)],
)
def test_months_until_an_effect_is_shown(arms: tuple[int, int], before: tuple[int, int], months: int | None) -> None:
    # DOMAIN.md 3.3: 2.80 sqrt(.03 * .97 * (1 / 450 + 1 / 50)) = 7.1 points; (7.1 / 2) ** 2 = 12.7 such lists
    assert months_until_shown(0.03, 0.02, arms, before) == months
