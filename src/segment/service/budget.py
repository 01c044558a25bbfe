"""A branch's budget, shared out to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def share_out(
    budget: float, contributions: Sequence[float], floors: Sequence[float], customers: Sequence[int]
) -> list[float]:
    """Share a budget out by contribution, after the floors are set apart.

    A part gets its floor and, of what the floors leave, its share of all parts' `max(0, contribution)`; where no part
    contributes anything, its share of the customers. Cents that rounding down leaves go to the largest remainders.

    Parameters
    ----------
    budget : float
        Of the branch, never negative; taken to the cent.
    contributions : sequence of float
        Total contribution of each part; a loss weighs nothing.
    floors : sequence of float
        Share of the budget set apart for each part; together at most one.
    customers : sequence of int
        Of each part, at least one.

    Returns
    -------
    list of float
        Add up to the budget to the cent.

    References
    ----------
    Balinski and Young, Fair Representation, 1982: the method of the largest remainder (Hamilton).

    Examples
    --------
    >>> share_out(100.0, [300.0, 100.0, -50.0], [0.0, 0.0, 0.2], [1, 1, 1])
    [60.0, 20.0, 20.0]
    """
    if not contributions:
        return []
    weights = [Fraction(max(0.0, one)) for one in contributions]
    if not any(weights):
        weights = [Fraction(one) for one in customers]
    cents = round(budget * 100)
    # exact: floats of very different size would else not add up
    set_apart = [Fraction(one) for one in floors]
    free, whole = max(Fraction(0), 1 - sum(set_apart)), sum(weights)
    quotas = [cents * (floor + free * weight / whole) for floor, weight in zip(set_apart, weights, strict=True)]
    parts = [int(quota) for quota in quotas]
    by_remainder = sorted(range(len(parts)), key=lambda place: parts[place] - quotas[place])
    for place in by_remainder[: cents - sum(parts)]:
        parts[place] += 1
    return [part / 100 for part in parts]
