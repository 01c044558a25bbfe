"""The catalogue lists every feature, and says what it is for."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import get_args

from segment.features import KEYS, catalogue, target_name
from segment.features.feature import Use
from segment.policy.decisions import MainBankWeights
from tests.features.random_bank import random_bank
from tests.features.small_ledger import policy, snapshot_of
from tests.test_protected_columns import PROTECTED

FEATURES = catalogue(policy())


def test_every_column_of_a_snapshot_is_in_the_catalogue_and_the_other_way_round(tmp_path: Path) -> None:
    made = snapshot_of(random_bank(customers=10, months=2), dt.date(2024, 2, 29), tmp_path)
    assert made.columns == [*KEYS, *(feature.name for feature in FEATURES)]


def test_no_name_comes_twice() -> None:
    names = [feature.name for feature in FEATURES]
    assert len(names) == len(set(names))


def test_nothing_protected_is_a_feature() -> None:
    words = {part for feature in FEATURES for part in (feature.name, *feature.name.split("_"))}
    assert not words & {*PROTECTED, "birth", "age", "gender"}


def test_every_feature_says_what_it_is_and_who_uses_it() -> None:
    for feature in FEATURES:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", feature.name), feature.name
        assert feature.unit, feature.name
        assert feature.meaning.endswith("."), feature.name
        assert feature.used_by, feature.name
        assert set(feature.used_by) <= set(get_args(Use)), feature.name
        assert (feature.recipe is None) == (feature.source == "person"), feature.name


def test_a_window_in_the_name_is_the_window() -> None:
    for feature in FEATURES:
        named = re.search(r"_(\d+)m$", feature.name)
        if named:
            twice = "_trend_" in feature.name or "_previous_" in feature.name
            assert feature.window_months == int(named[1]) * (2 if twice else 1), feature.name


def test_every_signal_of_the_scorecard_is_there() -> None:
    wanted = {f"signal_{name}" for name in MainBankWeights.model_fields} - {"signal_intercept", "signal_no_salary"}
    names = {feature.name for feature in FEATURES}
    assert wanted <= names
    assert {f"{name}_trend" for name in wanted} <= names


def test_figures_that_other_parts_rely_on_are_there() -> None:
    wanted = (
        "months_observed tenure_months months_since_activity income_12m cost_12m contribution_12m peer_group is_staff"
    )
    wanted += " direct_contribution_12m contribution_winsorised_12m own_net_out_24m life_stage occupation"
    assert set(wanted.split()) <= {feature.name for feature in FEATURES}


def test_the_target_names_its_horizon() -> None:
    assert target_name(3) == "contribution_next_3m"
