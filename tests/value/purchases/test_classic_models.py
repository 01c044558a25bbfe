"""BG/NBD, Pareto/NBD and gamma-gamma, held to published figures, to other forms of the formulas and to simulation."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaln, gammaln, hyp2f1

from segment.value.purchases.bg_nbd import BgNbd
from segment.value.purchases.gamma_gamma import GammaGamma
from segment.value.purchases.pareto_nbd import ParetoNbd
from segment.value.purchases.repeat_history import RepeatHistory, repeat_history

CDNOW = Path(__file__).resolve().parents[4] / "shared" / "data" / "clv" / "CDNOW_master.txt.gz"
PUBLISHED_BG = BgNbd(0.243, 4.414, 0.793, 2.426)
PUBLISHED_PARETO = ParetoNbd(0.5534, 10.5776, 0.6061, 11.6655)
PUBLISHED_SPEND = GammaGamma(6.25, 3.74, 15.44)


def history(x: float, recency: float, age: float, spend: float = 0.0) -> RepeatHistory:
    return RepeatHistory(*(np.array([value]) for value in (x, recency, age, spend)))


@pytest.fixture(scope="module")
def cdnow() -> RepeatHistory:
    if not CDNOW.exists():
        pytest.skip("needs shared/data/clv/CDNOW_master.txt.gz")
    with gzip.open(CDNOW, "rt") as lines:
        rows = [line.split() for line in lines if line.split()[0].isdigit()]
    frame = pl.DataFrame(
        {"customer_id": [r[0] for r in rows], "date": [r[1] for r in rows], "amount": [r[3] for r in rows]}
    )
    frame = frame.with_columns(pl.col("date").str.to_date("%Y%m%d"), pl.col("amount").cast(pl.Float64))
    days = frame.group_by("customer_id", "date").agg(pl.col("amount").sum()).sort("customer_id", "date")
    return repeat_history(days, dt.date(1997, 9, 30))


def test_bg_nbd_expects_what_the_papers_spreadsheet_does() -> None:
    """Fader, Hardie and Lee, Implementing the BG/NBD Model in Excel, customer 0001: 1.226 purchases in 39 weeks."""
    assert PUBLISHED_BG.expected_purchases(history(2, 30.43, 38.86), 39) == pytest.approx(1.226, abs=5e-4)


def test_pareto_nbd_says_of_who_never_came_again_what_btyd_says() -> None:
    """BTYD (CRAN), pnbd.PAlive on CDNOW: 0.2941633 after 39 weeks without a second purchase."""
    assert PUBLISHED_PARETO.alive(history(0, 0, 39)) == pytest.approx(0.2941633, abs=2e-4)


def test_gamma_gamma_expects_the_published_mean_of_who_never_came_again() -> None:
    """Fader and Hardie, The Gamma-Gamma Model of Monetary Value, section 5: p v / (q - 1), 35.2 dollars."""
    assert PUBLISHED_SPEND.expected_spend(history(0, 0, 39)) == pytest.approx(6.25 * 15.44 / 2.74)


def test_all_of_cdnow_gives_parameters_near_those_published_for_a_tenth_of_it(cdnow: RepeatHistory) -> None:
    found = BgNbd.fit(cdnow)
    assert (found.r, found.alpha, found.a, found.b) == pytest.approx((0.243, 4.414, 0.793, 2.426), rel=0.12)
    spend = GammaGamma.fit(cdnow)
    assert (spend.p, spend.q, spend.v) == pytest.approx((6.25, 3.74, 15.44), rel=0.05)
    pareto = ParetoNbd.fit(cdnow)
    assert (pareto.r, pareto.alpha) == pytest.approx((0.553, 10.578), rel=0.12)


def test_no_parameters_nearby_make_cdnow_more_likely(cdnow: RepeatHistory) -> None:
    for model in (BgNbd.fit(cdnow), ParetoNbd.fit(cdnow), GammaGamma.fit(cdnow)):
        best = model.log_likelihood(cdnow).sum()
        for name, value in vars(model).items():
            for factor in (0.98, 1.02):
                moved = type(model)(**(vars(model) | {name: value * factor}))
                assert moved.log_likelihood(cdnow).sum() < best


@given(
    x=st.integers(0, 60), place=st.floats(0.01, 1), age=st.floats(1, 200), r=st.floats(0.2, 3),
    alpha=st.floats(1, 30), s=st.floats(0.2, 3), beta=st.floats(1, 30),
)  # fmt: skip
def test_pareto_nbd_is_the_difference_of_hypergeometric_functions(
    x: int, place: float, age: float, r: float, alpha: float, s: float, beta: float
) -> None:
    """Fader and Hardie, A Note on Deriving the Pareto/NBD Model (2005), equations 23 to 26."""
    recency, power, big = (place * age if x else 0.0), r + s + x, max(alpha, beta)
    upper = s + 1 if alpha >= beta else r + x
    gap = abs(alpha - beta)
    ends = [hyp2f1(power, upper, power + 1, gap / (big + t)) / (big + t) ** power for t in (recency, age)]
    if not ends[0] > 1.001 * ends[1] > 0:
        return  # the difference cancels
    alive = 1 / ((alpha + age) ** (r + x) * (beta + age) ** s)
    logged = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    logged += np.log(alive + s / power * (ends[0] - ends[1]))
    found = ParetoNbd(r, alpha, s, beta).log_likelihood(history(x, recency, age))
    assert found == pytest.approx(logged, abs=2e-3)


def test_bg_nbd_is_the_papers_likelihood_by_hand() -> None:
    """Equation 6 of the paper, for two repeat purchases."""
    r, alpha, a, b = 0.5, 3.0, 0.8, 2.5
    x, recency, age = 2, 5.0, 9.0
    first = np.exp(betaln(a, b + x) - betaln(a, b)) / (alpha + age) ** (r + x)
    second = np.exp(betaln(a + 1, b + x - 1) - betaln(a, b)) / (alpha + recency) ** (r + x)
    by_hand = np.log(np.exp(gammaln(r + x) - gammaln(r)) * alpha**r * (first + second))
    assert BgNbd(r, alpha, a, b).log_likelihood(history(x, recency, age)) == pytest.approx(by_hand)


@pytest.mark.parametrize("kind", [BgNbd, ParetoNbd])
def test_expected_purchases_are_none_at_once_and_grow_no_faster_than_the_rate(
    kind: type[BgNbd] | type[ParetoNbd],
) -> None:
    model = kind(0.5, 8.0, 0.9, 3.0)
    for x in (0.0, 3.0, 400.0):
        known = history(x, 30.0 if x else 0.0, 39.0)
        weeks = [float(model.expected_purchases(known, each)[0]) for each in (1e-6, 10.0, 20.0, 52.0)]
        assert weeks[0] == pytest.approx(0, abs=1e-4)
        assert np.all(np.diff(weeks) > 0)
        assert weeks[3] < (0.5 + x) / (8 + 39) * 52


def test_pareto_nbd_expects_what_simulated_customers_do() -> None:
    rng = np.random.default_rng(0)
    model, n, age, ahead = ParetoNbd(0.8, 6.0, 0.7, 12.0), 400_000, 30.0, 20.0
    rate, leaves = rng.gamma(0.8, 1 / 6.0, n), rng.exponential(1 / rng.gamma(0.7, 1 / 12.0, n))
    before = rng.poisson(rate * np.minimum(leaves, age))
    after = rng.poisson(rate * np.clip(leaves - age, 0, ahead))
    never = before == 0
    assert model.expected_purchases(history(0, 0, age), ahead) == pytest.approx(after[never].mean(), rel=0.03)
