from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from segment.audit.conditional import conditional_rates, mantel_haenszel
from segment.audit.selection_rates import group_rates
from segment.audit.verdict import FAR, WITHIN, with_verdicts
from segment.policy.fairness import Audit

LIMITS = Audit()


def counts(seed: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    of, other_of = rng.integers(10, 80, 5), rng.integers(10, 80, 5)
    return rng.binomial(of, 0.3), of, rng.binomial(other_of, 0.45), other_of


@pytest.mark.parametrize("seed", range(6))
def test_common_ratios_and_test_are_those_of_statsmodels(seed: int) -> None:
    hits, of, other, other_of = counts(seed)
    tables = [np.array([[a, n - a], [c, m - c]]) for a, n, c, m in zip(hits, of, other, other_of, strict=True)]
    reference, found = StratifiedTable(tables), mantel_haenszel(hits, of, other, other_of)
    assert found.odds_ratio == pytest.approx(reference.oddsratio_pooled)
    assert found.risk_ratio == pytest.approx(reference.riskratio_pooled)
    assert found.p == pytest.approx(reference.test_null_odds(correction=True).pvalue)


def test_common_odds_by_hand() -> None:
    """Two bands: 10 of 20 against 5 of 20, and 4 of 20 against 2 of 20."""
    found = mantel_haenszel(np.array([10, 4]), np.array([20, 20]), np.array([5, 2]), np.array([20, 20]))
    assert found.odds_ratio == pytest.approx((10 * 15 / 40 + 4 * 18 / 40) / (10 * 5 / 40 + 16 * 2 / 40))
    assert found.risk_ratio == pytest.approx(2.0)


def judged(decided: np.ndarray, group: np.ndarray, band: np.ndarray) -> tuple[str, str]:
    words, table = pl.DataFrame({"g": group}), pl.DataFrame({"high": decided})
    rates = group_rates(words, table, {"high": "benefit"}, 50)
    within = conditional_rates(words, table, pl.Series(band), rates)
    found = [one.filter(pl.col("group") != pl.col("reference")) for one in with_verdicts([rates, within], LIMITS)]
    return found[0]["verdict"].item(), found[1]["verdict"].item()


def test_a_difference_that_income_explains_is_gone_among_customers_of_like_income() -> None:
    rng = np.random.default_rng(5)
    group = np.where(rng.random(4_000) < 0.5, "a", "b")
    band = np.where(group == "a", rng.integers(1, 4, 4_000), rng.integers(3, 6, 4_000))
    assert judged(rng.random(4_000) < 0.05 * band, group, band) == (FAR, WITHIN)


def test_one_that_income_does_not_explain_stays() -> None:
    rng = np.random.default_rng(5)
    group, band = np.where(rng.random(4_000) < 0.5, "a", "b"), rng.integers(1, 6, 4_000)
    assert judged(rng.random(4_000) < 0.05 * band * np.where(group == "a", 0.6, 1.0), group, band) == (FAR, FAR)


def test_groups_that_share_no_band_are_not_compared() -> None:
    words = pl.DataFrame({"g": ["a"] * 60 + ["b"] * 60})
    table = pl.DataFrame({"high": [True, False, False] * 20 + [True, True, False] * 20})
    rates = group_rates(words, table, {"high": "benefit"}, 50)
    within = conditional_rates(words, table, pl.Series([1] * 60 + [2] * 60), rates)
    assert within.select("customers", "bands", "p").row(0) == (0, 0, None)
    assert with_verdicts([within], LIMITS)[0]["verdict"].item() == "too few"


def test_mantel_haenszel_of_a_case_computed_by_hand() -> None:
    found = mantel_haenszel(np.array([20, 60]), np.array([100, 100]), np.array([20, 60]), np.array([100, 100]))
    assert (found.odds_ratio, found.risk_ratio, found.p) == (1.0, 1.0, 1.0)
