from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import skops.io
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score

from segment.clustering import BANDS, TierClustering
from segment.clustering.coordinates import bands
from segment.exceptions import ModelError
from tests.clustering.population import BORDERS, bank

QUICK = TierClustering(n_clusters=(8, 12), border_sharpness=(5.0, 8.0), behaviour_weight=0.02, n_bootstraps=3)


def own_tier(frame: pl.DataFrame) -> np.ndarray:
    return np.array(BANDS)[bands(frame["blended_contribution_12m"].to_numpy(), frame.select(BORDERS).to_numpy())]


@pytest.fixture(scope="module")
def people() -> pl.DataFrame:
    return bank(3000, seed=1)


@pytest.fixture(scope="module")
def fitted(people: pl.DataFrame) -> TierClustering:
    return clone(QUICK).fit(people)


@pytest.mark.parametrize(
    "character",
    [
        {"heaviness": 900.0, "spread": 1.6},
        {"heaviness": 350.0, "spread": 1.4},
        {"heaviness": 1500.0, "spread": 2.0},
        {"heaviness": 200.0, "spread": 1.0, "branches": 3, "level": 7.0},
    ],
)
def test_clusters_agree_with_the_own_figures_of_customers_never_seen(character):
    model = clone(QUICK).fit(bank(3000, seed=1, **character))
    others = bank(3000, seed=2, **character)
    own, found = own_tier(others), model.predict_tier(others)
    assert np.mean(own == found) >= 0.97
    assert np.mean(found[own == "break_even"] == "break_even") >= 0.95
    assert model.stability_ >= 0.85


def test_a_thin_break_even_band_is_not_lost():
    thin = [pl.col(name) * 0.3 for name in BORDERS[:2]]
    people, others = (bank(3000, seed, heaviness=350.0, spread=1.4).with_columns(thin) for seed in (1, 2))
    own, found = own_tier(others), clone(QUICK).fit(people).predict_tier(others)
    assert np.mean(own == "break_even") < 0.2
    assert np.mean(found[own == "break_even"] == "break_even") >= 0.9


def test_the_figures_reported_are_those_of_the_customers_fitted(fitted, people):
    own, found = own_tier(people), fitted.predict_tier(people)
    assert fitted.agreement_ == np.mean(own == found)
    assert fitted.break_even_recall_ == np.mean(found[own == "break_even"] == "break_even")
    chosen = (len(fitted.cluster_numbers_), fitted.border_sharpness_, fitted.behaviour_weight_)
    settings = {(t["n_clusters"], t["border_sharpness"], t["behaviour_weight"]): t for t in fitted.search_}
    assert settings[chosen]["stability"] == fitted.stability_
    assert settings[chosen]["separation"] == fitted.separation_
    assert len(fitted.search_) == 4


def test_the_same_seed_gives_the_same_clusters(fitted, people):
    again = clone(QUICK).fit(people)
    assert np.array_equal(again.labels_, fitted.labels_)
    assert np.array_equal(again.cluster_centers_, fitted.cluster_centers_)


def test_clusters_are_numbered_from_the_most_valuable_down(fitted):
    medians = [card["median_blended_contribution_12m"] for card in fitted.profiles_]
    assert medians == sorted(medians, reverse=True)
    assert [card["cluster"] for card in fitted.profiles_] == list(range(len(medians)))
    assert len(set(fitted.cluster_names_)) == len(medians)


def test_pandas_polars_and_missing_behaviour_are_all_read(fitted, people):
    assert np.array_equal(fitted.predict(people.to_pandas()), fitted.predict(people))
    unknown = people.with_columns(digital_share=pl.lit(None, dtype=pl.Float64))
    assert len(fitted.predict(unknown)) == people.height


def test_further_columns_at_scoring_change_nothing(fitted, people):
    wider = people.with_columns(something_new=pl.lit(1.0)).select(pl.all().reverse()).reverse()
    assert np.array_equal(fitted.predict(wider), fitted.predict(people))


def test_a_high_border_out_of_reach_keeps_a_customer_from_high_value(fitted, people):
    unreachable = people.with_columns(border_high=pl.lit(None, dtype=pl.Float64))
    assert "high_value" not in set(fitted.predict_tier(unreachable))


def test_a_new_model_takes_over_the_numbers_of_the_last(fitted):
    later = clone(QUICK).set_params(random_state=7).fit(bank(3000, seed=9))
    people = bank(3000, seed=10)
    before = later.predict(people)
    assert later.match_to(fitted) is later
    after = later.predict(people)
    assert adjusted_rand_score(before, after) == 1.0
    assert np.mean(after == fitted.predict(people)) >= 0.8
    assert set(later.labels_) == set(later.cluster_numbers_) == {card["cluster"] for card in later.profiles_}


def test_matching_to_itself_or_twice_changes_nothing(fitted, people):
    model = clone(QUICK).fit(people)
    labels = model.labels_.copy()
    assert np.array_equal(model.match_to(fitted).match_to(fitted).labels_, labels)


def test_models_of_different_behaviour_are_matched_by_value(fitted, people):
    model = clone(QUICK).set_params(behaviour=("visits_12m",)).fit(people)
    assert len(set(model.match_to(fitted).cluster_numbers_)) == len(model.cluster_numbers_)


def test_clusters_with_and_without_borders_cannot_be_matched(fitted):
    plain = TierClustering(n_clusters=2, n_bootstraps=2).fit(np.random.default_rng(0).normal(size=(60, 2)))
    with pytest.raises(ModelError, match="same kind of columns"):
        plain.match_to(fitted)


def test_clusters_learned_without_borders_have_no_tiers():
    points = np.repeat([[0.0, 0.0], [9.0, 9.0]], 40, axis=0) + np.random.default_rng(0).normal(size=(80, 2))
    plain = TierClustering(n_clusters=(2, 3), n_bootstraps=2).fit(points)
    assert len(plain.cluster_numbers_) == 2
    assert plain.cluster_tier_ == [None, None]
    assert np.isnan(plain.agreement_)
    with pytest.raises(ModelError, match="learned with value and borders"):
        plain.predict_tier(points)


def test_a_model_file_without_pickle_gives_the_same_answers(fitted, people):
    written = skops.io.dumps(fitted)
    trusted = skops.io.get_untrusted_types(data=written)
    assert trusted == ["segment.clustering.tier_clustering.TierClustering"]
    read = skops.io.loads(written, trusted=trusted)
    assert np.array_equal(read.predict_tier(people), fitted.predict_tier(people))
    assert read.search_ == fitted.search_


def test_behaviour_that_the_frame_lacks_is_named(people):
    with pytest.raises(ModelError, match="missing: nothing_like_it"):
        TierClustering(behaviour=("nothing_like_it",)).fit(people)


def test_customers_without_a_value_are_counted_and_not_named(people):
    holed = people.with_columns(
        blended_contribution_12m=pl.when(pl.int_range(pl.len()) < 3).then(None).otherwise("blended_contribution_12m")
    )
    with pytest.raises(ModelError, match="missing for 3 customer"):
        clone(QUICK).fit(holed)


def share_that_keep_their_name(before: TierClustering, after: TierClustering, people: pl.DataFrame) -> float:
    return float(np.mean(before.predict_name(people) == after.predict_name(people)))


@pytest.mark.slow
@pytest.mark.parametrize("size", [400, 3000])
def test_unchanged_customers_keep_their_clusters_name_when_the_model_is_trained_on_others(size):
    people = bank(size, seed=1)
    before = TierClustering().fit(people)
    resampled = people.sample(size, with_replacement=True, seed=3)
    after = TierClustering(random_state=7).fit(resampled, previous=before)
    assert share_that_keep_their_name(before, after, people) >= 0.95


@pytest.mark.slow
def test_unchanged_customers_keep_their_clusters_name_a_quarter_later():
    people = bank(3000, seed=1)
    before = TierClustering().fit(people)
    growth = np.random.default_rng(4).lognormal(0.03, 0.15, people.height)
    later = people.with_columns(
        pl.col("blended_contribution_12m") * growth,
        pl.col("visits_12m") + pl.Series(np.random.default_rng(5).poisson(1.0, people.height)),
    )
    after = TierClustering(random_state=7).fit(later, previous=before)
    assert share_that_keep_their_name(before, after, people) >= 0.95
    assert after.kept_share_ == share_that_keep_their_name(before, after, later)


def test_a_policy_with_other_borders_brings_new_clusters_whose_tiers_are_right(fitted, people):
    stricter = people.with_columns(border_low=pl.col("border_low") * 0.2, border_break_even=pl.lit(400.0))
    after = clone(QUICK).fit(stricter, previous=fitted)
    assert after.agreement_ >= 0.95
    assert all(
        name.startswith(tier.replace("_", "-"))
        for name, tier in zip(after.cluster_names_, after.cluster_tier_, strict=True)
    )


def test_fewer_clusters_retire_names_and_more_clusters_add_new_ones(fitted, people):
    fewer = clone(QUICK).set_params(n_clusters=5).fit(people, previous=fitted)
    assert fewer.retired_names_
    assert set(fewer.retired_names_).isdisjoint(fewer.cluster_names_)
    more = clone(QUICK).set_params(n_clusters=16).fit(people, previous=fitted)
    assert len(set(more.cluster_names_)) == len(set(more.cluster_numbers_.tolist())) == len(more.cluster_names_)
    assert max(more.cluster_numbers_) >= fitted.numbers_given_


def test_a_number_once_retired_is_not_given_again(fitted, people):
    fewer = clone(QUICK).set_params(n_clusters=5).fit(people, previous=fitted)
    again = clone(QUICK).set_params(n_clusters=12).fit(people, previous=fewer)
    retired = set(fitted.cluster_numbers_.tolist()) - set(fewer.cluster_numbers_.tolist())
    assert retired.isdisjoint(again.cluster_numbers_.tolist())


@pytest.mark.slow
@pytest.mark.parametrize("size", [300, 500, 2000])
def test_another_sample_of_the_same_customers_gives_nearly_the_same_clusters(size):
    people = bank(size, seed=6)
    labels = TierClustering().fit(people).labels_
    found = [
        TierClustering(random_state=seed).fit(people.sample(size, with_replacement=True, seed=seed)).predict(people)
        for seed in (1, 2, 3)
    ]
    assert np.mean([adjusted_rand_score(labels, other) for other in found]) >= 0.85
