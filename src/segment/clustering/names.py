"""Names of clusters: the tier and the behaviour that sets a cluster apart, kept from one model to the next."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from segment.arrays import Floats, Integers
from segment.messages import Message

_NOTABLE = 0.5
# The first trait of a name need not be notable: it is what a cluster has most apart from its neighbours.
_LEAST_TOLD = 1e-9
_MOST_TRAITS = 2
# A name is earned at half a standard deviation of ranks and lost at half of that: figures that waver do not rename.
_STILL_NOTABLE = 0.25
_NO_LONGER_TYPICAL = 1.0
_LEVELS: dict[int, tuple[str, ...]] = {2: ("upper", "lower"), 3: ("upper", "middle", "lower")}


COLUMN_WORDS: dict[str, tuple[str, str]] = {
    "digital_share_12m": ("rarely digital", "mostly digital"),
    "manual_share_12m": ("little counter or phone", "mostly counter or phone"),
    "initiated_events_12m": ("quiet", "busy"),
    "product_families": ("few products", "many products"),
    "deposits_12m": ("small deposits", "large deposits"),
    "debt_12m": ("little borrowed", "much borrowed"),
    "debt_share_3m": ("no loan", "mainly a loan"),
    "wealth_12m": ("no investments", "investments"),
    "spend_12m": ("little paid by card", "card spender"),
    "cash_share_12m": ("little cash", "cash user"),
    "signal_salary_months": ("no salary here", "salary paid here"),
    "signal_sweep_share": ("income stays here", "income swept away"),
}
"""What little and what much of a column is called."""
_LEVEL = re.compile(r"level (?P<place>\d+) of (?P<count>\d+)")
_OTHER_COLUMN = re.compile(r"(?P<much>low|high) (?P<column>.+)")
_AGAIN = re.compile(r"(?P<word>.+) \((?P<number>\d+)\)")


def contrasts(ranks: Floats, tiers: Sequence[str], sizes: Integers) -> Floats:
    """Hold the behaviour of each cluster against the customers of the same tier, or of the bank where it is alone."""
    # `ranks` (n_clusters, n_columns): Mean behaviour of each cluster, in standard deviations of ranks.
    # `sizes` (n_clusters,): Customers. Returns ndarray of shape (n_clusters, n_columns).
    against = np.zeros_like(ranks)
    for tier in set(tiers):
        same = np.array([other == tier for other in tiers])
        if same.sum() > 1:
            against[same] = np.average(ranks[same], axis=0, weights=np.maximum(sizes[same], 1))
    return np.asarray(ranks - against, dtype=np.float64)


def traits(ranks: Floats, columns: Sequence[str]) -> list[list[str]]:
    """Return the behaviour that sets each cluster apart: what does so most, and a second that is notable too."""
    # `ranks` (n_clusters, n_columns): Mean behaviour of each cluster, in standard deviations of ranks.
    by_cluster = []
    for row in ranks:
        order = np.argsort(-np.abs(row), kind="stable")[:_MOST_TRAITS]
        told = [place for number, place in enumerate(order) if abs(row[place]) >= (_NOTABLE if number else _LEAST_TOLD)]
        by_cluster.append([f"{'+' if row[place] > 0 else '-'}{columns[place]}" for place in told])
    return by_cluster


def cluster_names(tiers: Sequence[str], behaviour: Sequence[Sequence[str]], taken: Collection[str] = ()) -> list[str]:
    """Name clusters by their tier and the behaviour that sets them apart."""
    plain = [", ".join([tier.replace("_", "-"), *_phrases(its)]) for tier, its in zip(tiers, behaviour, strict=True)]
    alike, met = Counter(plain), Counter[str]()
    names: list[str] = []
    for name in plain:
        met[name] += 1
        names.append(_unique_name(name + _level(met[name], alike[name]), {*taken, *names}))
    return names


def continued_names(
    tiers: Sequence[str],
    ranks: Floats,
    columns: Sequence[str],
    links: Integers,
    last: tuple[Sequence[str], Sequence[str], Sequence[Sequence[str]]],
) -> tuple[list[str], list[list[str]]]:
    """Name clusters as the last model did, where what the name says still holds."""
    # `ranks` (n_clusters, n_columns): Mean behaviour of each cluster, in standard deviations of ranks.
    # `links` (n_clusters,): The last model's cluster that each one continues; -1: none.
    last_tiers, last_names, last_traits = last
    behaviour = traits(ranks, columns)
    names: list[str] = [""] * len(tiers)
    for place, link in enumerate(links):
        figures = dict(zip(columns, ranks[place], strict=True))
        if link >= 0 and last_tiers[link] == tiers[place] and _holds(last_traits[link], figures):
            names[place], behaviour[place] = last_names[link], list(last_traits[link])
    fresh = [place for place, name in enumerate(names) if not name]
    made = cluster_names([tiers[place] for place in fresh], [behaviour[place] for place in fresh], last_names)
    for place, name in zip(fresh, made, strict=True):
        names[place] = name
    return names, behaviour


def _phrases(behaviour: Sequence[str]) -> list[str]:
    return [trait_words(trait) for trait in behaviour] or ["typical"]


def _level(place: int, count: int) -> str:
    """Say which of several alike, most valuable first, in words while there are few."""
    if count == 1:
        return ""
    return f", {_LEVELS[count][place - 1]}" if count in _LEVELS else f", level {place} of {count}"


def _unique_name(name: str, taken: set[str]) -> str:
    tries = 2
    candidate = name
    while candidate in taken:
        candidate, tries = f"{name} ({tries})", tries + 1
    return candidate


def _holds(behaviour: Sequence[str], figures: dict[str, float]) -> bool:
    """Whether traits that once named a cluster still say nothing wrong."""
    if not behaviour:
        return all(abs(figure) < _NO_LONGER_TYPICAL for figure in figures.values())
    most = traits(np.array([list(figures.values())]), list(figures))[0][:1]
    return all(
        trait in most or (1 if trait[0] == "+" else -1) * figures.get(trait[1:], 0.0) >= _STILL_NOTABLE
        for trait in behaviour
    )


def column_words(column: str, sign: int) -> str:
    """Return what little or much of a column is called."""
    plain = column.replace("_", " ")
    little, much = COLUMN_WORDS.get(column, (f"low {plain}", f"high {plain}"))
    return much if sign > 0 else little


def trait_words(trait: str) -> str:
    """Say a trait, a column with + or - before it, in words."""
    return column_words(trait[1:], 1 if trait[0] == "+" else -1)


def name_parts(name: str) -> list[Message | str]:
    """Read the words of a cluster's name, which stays the same from one model to the next."""
    return [word_message(word) for word in name.split(", ")]


def word_message(word: str) -> Message | str:
    """Read a word of a name or a behaviour: a code where it has a figure or a column in it, else the word itself."""
    if level := _LEVEL.fullmatch(word):
        return Message("cluster.level", level.groupdict())
    if again := _AGAIN.fullmatch(word):
        return Message("cluster.again", {"word": word_message(again["word"]), "number": again["number"]})
    if other := _OTHER_COLUMN.fullmatch(word):
        return Message(f"cluster.{other['much']}", {"column": other["column"]})
    return word
