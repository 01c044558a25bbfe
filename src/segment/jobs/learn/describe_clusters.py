"""Profile cards of clusters: of a model as it was trained, and of what is published of a date."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from segment.clustering import TierClustering
from segment.clustering.cards import Card, cards_of
from segment.exceptions import ModelError
from segment.files import write_text
from segment.messages import Message
from segment.pages.cluster_cards import card_dict, cluster_page
from segment.plots.clusters_plots import cluster_card, clusters_overview
from segment.plots.style import as_svg
from segment.policy import Policy
from segment.sentences import Language, Sentences
from segment.tracking.models import CHAMPION
from segment.tracking.registry import Tracking
from segment.warehouse.published_tiers import published_tiers
from segment.workspace import Workspace

PAGE, PICTURE = "clusters.md", "clusters.svg"


@dataclass(frozen=True)
class ClusterCards:
    """The cards of a date."""

    as_of: dt.date
    model_version: str  # That placed the customers
    currency: str
    cards: list[Card]  # Most valuable cluster first

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "as_of": self.as_of,
            "model_version": self.model_version,
            "currency": self.currency,
            "clusters": [card_dict(card) for card in self.cards],
        }

    def __str__(self) -> str:
        """Write the cards as a page."""
        return self.page("en")

    def page(self, language: Language) -> str:
        """Write the cards as a page of a language."""
        title = Message("cluster.title", {"as_of": self.as_of, "version": self.model_version})
        return cluster_page(self.cards, self.currency, title, language)

    def write(self, folder: Path, language: Language = "en") -> list[Path]:
        """Write the page, the overview, and the picture of each cluster that is large enough to describe."""
        t = Sentences(language)
        texts = {PAGE: self.page(language), PICTURE: as_svg(clusters_overview(self.cards, self.currency, t))}
        for card in self.cards:
            if card.customers is not None:
                texts[f"cluster-{card.cluster}.svg"] = as_svg(cluster_card(card, self.currency, t))
        for name, text in texts.items():
            write_text(text, folder / name)
        return [folder / name for name in texts]


def published_clusters(as_of: dt.date, workspace: Workspace, policy: Policy, tracking: Tracking) -> ClusterCards:
    """Write the cards of the clusters that are published of a date.

    Parameters
    ----------
    as_of : datetime.date
        The date.
    workspace : Workspace
        Where tiers are published.
    policy : Policy
        Says what is offered to each tier.
    tracking : Tracking
        Knows the champion, whose clusters they are.

    Returns
    -------
    ClusterCards
        Sizes and values of the customers published; customers who are new or excluded are in no cluster's figures.

    Raises
    ------
    NotPublishedError, ModelError
        Where nothing is published for the date, or another model than the champion placed the customers.
    """
    tiers = published_tiers(workspace, as_of)
    model, registered = tracking.load(CHAMPION)
    versions = tiers["model_version"].unique().to_list()
    if versions != [registered.version]:
        raise ModelError.of(
            "errors.tiers_of_other_version",
            version=registered.version,
            as_of=as_of,
            versions=[str(version) for version in versions],
        )
    clustering: TierClustering = model.clustering_
    seen = tiers.filter(~pl.col("standing").is_in(["new", "excluded"]))
    clusters = seen.group_by("cluster", maintain_order=True).agg(
        pl.len(), pl.col("blended_contribution_12m").median().alias("typical")
    )
    cards = cards_of(
        clustering,
        policy.upgrade.bundles,
        sizes=dict(zip(clusters["cluster"], clusters["len"], strict=True)),
        typical=dict(zip(clusters["cluster"], clusters["typical"], strict=True)),
    )
    return ClusterCards(as_of, registered.version, policy.currency, cards)


def cluster_texts(clustering: TierClustering, policy: Policy, language: Language) -> dict[str, str]:
    """Write a trained model's cards as files, for the run that trained it."""
    cards = cards_of(clustering, policy.upgrade.bundles)
    return {
        PAGE: cluster_page(cards, policy.currency, Message("cluster.title_trained"), language),
        PICTURE: as_svg(clusters_overview(cards, policy.currency, Sentences(language))),
    }
