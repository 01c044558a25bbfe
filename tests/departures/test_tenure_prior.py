"""The prior of DOMAIN.md 3.8, with the test values that stand there."""

from __future__ import annotations

import numpy as np
import pytest

from segment.departures.tenure_prior import leaving_prior, moving_prior, with_evidence
from segment.policy.tenure_hazards import DeparturePrior

PRIOR = DeparturePrior()


def worth(tenure: float, main: bool) -> float:
    """Sum of what survives of 36 months, ramped up over six and discounted at 8% a year."""
    hazards = np.concatenate([leaving_prior([tenure + year], [main], PRIOR)[0] for year in (0.0, 12.0, 24.0)])
    month = np.arange(1, 37)
    return float((np.cumprod(1.0 - hazards) * np.minimum(1.0, month / 6.0) / 1.08 ** (month / 12.0)).sum())


def test_the_prior_reproduces_the_test_values() -> None:
    assert worth(60.0, main=True) == pytest.approx(26.9, abs=0.05)
    assert worth(0.0, main=True) == pytest.approx(22.7, abs=0.35)


def test_about_a_fifth_leave_in_their_first_year() -> None:
    assert 1.0 - np.prod(1.0 - leaving_prior([0.0], [False], PRIOR)[0]) == pytest.approx(0.22, abs=0.005)


def test_other_relations_end_sooner_and_a_month_of_the_first_year_is_riskier() -> None:
    hazards = leaving_prior([6.0, 24.0, 24.0], [True, True, False], PRIOR)
    assert hazards[0].tolist() == [0.014] * 6 + [0.005] * 6
    assert hazards[1:, 0].tolist() == [0.005, 0.012]


def test_main_banks_move_at_about_five_percent_a_year() -> None:
    assert 1.0 - np.prod(1.0 - moving_prior(1, PRIOR)[0]) == pytest.approx(0.05, abs=0.002)


def test_signs_raise_the_odds_by_no_more_than_outside_figures_allow() -> None:
    prior = moving_prior(4, PRIOR)
    raised = with_evidence(prior, np.array([0.0, 1.0, 2.0, 2.5]), PRIOR)
    odds = (raised / (1.0 - raised))[:, 0] / (prior / (1.0 - prior))[:, 0]
    np.testing.assert_allclose(odds, np.exp([0.0, 0.65, 1.3, 1.3]))
