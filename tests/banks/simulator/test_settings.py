"""Each setting against its row of DOMAIN.md 6.5, over seeds, with the tests' own accounting (`accounting.py`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from segment.banks.simulator import simulate_bank
from segment.banks.simulator.parameters import SETTINGS
from tests.banks.simulator.accounting import concentration, customer_year
from tests.banks.simulator.conftest import LAST_MONTH

TIERS = ("high_value", "valuable", "break_even", "loss_making")
PAGE = {
    "base": (0.49, 390, 88, 0.97, 1.69, 0.37, -1.01, (0.14, 0.25, 0.46, 0.15)),
    "thin": (0.45, 415, -19, 0.90, 1.53, 0.52, -0.71, (0.12, 0.22, 0.48, 0.19)),
    "cn": (0.28, 660, 44, 0.58, 1.01, 0.46, -0.19, (0.08, 0.33, 0.47, 0.13)),
}
"""Cost-income, mean and median contribution, top 5 %, top 20 %, any loss, bottom 30 %, tiers."""
FIGURES = ("cost_income", "mean", "median", "top5", "top20", "any_loss", "bottom30")
TOLERANCES = (0.06, 170.0, 80.0, 0.20, 0.30, 0.10, 0.45)
SEEDS = (21, 22)


BySeed = tuple[str, list[dict[str, float]]]


@pytest.fixture(scope="module", params=sorted(SETTINGS))
def by_seed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> BySeed:
    """A setting and the figures of its banks."""
    return request.param, [_figures(tmp_path_factory.mktemp("bank"), request.param, seed) for seed in SEEDS]


def _figures(out: Path, setting: str, seed: int) -> dict[str, float]:
    simulate_bank(out, 4_000, 13, seed, setting=setting)
    return concentration(customer_year(out / "ledger", LAST_MONTH))


def test_every_setting_earns_and_loses_as_its_row_says(by_seed: BySeed) -> None:
    setting, banks = by_seed
    for name, target, tolerance in zip(FIGURES, PAGE[setting], TOLERANCES, strict=False):
        mean = float(np.mean([bank[name] for bank in banks]))
        assert abs(mean - target) <= tolerance, (setting, name, mean)


def test_loss_and_capital_take_at_most_fifteen_hundredths_of_income_more(
    by_seed: BySeed,
) -> None:
    for bank in by_seed[1]:
        assert 0.05 < bank["risk"] / bank["income"] <= 0.15


def test_the_shares_of_tiers_are_those_of_the_row_and_raise_no_alarm(
    by_seed: BySeed,
) -> None:
    setting, banks = by_seed
    for tier, target in zip(TIERS, PAGE[setting][-1], strict=True):
        assert abs(np.mean([bank[tier] for bank in banks]) - target) <= 0.06, (setting, tier)
    for bank in banks:
        assert 0.04 <= bank["high_value"] <= 0.16
        assert max(TIERS, key=lambda tier: bank[tier]) == "break_even"
