from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from segment.audit.groups import age_bands, income_bands, large_groups
from segment.audit.selection_rates import group_rates


def band(born: dt.date | None, as_of: dt.date) -> str | None:
    frame = pl.DataFrame({"born": [born]}, schema={"born": pl.Date})
    return frame.select(age_bands(pl.col("born"), (30, 45, 60), as_of)).item()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("born", "name"),
    [
        (dt.date(1966, 1, 1), "45 to 59"),
        (dt.date(1965, 12, 31), "60 and over"),
        (dt.date(1996, 1, 1), "under 30"),
        (dt.date(1995, 12, 31), "30 to 44"),
        (None, None),
    ],
)
def test_an_age_counts_from_the_birthday_on(born: dt.date | None, name: str | None) -> None:
    assert band(born, dt.date(2025, 12, 31)) == name


def test_a_birthday_after_the_moment_is_not_known_to_it() -> None:
    assert band(dt.date(1966, 1, 1), dt.date(2026, 1, 1)) == "60 and over"


def test_each_row_may_have_its_own_moment() -> None:
    rows = pl.DataFrame({"born": [dt.date(1990, 6, 1)] * 2, "as_of": [dt.date(2020, 5, 31), dt.date(2020, 6, 1)]})
    found = rows.select(age_bands(pl.col("born"), (30,), pl.col("as_of"))).to_series()
    assert found.to_list() == ["under 30", "30 and over"]


def test_equal_incomes_share_a_band_and_bands_are_of_like_size() -> None:
    income = pl.Series(np.random.default_rng(0).permutation(100).astype(float))
    assert sorted(income_bands(income, 5).value_counts()["count"].to_list()) == [20] * 5
    assert income_bands(pl.Series([None, 0.0, float("nan"), 9.0]), 2).to_list() == [1, 1, 1, 2]


def test_a_group_of_fifty_is_judged_and_one_of_forty_nine_is_not() -> None:
    words = pl.Series("g", ["fifty"] * 50 + ["less"] * 49 + ["more"] * 60)
    assert large_groups(words, 50) == ["fifty", "more"]
    decided = pl.DataFrame({"d": np.arange(len(words)) % 3 == 0})
    rows = group_rates(words.to_frame(), decided, {"d": "benefit"}, 50)
    assert rows.filter(pl.col("rate").is_null())["group"].to_list() == ["less"]
    assert rows["reference"].null_count() == 1


def test_a_rare_word_is_not_even_named() -> None:
    words = pl.Series("g", ["a"] * 60 + ["b"] * 60 + ["Elm Street 4"] * 3 + ["rare"] * 8)
    decided = pl.DataFrame({"d": np.arange(len(words)) % 2 == 0})
    rows = group_rates(words.to_frame(), decided, {"d": "harm"}, 50)
    assert rows["group"].to_list() == ["a", "b", "2 of fewer than 10"]
    assert rows["customers"].to_list() == [60, 60, 11]
    alone = group_rates(words.head(123).to_frame(), decided.head(123), {"d": "harm"}, 50)
    assert alone["customers"].to_list() == [60, 60, None]


def test_age_bands_of_a_case_computed_by_hand() -> None:
    people = pl.DataFrame({"born": [dt.date(1996, 1, 1), dt.date(1995, 12, 31), dt.date(1950, 1, 1), None]})
    assert people.select(age_bands(pl.col("born"), (30, 60), dt.date(2025, 12, 31))).to_series().to_list() == [
        "under 30",
        "30 to 59",
        "60 and over",
        None,
    ]


def test_income_bands_of_a_case_computed_by_hand() -> None:
    assert (
        income_bands(pl.Series([10.0, 20.0, 30.0, 40.0]), 2).to_list(),
        income_bands(pl.Series([0.0, 0.0]), 5).to_list(),
    ) == ([1, 1, 2, 2], [3, 3])


def test_large_groups_of_a_case_computed_by_hand() -> None:
    assert large_groups(pl.Series(["a"] * 50 + ["b"] * 49 + [None]), 50) == ["a"]
