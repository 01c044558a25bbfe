from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest

from segment.clustering.inputs_of_clusters import (
    as_floats,
    as_frame,
    columns_to_cluster,
    numeric_columns,
    require_known,
)
from segment.exceptions import ModelError

ODDS = ["high", "valuable", "even", "loss"]
BESIDE = {"value": [1.0, 2.0], "visits": [1, None], "name": ["x", "y"], "staff": [True, False]}
VALUES = {name: [0.25, 0.25] for name in ODDS} | BESIDE


@pytest.mark.parametrize("library", [pd, pl])
def test_numbers_and_flags_are_clustered_and_words_and_the_value_are_not(library):
    frame = as_frame(library.DataFrame(VALUES))
    assert numeric_columns(frame) == [*ODDS, "value", "visits", "staff"]
    assert columns_to_cluster(frame, ODDS, "value", None) == [*ODDS, "visits", "staff"]
    assert columns_to_cluster(frame, ODDS, "value", ("visits",)) == [*ODDS, "visits"]


@pytest.mark.parametrize("library", [pd, pl])
def test_what_is_missing_stays_missing(library):
    read = np.asarray(as_floats(as_frame(library.DataFrame(VALUES)), ["visits", "staff"]), dtype=float)
    assert read == pytest.approx(np.array([[1.0, 1.0], [np.nan, 0.0]]), nan_ok=True)


def test_an_array_and_a_frame_without_odds_are_clustered_plainly():
    assert columns_to_cluster(as_frame(np.ones((2, 5))), ODDS, "value", None) == []
    assert columns_to_cluster(as_frame(pl.DataFrame(VALUES).drop("even")), ODDS, "value", None) == []


def test_missing_columns_are_named():
    with pytest.raises(ModelError, match="2 are missing: balance, visits_12m"):
        as_floats(as_frame(pl.DataFrame(VALUES)), ["value", "balance", "visits_12m"])


@pytest.mark.parametrize("place", range(4))
def test_no_odds_may_be_unknown(place):
    numbers = np.array([[0.25, 0.25, 0.25, 0.25, np.nan]] * 2)
    require_known(numbers, 4)
    numbers[1, place] = np.nan
    with pytest.raises(ModelError, match=r"missing for 1 customer"):
        require_known(numbers, 4)


def test_as_frame_of_a_case_computed_by_hand() -> None:
    assert as_frame([[1.0]]) is None


def test_numeric_columns_of_a_case_computed_by_hand() -> None:
    assert numeric_columns(nw.from_native(pl.DataFrame({"customer_id": ["a"], "visits": [1], "is_staff": [True]}))) == [
        "visits",
        "is_staff",
    ]


def test_columns_to_cluster_of_a_case_computed_by_hand() -> None:
    frame = nw.from_native(pl.DataFrame({"chance": [1.0], "money": [2.0], "n": [3]}))
    assert columns_to_cluster(frame, ["chance"], "money", None) == ["chance", "n"]


def test_as_floats_of_a_case_computed_by_hand() -> None:
    assert repr(as_floats(nw.from_native(pl.DataFrame({"visits": [1, 2]})), ["visits"]).dtypes) == "[Float64]"
