from __future__ import annotations

from dataclasses import replace

from segment.clustering.cards import Card
from segment.messages import Message
from segment.plots.clusters_plots import cluster_card, clusters_overview
from segment.plots.style import TIER_COLOURS, as_svg
from segment.sentences import Sentences

T = Sentences()
RANKS = {"visits_12m": 0.9, "digital_share_12m": -0.2}
RICH = Card(
    0,
    "valuable, high visits 12m",
    "valuable",
    300,
    0.3,
    900.0,
    ("high visits 12m",),
    (Message("cluster.bundle", {"name": "Ladder"}),),
    RANKS,
)
POOR = Card(
    1,
    "loss-making, typical",
    "loss_making",
    700,
    0.7,
    -80.0,
    (),
    (Message("cluster.no_bundle.other"),),
    {**RANKS, "visits_12m": -0.4},
)
TINY = replace(RICH, cluster=2, name="a few", customers=None, share=None, typical_value=None, behaviour=(), ranks={})


def written(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


def test_every_cluster_that_may_be_described_is_named_with_its_share() -> None:
    assert sorted(written(clusters_overview([RICH, POOR, TINY], "EUR", T))) == [
        "loss-making, typical\n70 %",
        "valuable, high visits 12m\n30 %",
    ]


def test_area_follows_customers_and_colour_the_tier() -> None:
    circles = clusters_overview([RICH, POOR], "EUR", T).axes[0].collections[0]
    small, large = circles.get_sizes()
    assert round(large / small, 6) == round(700 / 300, 6)
    assert [tuple(colour[:3]) for colour in circles.get_facecolor().round(2)] == [
        tuple(round(int(TIER_COLOURS[tier][at : at + 2], 16) / 255, 2) for at in (1, 3, 5))
        for tier in ("valuable", "loss_making")
    ]


def test_behaviour_across_is_the_one_in_which_clusters_differ_most() -> None:
    assert "high visits 12m" in clusters_overview([RICH, POOR], "EUR", T).axes[0].get_xlabel()


def test_names_do_not_stand_on_each_other_however_close_the_clusters() -> None:
    alike = [replace(RICH, cluster=number) for number in range(4)]
    heights = sorted(text.xy[1] for text in clusters_overview([*alike, POOR], "EUR", T).axes[0].texts)
    assert min(after - before for before, after in zip(heights, heights[1:], strict=False)) > 0.05


def test_no_clusters_at_all_make_an_empty_picture() -> None:
    assert written(clusters_overview([TINY], "EUR", T)) == []


def test_a_card_says_size_and_value_and_draws_a_bar_for_each_habit() -> None:
    figure = cluster_card(POOR, "EUR", T)
    assert "700 customers (70 %), typically −80 EUR a year" in written(figure)
    assert [bar.get_width() for bar in figure.axes[0].patches] == [-0.4, -0.2]


def test_the_card_of_a_tiny_cluster_tells_no_figure() -> None:
    assert written(cluster_card(TINY, "EUR", T)) == ["too few customers to describe"]
    assert as_svg(cluster_card(TINY, "EUR", T)) == as_svg(cluster_card(TINY, "EUR", T))
