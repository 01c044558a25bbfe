"""Every feature belongs to one family that a person would call one thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from segment.exceptions import PolicyError
from segment.features import catalogue
from segment.features.families import FAMILIES, choose_features, family_of
from segment.policy import load_policy

RETAIL = Path(__file__).parents[2] / "models" / "retail.toml"
NAMES = [feature.name for feature in catalogue(load_policy(RETAIL))]


def test_every_feature_of_the_catalogue_has_a_family() -> None:
    assert [name for name in NAMES if family_of(name) not in FAMILIES] == []


def test_every_family_has_features() -> None:
    assert {family_of(name) for name in NAMES} == set(FAMILIES)


def test_names_patterns_and_families_choose_and_order_is_kept() -> None:
    kept = choose_features(NAMES, ["tenure_months", "fees", "balance_*"], ["balance_wealth_*"])
    assert kept == [name for name in NAMES if name in kept]
    assert {"tenure_months", "fee_income_12m", "balance_current_12m"} <= set(kept)
    assert not [name for name in kept if "wealth" in name]


def test_an_entry_that_means_nothing_is_named() -> None:
    with pytest.raises(PolicyError, match="`moon_phase` is no name, pattern or family"):
        choose_features(NAMES, leave_out=["moon_phase"])
    with pytest.raises(PolicyError, match="leaves none"):
        choose_features(NAMES, ["fees"], ["fees"])


def test_a_feature_has_a_family() -> None:
    assert (family_of("deposits_12m"), family_of("signal_sweep_share")) == ("balances", "other_banks")


def test_features_are_chosen_by_family_and_pattern() -> None:
    assert choose_features(["income_3m", "income_12m", "tenure_months"], ["value"], ["*_3m"]) == ["income_12m"]
