"""The control arm is drawn by household, in strata, by a secret."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from segment.upgrade.control import draw_control, households


def asked(count: int, strata: int = 1) -> pl.DataFrame:
    return pl.DataFrame(
        {"household": [f"h{n}" for n in range(count)], "stratum": [f"s{n % strata}" for n in range(count)]}
    )


@given(
    salt=st.text(min_size=1, max_size=5),
    count=st.integers(1, 400),
    strata=st.integers(1, 12),
    share=st.floats(0.0, 1.0),
)
def test_every_stratum_and_the_whole_have_their_share_to_one_household(
    salt: str, count: int, strata: int, share: float
) -> None:
    drawn = asked(count, strata).with_columns(draw_control(asked(count, strata), share, salt, "main"))
    assert abs(drawn["control"].sum() - share * count) <= 1.0 + 1e-9
    parts = drawn.group_by("stratum").agg(pl.col("control").sum(), pl.len())
    assert ((parts["control"] - share * parts["len"]).abs() <= 1.0 + 1e-9).all()


def test_the_same_salt_draws_the_same_and_another_draws_anew() -> None:
    first = draw_control(asked(200), 0.2, "salt", "main").to_list()
    assert draw_control(asked(200), 0.2, "salt", "main").to_list() == first
    assert draw_control(asked(200), 0.2, "other", "main").to_list() != first
    assert draw_control(asked(200), 0.2, "salt", "second").to_list() != first


def test_a_household_is_drawn_as_often_as_any_other() -> None:
    often = sum(draw_control(asked(20, 3), 0.25, f"salt {n}", "main").cast(pl.Int64) for n in range(800)) / 800  # type: ignore[operator]
    assert abs(often - 0.25).max() < 0.06


def test_owners_of_a_joint_account_share_a_household_and_authorised_users_do_not() -> None:
    customers = pl.DataFrame({"customer_id": ["a", "b", "c"], "household_id": pl.Series([None] * 3, dtype=pl.String)})
    holdings = pl.DataFrame({"account_id": ["x", "x", "x"], "customer_id": ["c", "b", "a"], "share": [0.5, 0.5, 0.0]})
    assert households(customers, holdings)["household"].to_list() == ["a", "b", "b"]


def test_households_of_a_case_computed_by_hand() -> None:
    customers = pl.DataFrame({"customer_id": ["a", "b", "c"], "household_id": ["h", None, "h"]})
    holdings = pl.DataFrame({"account_id": ["x"], "customer_id": ["b"], "share": [1.0]})
    assert households(customers, holdings)["household"].to_list() == ["a", "b", "a"]


def test_draw_control_of_a_case_computed_by_hand() -> None:
    asked = pl.DataFrame({"household": ["h1", "h2", "h3", "h4"], "stratum": ["a", "a", "b", "b"]})
    assert int(draw_control(asked, 0.5, "salt", "upgrade").sum()) == 2
