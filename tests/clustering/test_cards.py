from __future__ import annotations

import numpy as np
import pytest

from segment.clustering import TierClustering
from segment.clustering.cards import cards_of, offers, rounded
from segment.messages import Message
from segment.pages.cluster_cards import cluster_page
from segment.policy.contacts import Bundle
from segment.sentences import Sentences
from tests.clustering.population import bank

TITLE = Message("cluster.title_trained")
BUNDLES = {
    "salary": Bundle(
        name="Salary account", for_tiers=("break_even",), for_main_bank_elsewhere=True, moved_share=0.4, incentive=50.0
    ),
    "card": Bundle(name="Card", for_tiers=("break_even", "valuable"), moved_share=0.2, incentive=20.0),
}


def told(tier):
    return tuple(Sentences().each(offers(tier, BUNDLES)))


@pytest.fixture(scope="module")
def clustering() -> TierClustering:
    columns = ("visits_12m", "digital_share", "balance_12m", "products")
    return TierClustering(behaviour=columns, n_clusters=6, behaviour_weight=0.2, n_bootstraps=2).fit(bank(900, 3))


def test_a_tier_is_offered_the_bundles_that_are_for_it():
    assert told("break_even") == ("Salary account (main bank elsewhere)", "Card")
    assert told("valuable") == ("Card",)


def test_where_no_bundle_is_for_a_tier_the_card_says_so():
    assert "keep them" in told("high_value")[0]
    assert "needs a person" in told("loss_making")[0]


def test_the_shares_of_all_cards_add_up_and_figures_are_rounded(clustering):
    cards = cards_of(clustering, BUNDLES)
    assert sum(card.share for card in cards) == pytest.approx(1.0)
    assert all(card.typical_value == rounded(card.typical_value) for card in cards)
    assert [card.name for card in cards] == clustering.cluster_names_


def test_a_cluster_with_few_customers_now_or_then_tells_no_figure(clustering):
    sizes = {int(number): 100 for number in clustering.cluster_numbers_} | {0: 9}
    hidden = cards_of(clustering, BUNDLES, sizes=sizes)[0]
    assert (hidden.customers, hidden.share, hidden.typical_value, hidden.behaviour, hidden.ranks) == (
        None, None, None, (), {},
    )  # fmt: skip
    page = cluster_page([hidden], "EUR", TITLE)
    assert "fewer than 10 customers" in page
    assert "Value" not in page


def test_a_cluster_that_nobody_is_in_any_more_is_told_as_few(clustering):
    assert all(card.customers is None for card in cards_of(clustering, BUNDLES, sizes={0: 0}))


def test_the_page_says_size_value_behaviour_and_offer_of_every_cluster(clustering):
    page = cluster_page(cards_of(clustering, BUNDLES), "EUR", TITLE)
    for part in ("**Size**", "**Value**", "**Behaviour**", "**What to offer**"):
        assert page.count(part) == len(clustering.cluster_numbers_)
    assert "beyond what they bring" in page


def test_no_exact_figure_of_a_customer_is_on_the_page(clustering):
    page = cluster_page(cards_of(clustering, BUNDLES), "EUR", TITLE)
    exact = [f"{abs(card['median_blended_contribution_12m']):,.0f}" for card in clustering.profiles_]
    told = [f"{abs(rounded(float(figure.replace(',', '')))):,.0f}" for figure in exact]
    assert not [
        figure for figure, shown in zip(exact, told, strict=True) if figure != shown and f"about {figure} " in page
    ]
    assert rounded(float(np.float64(987.6))) == 990.0


def test_offers_of_a_case_computed_by_hand() -> None:
    ladder = Bundle(name="Ladder", for_tiers=("valuable",), lacks_products=("card",), moved_share=0.3, incentive=0)
    assert tuple(Sentences().each(offers("valuable", {"ladder": ladder}))) == ("Ladder (without card)",)


def test_rounded_of_a_case_computed_by_hand() -> None:
    assert (rounded(1234.5), rounded(-0.0), rounded(float("nan"))) == (1200.0, 0.0, None)
