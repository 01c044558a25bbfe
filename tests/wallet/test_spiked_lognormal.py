"""Quantiles and means of volumes that some do not have, against draws."""

from __future__ import annotations

import numpy as np
import pytest

from segment.wallet import SpikedLognormal

PRIOR = SpikedLognormal(np.array([100.0]), 1.0, 0.4)


def draws() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.where(rng.random(400_000) < 0.4, rng.lognormal(np.log(100.0), 1.0, 400_000), 0.0)


@pytest.mark.parametrize("level", [0.5, 0.7, 0.8, 0.95])
def test_quantiles_are_those_of_draws(level: float) -> None:
    assert PRIOR.quantile(level)[0] == pytest.approx(np.quantile(draws(), level), rel=0.03)


@pytest.mark.parametrize("least", [0.0, 50.0, 1_000.0])
def test_means_of_what_is_known_to_be_so_large_are_those_of_draws(least: float) -> None:
    assert PRIOR.mean(np.array([least]))[0] == pytest.approx(np.maximum(draws(), least).mean(), rel=0.03)


def test_nobody_has_less_than_what_is_known() -> None:
    assert PRIOR.quantile(0.6)[0] == 0.0
    assert PRIOR.mean(np.array([1e9]))[0] >= 1e9
