from __future__ import annotations

import numpy as np
import polars as pl
import pytest
import skops.io
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score

from segment.clustering import TierClustering
from segment.exceptions import ModelError
from tests.clustering.population import ODDS, TIERS, bank, cheapest, cost, earlier

BEHAVIOUR = ("visits_12m", "digital_share", "balance_12m", "products")
QUICK = TierClustering(
    behaviour=BEHAVIOUR, n_clusters=(8, 12), behaviour_weight=0.2, guard_margin=(0.1, 0.25), n_bootstraps=3
)


@pytest.fixture(scope="module")
def people() -> pl.DataFrame:
    return bank(3000, seed=1)


@pytest.fixture(scope="module")
def fitted(people: pl.DataFrame) -> TierClustering:
    return clone(QUICK).fit(people)


def by_clusters(model: TierClustering, people: pl.DataFrame) -> tuple[np.ndarray, float]:
    """Tiers as the page of the tiers says, customer by customer, and the share whom the guard overrules."""
    given, matrix = [], np.array(model._matrix())
    for tier, row in zip(model.predict_tier(people), people.select(ODDS).to_numpy(), strict=True):
        costs = np.round(row @ matrix, 12)
        overruled = costs[TIERS.index(tier)] - costs.min() > model.guard_margin_
        given.append((TIERS[costs.argmin()], True) if overruled else (tier, False))
    return np.array([tier for tier, _ in given]), float(np.mean([overruled for _, overruled in given]))


@pytest.mark.parametrize(
    "character",
    [
        {"heaviness": 900.0, "spread": 1.6},
        {"heaviness": 350.0, "spread": 1.4},
        {"heaviness": 1500.0, "spread": 2.0},
        {"heaviness": 200.0, "spread": 1.0, "branches": 3, "level": 7.0},
    ],
)
def test_clusters_decide_for_customers_never_seen_at_about_the_cost_of_the_odds_alone(character):
    past = bank(3000, seed=3, **character)
    model = clone(QUICK).fit(bank(3000, seed=1, **character), earlier=earlier(past))
    others = bank(3000, seed=2, **character)
    given, overruled = by_clusters(model, others)
    assert cost(others, given) <= cost(others, cheapest(others)) + 0.02
    assert overruled <= 0.08  # of two numbers of clusters, as the quick search tries; banks try more


def test_a_cluster_takes_the_tier_that_is_cheapest_for_its_customers_together(fitted, people):
    numbers = fitted.predict(people)
    for place, number in enumerate(fitted.cluster_numbers_):
        pooled = people.filter(pl.Series(numbers == number)).select(ODDS).mean()
        assert np.allclose(pooled.row(0), fitted.cluster_odds_[place], atol=0.02)
    assert fitted.cluster_tier_ == cheapest(pl.DataFrame(fitted.cluster_odds_, schema=ODDS)).tolist()


def test_the_figures_reported_are_those_of_the_setting_chosen(fitted):
    chosen = (len(fitted.cluster_numbers_), fitted.behaviour_weight_, fitted.guard_margin_)
    settings = {(t["n_clusters"], t["behaviour_weight"], t["guard_margin"]): t for t in fitted.search_}
    assert settings[chosen]["stability"] == fitted.stability_
    assert settings[chosen]["cost"] == fitted.cost_
    assert settings[chosen]["guarded"] == fitted.guarded_
    assert len(fitted.search_) == 4


def test_settings_are_judged_by_what_really_came_where_it_is_known(people):
    past = bank(600, seed=4)
    one = TierClustering(behaviour=BEHAVIOUR, n_clusters=8, behaviour_weight=0.2, guard_margin=0.25, n_bootstraps=2)
    model = one.fit(people, earlier=earlier(past))
    # the clusters searched are refined on all customers afterwards: a few customers end elsewhere
    assert model.cost_ == pytest.approx(cost(past, by_clusters(model, past)[0]), abs=0.02)


def test_the_same_seed_gives_the_same_clusters(fitted, people):
    again = clone(QUICK).fit(people)
    assert np.array_equal(again.labels_, fitted.labels_)
    assert np.array_equal(again.cluster_centers_, fitted.cluster_centers_)


def test_clusters_are_numbered_from_the_most_valuable_down(fitted):
    prospects = (fitted.cluster_odds_ @ [3, 2, 1, 0]).tolist()
    assert np.allclose(prospects, sorted(prospects, reverse=True), atol=0.02)  # pooled odds lean to the bank's
    assert [card["cluster"] for card in fitted.profiles_] == list(range(len(prospects)))
    assert len(set(fitted.cluster_names_)) == len(prospects)


def test_pandas_polars_and_missing_behaviour_are_all_read(fitted, people):
    assert np.array_equal(fitted.predict(people.to_pandas()), fitted.predict(people))
    unknown = people.with_columns(digital_share=pl.lit(None, dtype=pl.Float64))
    assert len(fitted.predict(unknown)) == people.height


def test_further_columns_at_scoring_change_nothing(fitted, people):
    wider = people.with_columns(something_new=pl.lit(1.0)).select(pl.all().reverse()).reverse()
    assert np.array_equal(fitted.predict(wider), fitted.predict(people))


def test_a_new_model_takes_over_the_numbers_of_the_last(people):
    faint = clone(QUICK).set_params(behaviour_weight=0.01)  # behaviour of these banks is noise
    fitted, later = clone(faint).fit(people), clone(faint).set_params(random_state=7).fit(bank(3000, seed=9))
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


def test_models_of_different_behaviour_are_matched_by_their_odds(fitted, people):
    model = clone(QUICK).set_params(behaviour=("visits_12m",)).fit(people)
    assert len(set(model.match_to(fitted).cluster_numbers_)) == len(model.cluster_numbers_)


def test_clusters_with_and_without_odds_cannot_be_matched(fitted):
    plain = TierClustering(n_clusters=2, n_bootstraps=2).fit(np.random.default_rng(0).normal(size=(60, 2)))
    with pytest.raises(ModelError, match="same kind of columns"):
        plain.match_to(fitted)


def test_clusters_learned_without_odds_have_no_tiers():
    points = np.repeat([[0.0, 0.0], [9.0, 9.0]], 40, axis=0) + np.random.default_rng(0).normal(size=(80, 2))
    plain = TierClustering(n_clusters=(2, 3), n_bootstraps=2).fit(points)
    assert len(plain.cluster_numbers_) == 2
    assert plain.cluster_tier_ == [None, None]
    assert np.isnan(plain.cost_)
    with pytest.raises(ModelError, match="learned with odds"):
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


def test_customers_without_odds_are_counted_and_not_named(people):
    holed = people.with_columns(
        chance_valuable=pl.when(pl.int_range(pl.len()) < 3).then(None).otherwise("chance_valuable")
    )
    with pytest.raises(ModelError, match="missing for 3 customer"):
        clone(QUICK).fit(holed)


def test_clusters_of_an_earlier_release_are_not_continued(people, fitted):
    old = clone(QUICK).fit(people)
    del old.cluster_odds_
    assert np.array_equal(clone(QUICK).fit(people, previous=old).cluster_numbers_, fitted.cluster_numbers_)


def share_that_keep_their_name(before: TierClustering, after: TierClustering, people: pl.DataFrame) -> float:
    return float(np.mean(before.predict_name(people) == after.predict_name(people)))


@pytest.mark.slow
@pytest.mark.parametrize(("size", "least"), [(400, 0.8), (3000, 0.95)])
def test_unchanged_customers_keep_their_clusters_name_when_the_model_is_trained_on_others(size, least):
    people = bank(size, seed=1)
    before = TierClustering(behaviour=BEHAVIOUR).fit(people)
    resampled = people.sample(size, with_replacement=True, seed=3)
    after = TierClustering(behaviour=BEHAVIOUR, random_state=7).fit(resampled, previous=before)
    assert share_that_keep_their_name(before, after, people) >= least


@pytest.mark.slow
def test_unchanged_customers_keep_their_clusters_name_a_quarter_later():
    people = bank(3000, seed=1)
    before = TierClustering(behaviour=BEHAVIOUR).fit(people)
    growth = np.random.default_rng(4).lognormal(0.03, 0.15, people.height)
    later = people.with_columns(
        pl.col("blended_contribution_12m") * growth,
        pl.col("visits_12m") + pl.Series(np.random.default_rng(5).poisson(1.0, people.height)),
    )
    after = TierClustering(behaviour=BEHAVIOUR, random_state=7).fit(later, previous=before)
    assert share_that_keep_their_name(before, after, people) >= 0.95
    assert after.kept_share_ == share_that_keep_their_name(before, after, later)


def test_other_costs_bring_other_tiers_and_names_that_say_so(fitted, people):
    dear = [[0, 9, 30, 60], [1, 0, 9, 20], [3, 1, 0, 9], [5, 3, 1, 0]]  # to serve somebody too little costs far more
    after = clone(QUICK).set_params(cost_of_error=dear).fit(people, previous=fitted)
    assert np.mean(after.predict_tier(people) == "loss_making") < np.mean(fitted.predict_tier(people) == "loss_making")
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
@pytest.mark.parametrize(("size", "least"), [(300, 0.5), (2000, 0.7)])
def test_another_sample_of_the_same_customers_gives_much_the_same_clusters_though_behaviour_is_noise(size, least):
    people = bank(size, seed=6)
    labels = TierClustering(behaviour=BEHAVIOUR).fit(people).labels_
    samples = {seed: people.sample(size, with_replacement=True, seed=seed) for seed in (1, 2, 3)}
    found = [
        TierClustering(behaviour=BEHAVIOUR, random_state=seed).fit(sample).predict(people)
        for seed, sample in samples.items()
    ]
    assert np.mean([adjusted_rand_score(labels, other) for other in found]) >= least
