"""The control arm is drawn by household, by a secret, and stays."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from segment.upgrade import draw_control, households


def eligible(count: int, household_size: int = 1) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "customer_id": [f"c{n}" for n in range(count)],
            "branch_id": ["b1" if n < count // 2 else "b2" for n in range(count)],
            "tier": ["break_even"] * count,
            "household": [f"h{n // household_size}" for n in range(count)],
        }
    )


def test_each_stratum_gives_its_share() -> None:
    frame = eligible(100)
    drawn = frame.with_columns(control=draw_control(frame, 0.1, "salt", "main"))
    assert drawn.group_by("branch_id").agg(pl.col("control").sum()).sort("branch_id")["control"].to_list() == [5, 5]


@given(salt=st.text(min_size=1, max_size=5))
def test_a_household_is_on_one_side(salt: str) -> None:
    frame = eligible(40, household_size=4)
    drawn = frame.with_columns(control=draw_control(frame, 0.3, salt, "main"))
    assert drawn.group_by("household").agg(pl.col("control").n_unique())["control"].max() == 1


def test_the_same_salt_draws_the_same_and_another_draws_anew() -> None:
    frame = eligible(200)
    first = draw_control(frame, 0.2, "salt", "main")
    assert draw_control(frame, 0.2, "salt", "main").to_list() == first.to_list()
    assert draw_control(frame, 0.2, "other", "main").to_list() != first.to_list()
    assert draw_control(frame, 0.2, "salt", "second").to_list() != first.to_list()


def test_the_order_of_rows_changes_nothing() -> None:
    frame = eligible(60, household_size=2)
    turned = frame.reverse()
    by_customer = dict(zip(frame["customer_id"], draw_control(frame, 0.2, "salt", "main"), strict=True))
    again = dict(zip(turned["customer_id"], draw_control(turned, 0.2, "salt", "main"), strict=True))
    assert by_customer == again


def test_a_single_household_is_never_all_control() -> None:
    frame = eligible(1)
    assert draw_control(frame, 0.5, "salt", "main").to_list() == [False]


def test_owners_of_a_joint_account_share_a_household_and_authorised_users_do_not() -> None:
    customers = pl.DataFrame({"customer_id": ["a", "b", "c"], "household_id": pl.Series([None] * 3, dtype=pl.String)})
    holdings = pl.DataFrame({"account_id": ["x", "x", "x"], "customer_id": ["c", "b", "a"], "share": [0.5, 0.5, 0.0]})
    assert households(customers, holdings)["household"].to_list() == ["a", "b", "b"]
