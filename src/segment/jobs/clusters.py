"""Profile cards of clusters: of a model as it was trained, and of what is published of a moment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from segment.clustering import Card, TierClustering, as_markdown, cards_of
from segment.exceptions import PublishError
from segment.jobs.published import published_tiers
from segment.plots.clusters import cluster_card, clusters_overview
from segment.plots.style import as_svg
from segment.policy import Policy
from segment.tracking import CHAMPION, Tracking
from segment.warehouse import Workspace

PAGE, PICTURE = "clusters.md", "clusters.svg"


@dataclass(frozen=True)
class Clusters:
    """The cards of a moment.

    Attributes
    ----------
    as_of : datetime.date
    model_version : str
        That placed the customers.
    currency : str
    cards : list of Card
        Most valuable cluster first.
    """

    as_of: dt.date
    model_version: str
    currency: str
    cards: list[Card]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "as_of": self.as_of,
            "model_version": self.model_version,
            "currency": self.currency,
            "clusters": [card.to_dict() for card in self.cards],
        }

    def __str__(self) -> str:
        """Write the cards as a page."""
        return as_markdown(
            self.cards, self.currency, f"Clusters as of {self.as_of}, model version {self.model_version}"
        )

    def write(self, folder: Path) -> list[Path]:
        """Write the page, the overview, and the picture of each cluster that is large enough to describe.

        Parameters
        ----------
        folder : Path
            Made where it is missing.

        Returns
        -------
        list of Path
        """
        folder.mkdir(parents=True, exist_ok=True)
        texts = {PAGE: str(self), PICTURE: as_svg(clusters_overview(self.cards, self.currency))}
        for card in self.cards:
            if card.customers is not None:
                texts[f"cluster-{card.cluster}.svg"] = as_svg(cluster_card(card, self.currency))
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        return [folder / name for name in texts]


def published_clusters(as_of: dt.date, workspace: Workspace, policy: Policy, tracking: Tracking) -> Clusters:
    """Write the cards of the clusters that are published of a moment.

    Parameters
    ----------
    as_of : datetime.date
        The moment.
    workspace : Workspace
        Where tiers are published.
    policy : Policy
        Says what is offered to each tier.
    tracking : Tracking
        Knows the champion, whose clusters they are.

    Returns
    -------
    Clusters
        Sizes and values of the customers published; customers who are new or excluded are in no cluster's figures.

    Raises
    ------
    PublishError
        Where nothing is published for the moment, or another model than the champion placed the customers.
    """
    tiers = published_tiers(workspace, as_of)
    model, registered = tracking.load(CHAMPION)
    versions = tiers["model_version"].unique().to_list()
    if versions != [registered.version]:
        raise PublishError.with_hint(
            f"Cards are told by the champion, version {registered.version}. "
            f"The tiers of {as_of} are of version {', '.join(str(version) for version in versions)}.",
            "run `segment refresh` for that --as-of, or bring that version back with `segment rollback`",
        )
    clustering: TierClustering = model.clustering_
    seen = tiers.filter(~pl.col("standing").is_in(["new", "excluded"]))
    found = seen.group_by("cluster").agg(pl.len(), pl.col("blended_contribution_12m").median().alias("typical"))
    cards = cards_of(
        clustering,
        policy.upgrade.bundles,
        sizes=dict(zip(found["cluster"], found["len"], strict=True)),
        typical=dict(zip(found["cluster"], found["typical"], strict=True)),
    )
    return Clusters(as_of, registered.version, policy.currency, cards)


def cluster_texts(clustering: TierClustering, policy: Policy) -> dict[str, str]:
    """Write a trained model's cards as files, for the run that trained it.

    Parameters
    ----------
    clustering : TierClustering
        Fitted.
    policy : Policy
        Says what is offered to each tier.

    Returns
    -------
    dict of str to str
        Text by file name: the page and the overview.
    """
    cards = cards_of(clustering, policy.upgrade.bundles)
    title = "Clusters that the model learned"
    return {
        PAGE: as_markdown(cards, policy.currency, title),
        PICTURE: as_svg(clusters_overview(cards, policy.currency)),
    }
