"""Every figure of the table, against the plain metrics on the same customers."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl
import pytest

from segment import metrics
from segment.departures import Landmarks
from segment.departures.signs import SIGNS
from segment.evaluation.evaluate_window import (
    SCHEMA,
    Realised,
    Resampling,
    evaluate_main_bank,
    evaluate_window,
    evaluate_window_departures,
)
from segment.evaluation.rival_forecasts import RivalForecast, ScoredWindow
from segment.evaluation.subgroups import subgroups
from segment.evaluation.too_few import LEAST_OF_A_GROUP, NOT_JUDGED
from segment.main_bank.flag_metrics import main_bank_metrics
from segment.policy.tenure_hazards import DeparturePrior
from segment.tiers import TIERS

AS_OF, CUSTOMERS = dt.date(2024, 12, 31), 300
COST = ((0.0, 2.0, 5.0, 12.0), (1.0, 0.0, 2.0, 6.0), (3.0, 1.0, 0.0, 2.0), (5.0, 3.0, 1.0, 0.0))
DRAWN = Resampling(200, seed=1)


def _tiers(seed: int) -> pl.Series:
    return pl.Series("tier", np.array(TIERS)[np.random.default_rng(seed).integers(0, 4, CUSTOMERS)].tolist())


@pytest.fixture(scope="module")
def book() -> tuple[ScoredWindow, Realised]:
    rng = np.random.default_rng(0)
    actual = rng.standard_t(3, CUSTOMERS) * 100 + 150
    better, baseline = actual + rng.normal(0, 40, CUSTOMERS), actual + rng.normal(0, 90, CUSTOMERS)
    quantiles = np.column_stack([better - 50, better, better + 50])
    forecasts = (
        RivalForecast("model", better, quantiles, _tiers(1)),
        RivalForecast("persistence", baseline, None, _tiers(2)),
        RivalForecast("model_at_least_cost", None, None, _tiers(3)),
    )
    return ScoredWindow(forecasts, rng.uniform(0, 1, CUSTOMERS), _tiers(1)), Realised(actual, _tiers(4))


@pytest.fixture(scope="module")
def snapshot() -> pl.DataFrame:
    rng = np.random.default_rng(5)
    branches = [f"b{number}" for number in rng.choice(6, CUSTOMERS, p=[0.4, 0.25, 0.15, 0.1, 0.06, 0.04])]
    return pl.DataFrame({"branch_id": branches, "tenure_months": rng.integers(0, 200, CUSTOMERS)})


@pytest.fixture(scope="module")
def table(book: tuple[ScoredWindow, Realised], snapshot: pl.DataFrame) -> pl.DataFrame:
    scored, realised = book
    groups = subgroups(snapshot, scored.tiers)
    return evaluate_window(AS_OF, scored, realised, groups, COST, DRAWN, is_last=True)


def _value(table: pl.DataFrame, model: str, metric: str, group: str = "all", value: str = "all") -> float:
    return table.filter(
        (pl.col("model") == model)
        & (pl.col("metric") == metric)
        & (pl.col("group") == group)
        & (pl.col("group_value") == value)
    )["value"].item()


def test_figures_of_all_customers_are_the_plain_ones(table: pl.DataFrame, book: tuple[ScoredWindow, Realised]) -> None:
    scored, realised = book
    actual, model, baseline = realised.contribution, scored.forecasts[0], scored.forecasts[1].mean
    assert model.mean is not None
    assert model.quantiles is not None
    assert baseline is not None
    expected = {
        "spearman": metrics.spearman(actual, model.mean),
        "normalised_gini": metrics.normalised_gini(actual, model.mean),
        "top_decile_capture": metrics.top_decile_capture(actual, model.mean),
        "bottom_decile_loss_capture": metrics.bottom_decile_loss_capture(actual, model.mean),
        "mae": metrics.mean_absolute_error(actual, model.mean),
        "mae_skill": metrics.skill(actual, model.mean, baseline),
        "total_predicted_over_actual": metrics.total_ratio(actual, model.mean),
        "coverage_p10_p90": metrics.coverage(actual, model.quantiles[:, 0], model.quantiles[:, 2]),
        "pinball_p90": metrics.pinball(actual, model.quantiles[:, 2], 0.9),
        "decile_10_ratio": float(metrics.decile_calibration(actual, model.mean).ratio[-1]),
        "mae_over_persistence": metrics.mean_absolute_error(actual, model.mean)
        - metrics.mean_absolute_error(actual, baseline),
    }
    assert {name: _value(table, "model", name) for name in expected} == pytest.approx(expected)


def test_figures_of_a_group_are_those_of_its_customers_alone(
    table: pl.DataFrame, book: tuple[ScoredWindow, Realised], snapshot: pl.DataFrame
) -> None:
    scored, realised = book
    here = ((snapshot["tenure_months"] >= 36) & (snapshot["tenure_months"] < 120)).to_numpy()
    assert scored.forecasts[0].mean is not None
    expected = metrics.spearman(realised.contribution[here], scored.forecasts[0].mean[here])
    assert _value(table, "model", "spearman", "tenure", "3 to 10 years") == pytest.approx(expected)


def test_a_value_lies_in_its_interval_and_columns_are_the_promised_ones(table: pl.DataFrame) -> None:
    assert table.schema == pl.Schema(SCHEMA)
    inside = table.filter(pl.col("metric").is_in(["mae", "coverage_p10_p90", "tier_accuracy", "mean_actual"]))
    assert inside.select(((pl.col("low") <= pl.col("value")) & (pl.col("value") <= pl.col("high"))).all()).item()
    few = pl.col("metric") == NOT_JUDGED
    assert table.filter(~few)["n"].min() >= LEAST_OF_A_GROUP  # type: ignore[operator]
    # of a group that is too small only the number of its customers stands there
    assert table.filter(few).select("value", "n").rows() == [(None, 28), (None, 18)]


def test_who_gives_only_a_mean_has_no_coverage_and_who_gives_only_tiers_no_error(table: pl.DataFrame) -> None:
    def of(model: str) -> set[str]:
        return set(table.filter(pl.col("model") == model)["metric"])

    assert "coverage_p10_p90" not in of("persistence")
    assert "mae" not in of("model_at_least_cost")
    assert {"tier_cost", "tier_cost_over_persistence"} <= of("model_at_least_cost")
    assert not any(metric.endswith("_over_persistence") for metric in of("persistence"))


def test_a_difference_is_taken_pair_by_pair(table: pl.DataFrame) -> None:
    """The interval of a difference over the same resamples is narrower than the two intervals together."""
    rows = table.filter((pl.col("group") == "all") & (pl.col("model") == "model"))
    width = {name: high - low for name, low, high in rows.select("metric", "low", "high").iter_rows()}
    baseline = table.filter(
        (pl.col("group") == "all") & (pl.col("model") == "persistence") & (pl.col("metric") == "mae")
    )
    assert width["mae_over_persistence"] < width["mae"] + (baseline["high"] - baseline["low"]).item()


def test_customers_without_a_tier_are_left_out_of_the_tiers_figures(book: tuple[ScoredWindow, Realised]) -> None:
    scored, realised = book
    only = Realised(
        realised.contribution, pl.Series("tier", [realised.tiers[0], *([None] * (CUSTOMERS - 1))], dtype=pl.String)
    )
    everyone = {("all", "all"): np.ones(CUSTOMERS, dtype=np.bool_)}
    table = evaluate_window(AS_OF, scored, only, everyone, COST, DRAWN, is_last=False)
    given = scored.forecasts[0].tiers[0]
    assert _value(table, "model", "tier_cost") == COST[TIERS.index(only.tiers[0])][TIERS.index(given)]


def test_branches_fall_into_thirds_by_their_customers(snapshot: pl.DataFrame) -> None:
    groups = subgroups(snapshot, _tiers(1))
    sizes = {name: set(snapshot["branch_id"].filter(pl.Series(groups["branch_size", name]))) for name in
             ("small", "middle", "large")}  # fmt: skip
    assert [len(branches) for branches in sizes.values()] == [2, 2, 2]
    assert sizes["large"] == {"b0", "b1"}


def _labels(days_after: int, count: int) -> pl.DataFrame:
    rng = np.random.default_rng(2)
    return pl.DataFrame(
        {
            "customer_id": [f"c{number}" for number in range(count)],
            "observed_on": [AS_OF + dt.timedelta(days_after)] * count,
            "main_bank_here": rng.random(count) < 0.5,
            "source": ["survey"] * count,
        }
    )


def test_labels_of_the_next_year_judge_the_main_bank() -> None:
    ids = pl.Series([f"c{number}" for number in range(CUSTOMERS)])
    elsewhere = np.random.default_rng(7).uniform(0, 1, CUSTOMERS)
    labels = _labels(30, 120)
    found = evaluate_main_bank(AS_OF, ids, elsewhere, labels, DRAWN, is_last=False)
    expected = main_bank_metrics((~labels["main_bank_here"]).cast(pl.Float64).to_numpy(), elsewhere[:120])
    assert _value(found, "model", "main_bank_roc_auc") == pytest.approx(expected["roc_auc"])
    assert _value(found, "model", "main_bank_calibration_error") == expected["expected_calibration_error"]
    assert found["n"].to_list() == [120, 120]


@pytest.mark.parametrize(("days_after", "count"), [(0, 120), (-10, 120), (400, 120), (30, 49)])
def test_labels_known_before_or_too_late_or_too_few_judge_nothing(days_after: int, count: int) -> None:
    ids = pl.Series([f"c{number}" for number in range(CUSTOMERS)])
    found = evaluate_main_bank(AS_OF, ids, np.zeros(CUSTOMERS), _labels(days_after, count), DRAWN, is_last=False)
    assert found.schema == pl.Schema(SCHEMA)
    # labels of the next year that are too few are counted; others are not this window's
    told = [("main_bank_not_judged", None, 49)] if count == 49 else []
    assert found.select("metric", "value", "n").rows() == told


def test_departures_of_a_window_are_judged_beside_the_simple_rule() -> None:
    signs = np.full((880, len(SIGNS)), np.nan)
    gone = np.arange(880) % 11 == 0
    signs[:, SIGNS.index("salary_income_1m_of_usual")] = ~gone
    months = np.where(gone, 2.0, -12.0)
    known = np.repeat([24, 12], 440)
    landmarks = Landmarks(signs, months, np.zeros(880), np.ones(880), np.arange(880).astype(str), known)
    rows = evaluate_window_departures(AS_OF, landmarks, DeparturePrior(), 0, is_last=True)
    assert rows["metric"].to_list() == ["departures_warned", "departures_warned_by_rule"]
    assert rows["n"].to_list() == [40, 40]
    assert rows["value"].to_list() == [1.0, 0.0]
    few = evaluate_window_departures(AS_OF, landmarks.at(np.arange(880) >= 780), DeparturePrior(), 0, is_last=True)
    assert few.select("metric", "value", "n").rows() == [("departures_not_judged", None, 9)]
    assert evaluate_window_departures(
        AS_OF, landmarks.at(np.arange(880) < 100), DeparturePrior(), 0, is_last=True
    ).is_empty()
