"""The control arm is drawn by household, by a secret, and stays."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segment.upgrade import draw_control, households


def names(count: int, household_size: int = 1) -> pl.Series:
    return pl.Series([f"h{number // household_size}" for number in range(count)])


def test_the_control_arm_has_its_share() -> None:
    assert draw_control(names(20_000), 0.1, "salt", "main").mean() == pytest.approx(0.1, abs=0.007)


@given(salt=st.text(min_size=1, max_size=5))
def test_a_household_is_on_one_side(salt: str) -> None:
    drawn = pl.DataFrame({"household": names(40, 4)}).with_columns(draw_control(names(40, 4), 0.3, salt, "main"))
    assert drawn.group_by("household").agg(pl.col("control").n_unique())["control"].max() == 1


def test_the_same_salt_draws_the_same_and_another_draws_anew() -> None:
    first = draw_control(names(200), 0.2, "salt", "main").to_list()
    assert draw_control(names(200), 0.2, "salt", "main").to_list() == first
    assert draw_control(names(200), 0.2, "other", "main").to_list() != first
    assert draw_control(names(200), 0.2, "salt", "second").to_list() != first


def test_a_draw_does_not_depend_on_who_else_may_be_contacted() -> None:
    whole = draw_control(names(300), 0.2, "salt", "main").to_list()
    assert draw_control(names(300)[100:], 0.2, "salt", "main").to_list() == whole[100:]


def test_a_larger_share_keeps_those_who_were_control() -> None:
    small = draw_control(names(500), 0.1, "salt", "main")
    large = draw_control(names(500), 0.3, "salt", "main")
    assert (~small | large).all()


def test_owners_of_a_joint_account_share_a_household_and_authorised_users_do_not() -> None:
    customers = pl.DataFrame({"customer_id": ["a", "b", "c"], "household_id": pl.Series([None] * 3, dtype=pl.String)})
    holdings = pl.DataFrame({"account_id": ["x", "x", "x"], "customer_id": ["c", "b", "a"], "share": [0.5, 0.5, 0.0]})
    assert households(customers, holdings)["household"].to_list() == ["a", "b", "b"]
