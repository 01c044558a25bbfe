"""How features are made from the months up to a moment."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from segment.features import recipes
from segment.features.cube import Cube
from segment.features.recipes import History, histories, ratio

NAN = np.nan
MONTHS = 14


def history(*, end: int | None = None, **measures: list[float]) -> History:
    """Series are aligned at their end: the last figure is the moment's own month."""
    length = max(map(len, measures.values()))
    values = np.full((1, length, len(measures)), NAN)
    for place, figures in enumerate(measures.values()):
        values[0, length - len(figures) :, place] = figures
    cube = Cube(np.array(["x"], dtype=object), (dt.date(2025, 1, 1),) * length, tuple(measures), values)
    return histories(cube, [length if end is None else end])[0]


@pytest.mark.parametrize(
    ("recipe", "figures", "value"),
    [
        (recipes.Sum("m", 3), [9.0, 1.0, 2.0, 3.0], 6.0),
        (recipes.Sum("m", 2, before=2), [1.0, 2.0, 4.0, 8.0], 3.0),
        (recipes.Sum("m", 3), [NAN, NAN, NAN], NAN),
        (recipes.Sum("m", 3), [5.0, NAN, 1.0], 6.0),
        (recipes.Sum("m", 12, before=12), [1.0], NAN),
        (recipes.Mean("m", 3), [NAN, 1.0, 3.0], 2.0),
        (recipes.Trend("m", 2), [1.0, 1.0, 4.0, 6.0], 4.0),
        (recipes.Trend("m", 2), [4.0, 6.0], NAN),
        (recipes.Variability("m", 12), [1.0, 3.0] * 3, 0.5),
        (recipes.Variability("m", 12), [-1.0, -3.0] * 3, 0.5),
        (recipes.Variability("m", 12), [1.0] * 5, NAN),
        (recipes.Variability("m", 12), [1.0, -1.0] * 3, NAN),
        (recipes.Recency("m"), [0.0, 5.0, 0.0, 0.0], 2.0),
        (recipes.Recency("m"), [0.0, -1.0], 0.0),
        (recipes.Recency("m"), [NAN, 0.0], NAN),
        (recipes.RecencyOrObserved("m"), [NAN, 0.0, 0.0], 2.0),
        (recipes.RecencyOrObserved("m"), [1.0, 0.0], 1.0),
        (recipes.Most("m", 2), [9.0, 1.0, NAN], 1.0),
        (recipes.Most("m", 2), [9.0, NAN, NAN], NAN),
        (recipes.MonthsObserved("m"), [NAN, 0.0, 1.0], 2.0),
        (recipes.Relative("m", 1, 1.0), [2.0, 4.0, 6.0, 2.0], 0.5),
        (recipes.Relative("m", 2, 1.0, before=3), [100.0, 4.0, 4.0, 4.0, 1.0, 3.0], 0.5),
        (recipes.Relative("m", 1, 1.0), [4.0, 4.0, 2.0], NAN),
        (recipes.Relative("m", 1, 5.0), [4.0, 4.0, 4.0, 2.0], NAN),
        (recipes.Relative("m", 1, 1.0), [1.0, 1.0, 1.0, 9.0], 3.0),
        (recipes.FallingMonths("m", 0.05), [100.0, 90.0, 80.0, 70.0], 3.0),
        (recipes.FallingMonths("m", 0.05), [100.0, 90.0, 95.0, 70.0], 1.0),
        (recipes.FallingMonths("m", 0.05), [100.0, 99.0], 0.0),
        (recipes.FallingMonths("m", 0.05), [0.0, 0.0], 0.0),
        (recipes.FallingMonths("m", 0.05), [100.0, NAN], NAN),
    ],
)
def test_a_recipe_gives_the_figure_computed_by_hand(recipe: recipes.Recipe, figures: list[float], value: float) -> None:
    np.testing.assert_allclose(recipe(history(m=figures)), [value])


def test_a_portion_of_nothing_is_missing_and_not_zero() -> None:
    portion = recipes.Portion(("a", "b"), "w", 2)
    np.testing.assert_allclose(portion(history(a=[1.0, 1.0], b=[0.0, 1.0], w=[6.0, 6.0])), [0.25])
    np.testing.assert_allclose(portion(history(a=[1.0], b=[0.0], w=[0.0])), [NAN])
    np.testing.assert_allclose(portion(history(a=[1.0], b=[0.0], w=[-5.0])), [NAN])


def test_a_net_is_one_sum_less_another() -> None:
    np.testing.assert_allclose(recipes.Net("a", "b", 2)(history(a=[9.0, 1.0, 2.0], b=[5.0, 1.0, 1.0])), [1.0])


@pytest.mark.parametrize(
    "recipe",
    [
        recipes.Sum("m", 12), recipes.Mean("m", 3), recipes.Trend("m", 3), recipes.Variability("m", 12),
        recipes.Recency("m"), recipes.RecencyOrObserved("m"), recipes.Most("m", 6), recipes.MonthsObserved("m"),
        recipes.Portion(("m",), "m", 3), recipes.Net("m", "m", 3),
    ],
)  # fmt: skip
def test_a_recipe_does_not_see_months_after_the_moment(recipe: recipes.Recipe) -> None:
    past = np.random.default_rng(1).normal(10.0, 3.0, MONTHS).tolist()
    np.testing.assert_array_equal(recipe(history(m=past)), recipe(history(m=[*past, 1e9, NAN, -1e9], end=MONTHS)))


def test_a_ratio_of_a_whole_of_zero_is_unknown() -> None:
    assert repr(ratio(np.array([1.0, 1.0]), np.array([4.0, 0.0]))) == "array([0.25,  nan])"
