"""Figures of the odds: by hand, and against an independent computation."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from segment.tiers import TIERS
from segment.tiers.reliability import branch_sizes, coverage_by_group, early_warning_metrics, odds_metrics


def drawn(customers: int, seed: int = 0) -> tuple[np.ndarray, list[str | None]]:
    """Odds, and tiers drawn from them."""
    draw = np.random.default_rng(seed)
    odds = draw.dirichlet(np.ones(4), customers)
    place = (draw.uniform(size=(customers, 1)) > odds.cumsum(axis=1)).sum(axis=1)
    return odds, [TIERS[number] for number in place]


def test_log_loss_is_what_scikit_learn_says() -> None:
    odds, came = drawn(500)
    places = [TIERS.index(str(tier)) for tier in came]
    assert odds_metrics(odds, came)["odds_log_loss"] == pytest.approx(log_loss(places, odds, labels=range(4)))


def test_odds_that_tiers_are_drawn_from_are_calibrated_and_turned_around_are_not() -> None:
    odds, came = drawn(20_000)
    right, wrong = odds_metrics(odds, came), odds_metrics(odds[:, ::-1], came)
    for tier in TIERS:
        assert right[f"odds_ece_{tier}"] < 0.02 < wrong[f"odds_ece_{tier}"]
    assert right["odds_log_loss"] < right["odds_log_loss_of_shares"] < wrong["odds_log_loss"]


def test_customers_without_a_tier_do_not_count() -> None:
    odds, came = drawn(100)
    assert odds_metrics(np.vstack([odds, odds[:1]]), [*came, None]) == odds_metrics(odds, came)
    assert odds_metrics(odds[:1], [None]) == {}


def test_the_warnings_auc_is_what_scikit_learn_says_ties_and_all() -> None:
    draw = np.random.default_rng(1)
    warning = draw.integers(0, 10, 400) / 10
    fell = draw.uniform(size=400) < warning
    assert early_warning_metrics(warning, fell)["warning_auc"] == pytest.approx(roc_auc_score(fell, warning))


@pytest.mark.parametrize("fell", [[True] * 5, [False] * 5])
def test_where_nobody_fell_or_everybody_did_nothing_can_be_said(fell: list[bool]) -> None:
    assert early_warning_metrics([0.1, 0.2, 0.3, 0.4, 0.5], fell) == {}


def test_coverage_of_a_small_group_is_not_said() -> None:
    groups = {"tier": pl.Series(["valuable"] * 40 + ["high_value"] * 29)}
    found = coverage_by_group([True] * 30 + [False] * 39, groups)
    assert set(found) == {"coverage_tier_valuable", "coverage_tier_valuable_standard_error"}
    assert found["coverage_tier_valuable"] == 0.75


def test_branches_are_sized_by_thirds_of_the_branches() -> None:
    branch = pl.Series([name for number, name in enumerate("abcdef", start=1) for _ in range(number)])
    sizes = dict(zip(branch, branch_sizes(branch), strict=True))
    assert sizes == {"a": "small", "b": "small", "c": "middle", "d": "middle", "e": "large", "f": "large"}


def test_odds_metrics_of_a_case_computed_by_hand() -> None:
    figures = odds_metrics([[0.0, 0.5, 0.5, 0.0]] * 2, ["valuable", "break_even"])
    assert (round(figures["odds_log_loss"], 3), figures["odds_ece_valuable"]) == (0.693, 0.0)


def test_early_warning_metrics_of_a_case_computed_by_hand() -> None:
    figures = early_warning_metrics([0.9] + [0.1] * 9, [True] + [False] * 9)
    assert (figures["warning_auc"], figures["warning_precision_10"], figures["warning_base_rate"]) == (1.0, 1.0, 0.1)


def test_coverage_by_group_of_a_case_computed_by_hand() -> None:
    found = coverage_by_group([True] * 24 + [False] * 6, {"tier": pl.Series(["valuable"] * 30)})
    assert found["coverage_tier_valuable"] == 0.8
    assert found["coverage_tier_valuable_standard_error"] == pytest.approx((0.8 * 0.2 / 30) ** 0.5)


def test_branch_sizes_of_a_case_computed_by_hand() -> None:
    assert branch_sizes(pl.Series(["a", "b", "b", "c", "c", "c"])).to_list() == [
        "small",
        "middle",
        "middle",
        "large",
        "large",
        "large",
    ]
