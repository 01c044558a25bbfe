"""Whether a bank's own outcomes refute what its policy says of a chance, and when they could."""

# One question for all programmes of the same word (`moved_when`, odds by channel): their arms are compared within each
# programme and pooled, so that a small one does not wait for households of its own. It is asked again at every list.
# The k-th time it may be answered wrongly with a chance of .05 / (k * (k + 1)), which adds up to .05 however long lists
# are made; what was refuted once stays so, and many questions are corrected by Holm. Two-sided: a chance that is too
# low leaves value with the customer's other bank, as one that is too high wastes hours.

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import polars as pl
from scipy.stats import norm

from segment.policy import Policy
from segment.statistics import holm
from segment.upgrade.chances import PolicyAsked
from segment.upgrade.compared_arms import Cell, MeasureDifference
from segment.upgrade.power import POWER

REFUTED = 0.05
"""Chance that any word of the policy's is ever called refuted although each is right."""

MOST_LISTS = 120
"""Ten years of a list a month."""


def ask_the_policy(rows: pl.DataFrame, policy: Policy, difference: MeasureDifference) -> tuple[PolicyAsked, ...]:
    """Ask of each word of the policy whether the rows of both arms refute it; `expected`: the policy's alone."""
    found = []
    for programmes in _of_one_word(rows, policy):
        looks = list(_looks(rows.filter(pl.col("programme").is_in(programmes)), difference))
        if looks:
            found.append((programmes, looks, min(1.0, min(p * n for n, p in _spent(looks)))))
    corrected = holm([p for _, _, p in found])
    return tuple(
        PolicyAsked(
            programmes=programmes,
            promised=looks[-1].expected,
            low=looks[-1].found.low,
            high=looks[-1].found.high,
            lists=len(looks),
            refuted=p <= REFUTED,
            after=lists_until_refutable(looks[-1].expected, looks[-1].found.standard_error, len(looks)),
        )
        for (programmes, looks, _), p in zip(found, corrected, strict=True)
    )


def lists_until_refutable(expected: float, standard_error: float, lists: int) -> int | None:
    """Lists like those so far after which four in five banks see that a contact adds nothing, within ten years."""
    for number in range(lists + 1, MOST_LISTS + 1):
        needed = float(norm.isf(REFUTED / (2.0 * number * (number + 1))) + norm.ppf(POWER))
        if needed * standard_error * sqrt(lists / number) <= expected:
            return number
    return None


def _of_one_word(rows: pl.DataFrame, policy: Policy) -> list[tuple[str, ...]]:
    words: dict[object, list[str]] = {}
    seen = set(rows["programme"])
    for code, programme in policy.programmes.items():
        if code not in seen:
            continue
        word = (programme.moved_when, tuple(sorted(programme.incremental_probability.items())))
        words.setdefault(word, []).append(code)
    return [tuple(codes) for codes in words.values()]


def _looks(rows: pl.DataFrame, difference: MeasureDifference) -> Iterator[Cell]:
    """What was known after each list."""
    days = rows["list_on"].unique().sort() if "list_on" in rows.columns else [None]
    for day in days:
        until = rows if day is None else rows.filter(pl.col("list_on") <= day)
        cell = Cell.of(until, str(day), difference)
        if cell is not None and cell.found.standard_error > 0.0:
            yield cell


def _spent(looks: list[Cell]) -> Iterator[tuple[int, float]]:
    """Of each time: its p-value, by the interval's middle, from which its error counts, and how often that counts."""
    for number, cell in enumerate(looks, start=1):
        away = abs((cell.found.low + cell.found.high) / 2.0 - cell.expected) / cell.found.standard_error
        yield number * (number + 1), 2.0 * float(norm.sf(away))
