"""Names of clusters: the tier and the behaviour that sets a cluster apart, kept from one model to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from segment.clustering.coordinates import Floats, Integers
from segment.clustering.words import words

_NOTABLE = 0.5
_WORDS = 2
# A name is earned at half a standard deviation of ranks and lost at half of that: figures that waver do not rename.
_STILL_NOTABLE = 0.25
_NO_LONGER_TYPICAL = 1.0
_LEVELS: dict[int, tuple[str, ...]] = {2: ("upper", "lower"), 3: ("upper", "middle", "lower")}


def traits(ranks: Floats, columns: Sequence[str]) -> list[list[str]]:
    """Return the behaviour that sets each cluster apart.

    Parameters
    ----------
    ranks : ndarray of shape (n_clusters, n_columns)
        Mean behaviour of each cluster, in standard deviations of ranks.
    columns : sequence of str of length n_columns

    Returns
    -------
    list of list of str
        Two columns at most for each cluster, the most notable first, each after `+` for much or `-` for little.

    Examples
    --------
    >>> traits(np.array([[0.9, -1.2], [0.1, 0.0]]), ["visits_12m", "balance_12m"])
    [['-balance_12m', '+visits_12m'], []]
    """
    found = []
    for row in ranks:
        order = np.argsort(-np.abs(row), kind="stable")[:_WORDS]
        told = [place for place in order if abs(row[place]) >= _NOTABLE]
        found.append([f"{'+' if row[place] > 0 else '-'}{columns[place]}" for place in told])
    return found


def cluster_names(tiers: Sequence[str], behaviour: Sequence[Sequence[str]], taken: Collection[str] = ()) -> list[str]:
    """Name clusters by their tier and the behaviour that sets them apart.

    Parameters
    ----------
    tiers : sequence of str of length n_clusters
        Tier of each cluster, most valuable cluster first.
    behaviour : sequence of sequence of str
        From `traits`.
    taken : collection of str
        Names that must not be given.

    Returns
    -------
    list of str
        No two alike. Where tier and behaviour are the same, the place in the order of value tells them apart.

    Examples
    --------
    >>> cluster_names(["valuable", "break_even", "break_even"], [["+product_families"], [], []])
    ['valuable, many products', 'break-even, typical, upper', 'break-even, typical, lower']
    """
    told = [", ".join([tier.replace("_", "-"), *_phrases(its)]) for tier, its in zip(tiers, behaviour, strict=True)]
    alike, met = Counter(told), Counter[str]()
    names: list[str] = []
    for name in told:
        met[name] += 1
        names.append(_free(name + _level(met[name], alike[name]), {*taken, *names}))
    return names


def kept_names(
    tiers: Sequence[str],
    ranks: Floats,
    columns: Sequence[str],
    links: Integers,
    last: tuple[Sequence[str], Sequence[str], Sequence[Sequence[str]]],
) -> tuple[list[str], list[list[str]]]:
    """Name clusters as the last model did, where what the name says still holds.

    Parameters
    ----------
    tiers : sequence of str of length n_clusters
    ranks : ndarray of shape (n_clusters, n_columns)
        Mean behaviour of each cluster, in standard deviations of ranks.
    columns : sequence of str of length n_columns
    links : ndarray of int of shape (n_clusters,)
        The last model's cluster that each one continues; -1: none.
    last : tuple of tiers, names, traits
        Of the last model's clusters.

    Returns
    -------
    names : list of str
        A cluster that continues none, that has another tier, or whose name would now be wrong has a new name, which no
        cluster of the last model had.
    behaviour : list of list of str
        The traits that stand behind each name.

    Examples
    --------
    >>> last = (["valuable"], ["valuable, busy"], [["+initiated_events_12m"]])
    >>> columns = ["initiated_events_12m"]
    >>> kept_names(["valuable"], np.array([[0.3]]), columns, np.array([0]), last)[0]
    ['valuable, busy']
    >>> kept_names(["break_even"], np.array([[0.3]]), columns, np.array([0]), last)[0]
    ['break-even, typical']
    """
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
    return [words(trait[1:], 1 if trait[0] == "+" else -1) for trait in behaviour] or ["typical"]


def _level(place: int, count: int) -> str:
    """Say which of several alike, most valuable first, in words while there are few."""
    if count == 1:
        return ""
    return f", {_LEVELS[count][place - 1]}" if count in _LEVELS else f", level {place} of {count}"


def _free(name: str, taken: set[str]) -> str:
    tries = 2
    free = name
    while free in taken:
        free, tries = f"{name} ({tries})", tries + 1
    return free


def _holds(behaviour: Sequence[str], figures: dict[str, float]) -> bool:
    """Whether traits that once named a cluster still say nothing wrong."""
    if not behaviour:
        return all(abs(figure) < _NO_LONGER_TYPICAL for figure in figures.values())
    return all((1 if trait[0] == "+" else -1) * figures.get(trait[1:], 0.0) >= _STILL_NOTABLE for trait in behaviour)
