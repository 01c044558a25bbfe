"""A branch's budget, shared out to the cent: by head and by value, and never more for a head of a lower level."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate


def per_head(
    budget: Fraction, customers: Sequence[int], values: Sequence[float], by_head: float, most: float
) -> list[Fraction]:
    """Say what a customer of each level gets, lowest level first."""
    # `values`: Of one customer of the level. A part of the budget goes by head, the rest by value; a level counts no
    # less than one below it, whatever its customers happened to bring, and nobody gets more than `most` times the mean.
    # What the most leaves over goes to the others, by value, and by head where they have none.
    heads = sum(customers)
    if not heads:
        return [Fraction(0)] * len(customers)
    mean, weights = budget / heads, list(accumulate((Fraction(max(0.0, value)) for value in values), max))
    least, cap, pot = Fraction(by_head) * mean, Fraction(most) * mean, (1 - Fraction(by_head)) * budget
    amounts, open_levels = [cap] * len(customers), list(range(len(customers)))
    while open_levels:
        weight = sum(customers[level] * weights[level] for level in open_levels)
        if weight:
            found = {level: least + pot * weights[level] / weight for level in open_levels}
        else:
            left = sum(customers[level] for level in open_levels)
            found = dict.fromkeys(open_levels, least + (pot / left if left else 0))
        over = [level for level, amount in found.items() if amount > cap]
        if not over:
            for level, amount in found.items():
                amounts[level] = amount
            break
        pot -= sum(customers[level] for level in over) * (cap - least)
        open_levels = [level for level in open_levels if level not in over]
    return amounts


def in_cents(quotas: Sequence[Fraction]) -> list[float]:
    """Round amounts to cents so that they add up to their sum, which is whole cents."""
    # Cents that rounding down leaves go to the largest remainders.
    # Source: Balinski and Young, Fair Representation, 1982: the method of the largest remainder (Hamilton).
    cents = [quota * 100 for quota in quotas]
    parts = [int(quota) for quota in cents]
    by_remainder = sorted(range(len(parts)), key=lambda place: parts[place] - cents[place])
    for place in by_remainder[: round(sum(cents)) - sum(parts)]:
        parts[place] += 1
    return [part / 100 for part in parts]


def whole_cents(budget: float) -> Fraction:
    """A budget as an exact number of cents: floats of very different size would else not add up."""
    return Fraction(round(budget * 100), 100)
