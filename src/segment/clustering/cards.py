"""Profile cards: what a cluster is, in words that a branch understands, with nothing that points at a person."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from segment.clustering.profiles import LEAST_TO_DESCRIBE
from segment.clustering.tier_clustering import TierClustering
from segment.clustering.words import words
from segment.policy.contacts import Bundle

_DIGITS = 2
_WITHOUT_BUNDLE = {
    "high_value": "Nothing to sell them up to: keep them, and ask before they leave.",
    "loss_making": "No bundle of the policy: make cheaper ways to the bank easy. A fee needs a person's decision.",
}


@dataclass(frozen=True)
class Card:
    """A cluster on a card.

    Attributes
    ----------
    cluster : int
        Number.
    name, tier : str
    customers : int or None
        None: fewer than ten, and no further figure is told.
    share : float or None
        Of all customers clustered.
    typical_value : float or None
        Median value, to two digits: an exact median would be one customer's own figure.
    behaviour : tuple of str
        What sets the cluster apart, in words.
    offers : tuple of str
    ranks : dict of str to float
        Mean behaviour in standard deviations of ranks; empty where figures are not told.
    """

    cluster: int
    name: str
    tier: str
    customers: int | None
    share: float | None
    typical_value: float | None
    behaviour: tuple[str, ...]
    offers: tuple[str, ...]
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
    """Write the card of each cluster.

    Parameters
    ----------
    clustering : TierClustering
        Fitted.
    bundles : mapping of str to Bundle
        What the policy offers.
    sizes : mapping of int to int, optional
        Customers by number of cluster; those that the clusters were learned from by default.
    typical : mapping of int to float, optional
        Median value by number of cluster, likewise.

    Returns
    -------
    list of Card
        Most valuable cluster first.
    """
    profiles = clustering.profiles_
    sizes = {card["cluster"]: card["customers"] for card in profiles} if sizes is None else sizes
    if typical is None:
        typical = {card["cluster"]: card.get(f"median_{clustering.value}", math.nan) for card in profiles}
    everyone = max(sum(sizes.values()), 1)
    made = []
    for place, profile in enumerate(profiles):
        number, size = profile["cluster"], sizes.get(profile["cluster"], 0)
        told = size >= LEAST_TO_DESCRIBE and profile["customers"] >= LEAST_TO_DESCRIBE
        ranks = dict(zip(clustering.behaviour_columns_, clustering.cluster_ranks_[place].tolist(), strict=True))
        made.append(
            Card(
                cluster=number,
                name=profile["name"],
                tier=profile["tier"],
                customers=size if told else None,
                share=size / everyone if told else None,
                typical_value=rounded(typical.get(number, math.nan)) if told else None,
                behaviour=tuple(_phrase(trait) for trait in clustering.cluster_traits_[place]) if told else (),
                offers=offers(profile["tier"], bundles),
                ranks=ranks if told else {},
            )
        )
    return made


def offers(tier: str, bundles: Mapping[str, Bundle]) -> tuple[str, ...]:
    """Say what the policy offers to customers of a tier.

    Parameters
    ----------
    tier : str
    bundles : mapping of str to Bundle

    Returns
    -------
    tuple of str
        Each bundle's name, with whom it is for.

    Examples
    --------
    >>> ladder = Bundle(name="Ladder", for_tiers=("valuable",), lacks_products=("card",), moved_share=0.3, incentive=0)
    >>> offers("valuable", {"ladder": ladder})
    ('Ladder (without card)',)
    """
    found = tuple(_offer(bundle) for bundle in bundles.values() if tier in bundle.for_tiers)
    return found or (_WITHOUT_BUNDLE.get(tier, "No bundle of the policy is for this tier."),)


def rounded(value: float) -> float | None:
    """Round to two digits; None for what is not known.

    Parameters
    ----------
    value : float

    Returns
    -------
    float or None

    Examples
    --------
    >>> rounded(1234.5), rounded(-0.0), rounded(float("nan"))
    (1200.0, 0.0, None)
    """
    if math.isnan(value):
        return None
    return 0.0 if value == 0 else round(value, _DIGITS - 1 - math.floor(math.log10(abs(value))))


def as_markdown(cards: Sequence[Card], currency: str, title: str) -> str:
    """Write cards as a page.

    Parameters
    ----------
    cards : sequence of Card
    currency : str
    title : str

    Returns
    -------
    str

    Examples
    --------
    >>> card = Card(3, "valuable, typical", "valuable", 420, 0.21, 310.0, (), ("Ladder",), {})
    >>> print(as_markdown([card], "EUR", "Clusters"))
    # Clusters
    <BLANKLINE>
    ## 3 · valuable, typical
    - **Size**: 420 customers, 21 % of all that are clustered.
    - **Value**: half of them bring more than about 310 EUR a year.
    - **Behaviour**: nothing that sets them apart from the bank's customers.
    - **What to offer**: Ladder
    <BLANKLINE>
    """
    return "\n".join([f"# {title}", "", *(line for card in cards for line in _lines(card, currency))])


def _lines(card: Card, currency: str) -> list[str]:
    head = f"## {card.cluster} · {card.name}"
    offered = f"- **What to offer**: {'; '.join(card.offers)}"
    if card.customers is None or card.share is None:
        return [head, f"- **Size**: fewer than {LEAST_TO_DESCRIBE} customers, too few to describe.", offered, ""]
    share = f"{card.share:.0%}".replace("%", " %")
    behaviour = ", ".join(card.behaviour) or "nothing that sets them apart from the bank's customers"
    value = "not known" if card.typical_value is None else _value(card.typical_value, currency)
    return [
        head,
        f"- **Size**: {card.customers:,} customers, {share} of all that are clustered.",
        f"- **Value**: {value}.",
        f"- **Behaviour**: {behaviour}.",
        offered,
        "",
    ]


def _value(typical: float, currency: str) -> str:
    if typical < 0:
        return f"half of them cost the bank more than about {-typical:,.0f} {currency} a year beyond what they bring"
    return f"half of them bring more than about {typical:,.0f} {currency} a year"


def _offer(bundle: Bundle) -> str:
    whom = []
    if bundle.for_main_bank_elsewhere is not None:
        whom.append("main bank elsewhere" if bundle.for_main_bank_elsewhere else "main bank not elsewhere")
    whom += [f"with {family}" for family in bundle.needs_products]
    whom += [f"without {family}" for family in bundle.lacks_products]
    return f"{bundle.name} ({', '.join(whom)})" if whom else bundle.name


def _phrase(trait: str) -> str:
    return words(trait[1:], 1 if trait[0] == "+" else -1)
