"""The measuring code finds the published effects of a real experiment: Hillstrom's e-mails to 64,000 customers."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict

import numpy as np
import polars as pl
import pytest

from segment.effects.checks import LEAST_RATIO_P, balance, sample_ratio
from segment.effects.intention import effect
from tests.banks.berka.bank import SHARED, needs_shared

FILE = SHARED.parent / "hillstrom.csv.gz"

pytestmark = needs_shared

# Hillstrom, MineThatData E-Mail Analytics Challenge (2008): visits in percent and spend in dollars of each arm
PUBLISHED = {"Mens E-Mail": (18.28, 1.42), "Womens E-Mail": (15.14, 1.08), "No E-Mail": (10.62, 0.65)}


@pytest.fixture(scope="module")
def customers() -> pl.DataFrame:
    return pl.read_csv(gzip.decompress(FILE.read_bytes()), infer_schema_length=None)


@pytest.fixture(scope="module")
def by_hand() -> dict[str, tuple[float, float]]:
    """Mean visit and spend of each arm, by plain addition."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    with gzip.open(FILE, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            arm = sums[row["segment"]]
            arm[0] += 1
            arm[1] += int(row["visit"])
            arm[2] += float(row["spend"])
    return {name: (visits / count, spend / count) for name, (count, visits, spend) in sums.items()}


def test_the_arms_are_the_published_ones(by_hand: dict[str, tuple[float, float]]) -> None:
    for arm, (visits, spend) in PUBLISHED.items():
        assert round(100 * by_hand[arm][0], 2) == visits
        assert round(by_hand[arm][1], 2) == spend


@pytest.mark.parametrize("arm", ["Mens E-Mail", "Womens E-Mail"])
def test_the_effect_is_the_difference_and_is_found(
    customers: pl.DataFrame, by_hand: dict[str, tuple[float, float]], arm: str
) -> None:
    both = customers.filter(pl.col("segment").is_in([arm, "No E-Mail"]))
    treated = (both["segment"] == arm).to_numpy()
    for place, outcome in enumerate(("visit", "spend")):
        made = effect(both[outcome].to_numpy(), treated, group=np.arange(both.height))
        assert made.estimate == pytest.approx(by_hand[arm][place] - by_hand["No E-Mail"][place])
        assert made.low > 0.0
        assert made.p_value < 0.01
        helped = effect(
            both[outcome].to_numpy(), treated, group=np.arange(both.height), before=both["history"].to_numpy()
        )
        assert helped.estimate == pytest.approx(made.estimate, abs=made.standard_error)
        assert helped.standard_error < made.standard_error


def test_the_draw_was_kept(customers: pl.DataFrame) -> None:
    both = customers.filter(pl.col("segment") != "Womens E-Mail").with_columns(
        treated=pl.col("segment") == "Mens E-Mail"
    )
    assert sample_ratio(int(both["treated"].sum()), int((~both["treated"]).sum()), 0.5) > LEAST_RATIO_P
    seen = balance(both, "treated", ["recency", "history", "mens", "womens", "newbie"])
    assert seen["standardised_difference"].abs().max() < 0.1
