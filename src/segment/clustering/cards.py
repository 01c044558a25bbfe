"""Profile cards: what a cluster is, in words that a branch understands, with nothing that points at a person."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from segment.clustering.names import trait_words
from segment.clustering.profiles import LEAST_TO_DESCRIBE
from segment.clustering.tier_clustering import TierClustering
from segment.features.balance_measures import FAMILIES
from segment.messages import Message
from segment.policy.contacts import Bundle

_DIGITS = 2


@dataclass(frozen=True)
class Card:
    """A cluster on a card: of fewer than ten customers no figure stands on it."""

    cluster: int
    name: str
    tier: str
    customers: int | None
    share: float | None  # Of all customers clustered
    typical_value: float | None  # Median to two digits: an exact median would be one customer's own figure
    behaviour: tuple[str, ...]
    offers: tuple[Message, ...]
    ranks: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


def cards_of(
    clustering: TierClustering,
    bundles: Mapping[str, Bundle],
    sizes: Mapping[int, int] | None = None,
    typical: Mapping[int, float] | None = None,
) -> list[Card]:
    """Write the card of each cluster."""
    profiles = clustering.profiles_
    sizes = {card["cluster"]: card["customers"] for card in profiles} if sizes is None else sizes
    if typical is None:
        typical = {card["cluster"]: card.get(f"median_{clustering.value}", math.nan) for card in profiles}
    everyone = max(sum(sizes.values()), 1)
    cards = []
    for place, profile in enumerate(profiles):
        number, size = profile["cluster"], sizes.get(profile["cluster"], 0)
        large_enough = size >= LEAST_TO_DESCRIBE and profile["customers"] >= LEAST_TO_DESCRIBE
        ranks = dict(zip(clustering.behaviour_columns_, clustering.cluster_ranks_[place].tolist(), strict=True))
        cards.append(
            Card(
                cluster=number,
                name=profile["name"],
                tier=profile["tier"],
                customers=size if large_enough else None,
                share=size / everyone if large_enough else None,
                typical_value=rounded(typical.get(number, math.nan)) if large_enough else None,
                behaviour=tuple(trait_words(trait) for trait in clustering.cluster_traits_[place])
                if large_enough
                else (),
                offers=offers(profile["tier"], bundles),
                ranks=ranks if large_enough else {},
            )
        )
    return cards


def offers(tier: str, bundles: Mapping[str, Bundle]) -> tuple[Message, ...]:
    """Say what the policy offers to customers of a tier."""
    fitting = tuple(_offer(bundle) for bundle in bundles.values() if tier in bundle.for_tiers)
    code = tier if tier in ("high_value", "loss_making") else "other"
    return fitting or (Message(f"cluster.no_bundle.{code}"),)


def rounded(value: float) -> float | None:
    """Round to two digits; None for what is not known."""
    if math.isnan(value):
        return None
    return 0.0 if value == 0 else round(value, _DIGITS - 1 - math.floor(math.log10(abs(value))))


def _offer(bundle: Bundle) -> Message:
    whom = []
    if bundle.for_main_bank_elsewhere is not None:
        whom.append(Message("cluster.whom.elsewhere" if bundle.for_main_bank_elsewhere else "cluster.whom.here"))
    whom += [Message("cluster.whom.with", {"family": _family(family)}) for family in bundle.needs_products]
    whom += [Message("cluster.whom.without", {"family": _family(family)}) for family in bundle.lacks_products]
    if whom:
        return Message("cluster.bundle_for", {"name": bundle.name, "whom": whom})
    return Message("cluster.bundle", {"name": bundle.name})


def _family(family: str) -> Message | str:
    return Message(f"cluster.family.{family}") if family in FAMILIES else family
