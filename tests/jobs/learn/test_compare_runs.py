"""Two runs side by side, and both specs judged on the same customers."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from segment.evaluation.champion_challenger import paired_differences
from segment.evaluation.holdout import Holdout
from segment.jobs.learn.compare_runs import compare
from segment.model import SegmentationModel
from tests.conftest import Bank, Said

Run = Callable[..., Said]


def holdout(predicted: np.ndarray, actual: np.ndarray) -> Holdout:
    """A forecast of some customers, with an interval a unit wide on each side."""
    people = pl.DataFrame(
        {"customer_id": [f"c{place}" for place in range(len(actual))], "as_of": dt.date(2024, 12, 31)}
    )
    bands = np.column_stack([predicted, predicted - 1, predicted, predicted + 1])
    baseline = np.zeros(len(actual))
    return Holdout(SegmentationModel(), people, actual, people, actual, bands, baseline, out_of_time=True)


def test_a_run_beside_itself_differs_in_nothing(trained_bank: Bank) -> None:
    made = compare("1", "champion", trained_bank.tracking())
    assert made.params == []
    assert {row[3] for row in made.metrics} == {0.0}
    assert made.notes == [] or "held out" in made.to_dict()["notes"][0]
    assert [name for name, one, other in made.intervals if one != other] == []


def test_runs_are_printed_and_given_as_json(segment: Run, trained_bank: Bank) -> None:
    said = segment("compare", "1", "champion", workspace=trained_bank.workspace.root)
    assert said.code == 0, said.err
    assert "mae_skill" in said.out
    told = json.loads(segment("compare", "1", "1", "--json", workspace=trained_bank.workspace.root).out)
    assert told["runs"][0]["run_id"] == trained_bank.tracking().get("1").run_id


@pytest.mark.parametrize("unknown", ["99", "a1b2c3"])
def test_an_unknown_run_is_one_message(segment: Run, trained_bank: Bank, unknown: str) -> None:
    said = segment("compare", "1", unknown, workspace=trained_bank.workspace.root)
    assert said.code == 2
    assert f"`{unknown}` is not" in said.err
    assert "Hint:" in said.err


def test_a_better_forecast_of_the_same_customers_is_told_from_a_worse_one() -> None:
    rng = np.random.default_rng(0)
    actual = rng.lognormal(3, 1, 400)
    worse, better = actual * rng.lognormal(0, 0.8, 400), actual * rng.lognormal(0, 0.2, 400)
    found = {name: row for name, *row in paired_differences(holdout(worse, actual), holdout(better, actual)).figures}
    first, second, difference, low, high = found["mae"]
    assert second - first == pytest.approx(difference)
    assert low <= difference <= high < 0
    assert found["spearman"][3] > 0


def test_two_forecasts_that_are_one_differ_by_nothing() -> None:
    actual = np.random.default_rng(0).lognormal(3, 1, 100)
    one = holdout(actual * 1.1, actual)
    assert {tuple(row[3:]) for row in paired_differences(one, one).figures} == {(0.0, 0.0, 0.0)}
