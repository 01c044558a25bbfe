from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from segment.main_bank import labels_at, labels_by_date
from segment.main_bank.labels import representative_weights, response_weights

AS_OF = dt.date(2025, 6, 30)


def rows(*labels: tuple[str, dt.date, bool | None, str]) -> pl.DataFrame:
    schema = {
        "customer_id": pl.String,
        "observed_on": pl.Date,
        "main_bank_here": pl.Boolean,
        "source": pl.String,
    }
    return pl.DataFrame(labels, schema=schema, orient="row")


def test_a_label_counts_from_the_day_it_was_observed() -> None:
    labels = rows(("a", AS_OF, False, "survey"), ("b", AS_OF + dt.timedelta(days=1), False, "survey"))
    np.testing.assert_array_equal(labels_at(labels, ["a", "b"], AS_OF).y, [1.0, np.nan])


def test_the_newest_label_counts_and_rows_keep_the_customers_order() -> None:
    labels = rows(
        ("a", dt.date(2024, 1, 1), True, "survey"),
        ("a", dt.date(2025, 1, 1), False, "survey"),
        ("b", dt.date(2025, 1, 1), True, "survey"),
    )
    np.testing.assert_array_equal(labels_at(labels, ["c", "b", "a"], AS_OF).y, [np.nan, 0.0, 1.0])


def test_a_label_without_an_answer_is_no_label() -> None:
    labels = rows(("a", dt.date(2024, 1, 1), True, "survey"), ("a", dt.date(2025, 1, 1), None, "survey"))
    assert labels_at(labels, ["a"], AS_OF).y.tolist() == [0.0]


def test_labels_from_before_since_are_too_old() -> None:
    labels = rows(("a", dt.date(2022, 1, 1), True, "survey"))
    assert np.isnan(labels_at(labels, ["a"], AS_OF, since=dt.date(2024, 7, 1)).y).all()


def test_on_one_day_the_most_trusted_source_counts() -> None:
    labels = rows(("a", AS_OF, True, "adviser"), ("a", AS_OF, False, "open_banking"))
    found = labels_at(labels, ["a"], AS_OF, source_weights={"adviser": 0.7})
    assert (found.y.tolist(), found.weight.tolist()) == ([1.0], [1.0])


def test_equally_trusted_labels_that_contradict_each_other_are_none() -> None:
    labels = rows(("a", AS_OF, True, "survey"), ("a", AS_OF, False, "survey"))
    assert np.isnan(labels_at(labels, ["a"], AS_OF).y).all()


def test_a_sources_weight_goes_with_its_label() -> None:
    labels = rows(("a", AS_OF, True, "adviser"), ("b", AS_OF, True, "survey"))
    assert labels_at(labels, ["a", "b"], AS_OF, source_weights={"adviser": 0.7}).weight.tolist() == [0.7, 1.0]


def test_no_labels_at_all_gives_a_customer_without_one() -> None:
    assert np.isnan(labels_at(rows(), ["a"], AS_OF).y).all()


def test_those_who_answer_less_often_weigh_more_up_to_the_clip() -> None:
    rng = np.random.default_rng(0)
    old = np.repeat([0.0, 1.0], 1000)
    answered = rng.random(2000) < np.where(old == 1.0, 0.4, 0.1)
    weight = response_weights(old[:, None], answered)
    asked_more_often = answered[old == 1.0].mean() / answered[old == 0.0].mean()
    assert weight[0] / weight[-1] == pytest.approx(asked_more_often, rel=0.05)
    assert weight[answered].mean() == pytest.approx(1.0)


def test_customers_like_those_who_seldom_answer_weigh_more() -> None:
    rng = np.random.default_rng(0)
    active = np.repeat([40.0, 2.0], 2000)
    y = np.where(rng.random(4000) < np.where(active > 10, 0.2, 0.05), 1.0, np.nan)
    y[~np.isnan(y)] = rng.integers(0, 2, int((~np.isnan(y)).sum()))
    snapshot = pl.DataFrame({"initiated_events_12m": active})
    weight = representative_weights(snapshot, y, None, 10.0)
    answered = ~np.isnan(y)
    shares = [weight[answered & (active == kind)].sum() for kind in (40.0, 2.0)]
    assert shares[0] == pytest.approx(shares[1], rel=0.1)
    assert representative_weights(snapshot, y, np.full(4000, 0.5), 10.0) == pytest.approx(0.5 * weight)


def test_the_clip_holds_where_one_in_twenty_five_is_asked() -> None:
    rng = np.random.default_rng(0)
    active = np.repeat([1.0, 0.0], 10_000)
    answered = rng.random(20_000) < np.where(active == 1.0, 0.079, 0.001)
    weight = response_weights(active[:, None], answered, clip=10.0)
    assert weight[-1] > 10 * weight[0]


def test_labels_of_one_kind_are_no_survey() -> None:
    snapshot = pl.DataFrame({"tenure_months": np.arange(100.0)})
    y = np.where(np.arange(100) < 30, 1.0, np.nan)
    assert representative_weights(snapshot, y, None, 10.0).tolist() == [1.0] * 100


def test_representative_weights_of_a_case_computed_by_hand() -> None:
    snapshot = pl.DataFrame({"tenure_months": [1.0, 2.0, 3.0]})
    assert repr(representative_weights(snapshot, np.array([1.0, np.nan, 1.0]), None, 10.0)) == "array([1., 1., 1.])"


def test_response_weights_of_a_case_computed_by_hand() -> None:
    assert repr(response_weights(np.zeros((4, 1)), [True, True, False, False])) == "array([1., 1., 1., 1.])"


def test_each_row_has_the_answer_that_is_nearest_to_its_date_and_no_answer_serves_twice() -> None:
    answers = pl.DataFrame(
        {
            "customer_id": ["a", "a", "a", "b", "c", "d"],
            "observed_on": [
                dt.date(2023, 11, 30), dt.date(2024, 1, 15), dt.date(2025, 2, 1), dt.date(2022, 12, 31),
                dt.date(2022, 11, 30), dt.date(2026, 1, 1),
            ],
            "main_bank_here": [True, False, True, False, False, False],
            "source": ["survey"] * 6,
        }
    )  # fmt: skip
    early, late = dt.date(2023, 12, 31), dt.date(2025, 12, 31)
    rows = pl.DataFrame({"customer_id": [*"abcd", *"abcd"], "as_of": [early] * 4 + [late] * 4})
    found = labels_by_date(answers, rows, 12)
    # of a's two answers about 2023 the newer one; b's lies twelve months off, c's thirteen; d's comes after all dates
    np.testing.assert_array_equal(found.y, [1, 1, np.nan, np.nan, 0, np.nan, np.nan, np.nan])
    assert np.isnan(labels_by_date(answers, rows, 0).y).all()
