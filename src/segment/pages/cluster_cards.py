"""Cards of clusters as a page."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from segment.clustering.cards import Card
from segment.clustering.names import name_parts, word_message
from segment.clustering.profiles import LEAST_TO_DESCRIBE
from segment.messages import Message
from segment.numbers import FigureWithError
from segment.pages.render import render
from segment.plots.clusters_plots import cluster_words
from segment.sentences import Form, Language, Sentences


def cluster_page(
    cards: Sequence[Card], currency: str, title: Message, language: Language = "en", form: Form = "md"
) -> str:
    """Write cards as a page."""
    t = Sentences(language)
    lines = [(_heading(card, t), _lines(card, currency, t)) for card in cards]
    return render("cluster_cards.jinja", form, language, title=title, cards=lines)


def card_dict(card: Card) -> dict[str, object]:
    """Return a card's plain values, as `--json` prints them."""
    return {**card.to_dict(), "offers": Sentences().each(card.offers)}


def _heading(card: Card, t: Sentences) -> Message:
    return Message("cluster.heading", {"cluster": card.cluster, "name": cluster_words(name_parts(card.name), t)})


def _lines(card: Card, currency: str, t: Sentences) -> list[Message]:
    offered = Message("cluster.offer", {"offers": card.offers})
    if card.customers is None:
        return [Message("cluster.size_few", {"least": LEAST_TO_DESCRIBE}), offered]
    behaviour = Message("cluster.behaviour", {"words": cluster_words(map(word_message, card.behaviour), t)})
    return [
        Message("cluster.size", {"customers": card.customers, "share": _share(card.customers, card.share)}),
        Message("cluster.value", {"value": _value(card.typical_value, currency)}),
        behaviour if card.behaviour else Message("cluster.behaviour_none"),
        offered,
    ]


def _share(customers: int, share: float | None) -> float | None:
    """Put the standard error of a share beside it, were the customers drawn anew."""
    if share is None or not 0.0 < share < 1.0:
        return share
    return FigureWithError(share, sqrt(share * (1.0 - share) / (customers / share)))


def _value(typical: float | None, currency: str) -> Message:
    if typical is None:
        return Message("cluster.value_unknown")
    code = "cluster.value_below" if typical < 0 else "cluster.value_above"
    return Message(code, {"amount": abs(typical), "currency": currency})
