"""Cards of clusters say the same in both languages."""

from __future__ import annotations

import pytest

from segment.clustering.cards import Card, offers
from segment.messages import Message
from segment.pages.cluster_cards import card_dict, cluster_page
from segment.policy.contacts import Bundle
from segment.sentences import Language
from tests.pages.reading import assert_no_english

TITLE = Message("cluster.title", {"as_of": "2025-12-31", "version": "3"})
LADDER = Bundle(
    name="<b>阶梯</b>", for_tiers=("valuable",), for_main_bank_elsewhere=True, lacks_products=("card",),
    needs_products=("own family",), moved_share=0.3, incentive=0,
)  # fmt: skip
OFFERS = offers("valuable", {"ladder": LADDER})
CARDS = [
    Card(3, "valuable, many products, level 2 of 4", "valuable", 1420, 0.21, 310.0, ("many products",), OFFERS, {}),
    Card(1, "loss-making, typical", "loss_making", 40, 0.01, -80.0, (), offers("loss_making", {}), {}),
    Card(2, "valuable, typical", "valuable", None, None, None, (), offers("valuable", {}), {}),
]


def page(language: Language = "en") -> str:
    return cluster_page(CARDS, "EUR", TITLE, language)


def test_a_card_says_size_value_behaviour_and_offer() -> None:
    assert page().startswith(
        "# Clusters as of 2025-12-31, model version 3\n\n## 3 · valuable, many products, level 2 of 4"
    )
    for line in (
        "- **Size**: 1,420 customers, 21.0% ± 0.5% of all that are clustered.",
        "- **Value**: half of them bring more than about 310 EUR a year.",
        "- **Value**: half of them cost the bank more than about 80 EUR a year beyond what they bring.",
        "- **Behaviour**: many products.",
        "- **Behaviour**: nothing that sets them apart from the bank's customers.",
        "- **What to offer**: <b>阶梯</b> (main bank elsewhere, with own family, without card)",
        "- **Size**: fewer than 10 customers, too few to describe.",
    ):
        assert line in page()


def test_the_chinese_page_names_clusters_in_chinese() -> None:
    assert_no_english(page("zh").replace("own family", ""))
    assert "## 3 · 有价值、产品多、第2档（共4档）" in page("zh")
    assert "占全部参与聚类客户的21.0% ± 0.5%" in page("zh")
    assert "未持有卡" in page("zh")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_template_serves_html_and_escapes_names(language: Language) -> None:
    html = cluster_page(CARDS, "EUR", TITLE, language, "html")
    assert "&lt;b&gt;阶梯&lt;/b&gt;" in html
    assert "<b>" not in html
    assert html.count("<li>") == 10


def test_json_keeps_offers_as_sentences() -> None:
    assert card_dict(CARDS[2])["offers"] == ["No bundle of the policy is for this tier."]
