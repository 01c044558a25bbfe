from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from segment.audit.proxies import proxy_strength


def people(n: int = 600, shift: float = 1.5) -> tuple[pl.DataFrame, pl.DataFrame, pl.Series]:
    rng = np.random.default_rng(2)
    group = rng.random(n) < 0.5
    features = pl.DataFrame({f"x{place}": rng.normal(size=n) for place in range(4)}).with_columns(
        digital=pl.Series(rng.normal(size=n) + shift * group), flag=pl.Series(rng.random(n) < 0.5)
    )
    words = pl.DataFrame({"sex": np.where(group, "f", "m"), "town": rng.choice(["n", "s", "w"], n)})
    return features, words, pl.Series([f"h{place // 2}" for place in range(n)])


def test_a_feature_that_stands_for_an_attribute_is_named_and_no_other_attribute_is_told() -> None:
    found = {(one.attribute, one.group): one for one in proxy_strength(*people(), least=50, limit=0.65, seed=0)}
    assert set(found) == {("sex", "f"), ("town", "n"), ("town", "s"), ("town", "w")}
    assert found["sex", "f"].auc > 0.8
    assert found["sex", "f"].features[0] == "digital"
    assert found["sex", "f"].p < 1e-6
    assert all(one.auc < 0.65 for key, one in found.items() if key[0] == "town")


def test_shared_figures_of_a_household_tell_nothing() -> None:
    """Two who share an account have the same features; were they in two folds, each would give the other away."""
    rng = np.random.default_rng(4)
    shared = np.repeat(rng.normal(size=(300, 6)), 2, axis=0)
    words = pl.DataFrame({"town": np.repeat(rng.choice(["n", "s"], 300), 2)})
    homes = pl.Series([f"h{place // 2}" for place in range(600)])
    features = pl.DataFrame({f"x{place}": shared[:, place] for place in range(6)})
    assert proxy_strength(features, words, homes, least=50, limit=0.65, seed=0)[0].auc < 0.6
    alone = pl.Series([f"c{place}" for place in range(600)])
    assert proxy_strength(features, words, alone, least=50, limit=0.65, seed=0)[0].auc > 0.65


def test_a_feature_that_nobody_of_a_fold_has_is_no_error() -> None:
    features, words, homes = people()
    rare = pl.Series([1.0] + [None] * (features.height - 1), dtype=pl.Float64)
    never = pl.Series([None] * features.height, dtype=pl.Float64)
    known = proxy_strength(features.with_columns(rare=rare, never=never), words, homes, least=50, limit=0.65, seed=0)
    assert known == proxy_strength(features, words, homes, least=50, limit=0.65, seed=0)


@pytest.mark.parametrize(("size", "told"), [(49, 0), (50, 1)])
def test_a_group_of_too_few_is_not_told(size: int, told: int) -> None:
    features, _, homes = people(400)
    words = pl.DataFrame({"sex": ["f"] * size + ["m"] * (400 - size)})
    assert len(proxy_strength(features, words, homes, least=50, limit=0.65, seed=0)) == told


def test_the_same_seed_says_the_same() -> None:
    first, again = (proxy_strength(*people(), least=50, limit=0.65, seed=7) for _ in range(2))
    assert first == again
