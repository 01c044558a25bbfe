"""Customers that stand for a large bank where more of them would teach nothing more."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import polars as pl

from segment.features.slots import SLOTS, slot_of

CANDIDATES = 2
"""Customers that a sample is drawn from, for each that is drawn: their months alone are read."""


@dataclass(frozen=True)
class CustomerSample:
    """Some of a bank's customers, all of whom lie in its first slots."""

    customer_ids: pl.Series
    slots: int
    of: int  # customers of the bank


def draw_customers(customers: pl.DataFrame, most: int, seed: int) -> CustomerSample | None:
    """Draw customers with equal chances, in proportion to branches and times of joining; None where there are no more.

    >>> import datetime as dt
    >>> day = dt.date(2020, 1, 1)
    >>> names = [f"c{number}" for number in range(400)]
    >>> bank = pl.DataFrame({"customer_id": names, "branch_id": ["a", "b", "b", "b"] * 100, "joined_on": [day] * 400})
    >>> drawn = draw_customers(bank, 80, seed=0)
    >>> drawn.customer_ids.len(), drawn.of
    (80, 400)
    """
    if customers.height <= most:
        return None
    # a power of two, so that it can be told from the slots themselves how far they reach
    slots = 1 << math.ceil(math.log2(min(SLOTS, max(1.0, SLOTS * CANDIDATES * most / customers.height))))
    listed = customers.select("customer_id", "branch_id", "joined_on", slot=slot_of(customers["customer_id"]))
    candidates = listed.filter(pl.col("slot") < slots).sort("branch_id", "joined_on", "customer_id")
    # every so manieth of those in order, from a place that chance chooses
    step = max(1.0, candidates.height / most)
    places = np.floor(np.arange(min(most, candidates.height)) * step + np.random.default_rng(seed).uniform(0, step))
    drawn = candidates["customer_id"].gather(np.minimum(places, candidates.height - 1).astype(np.int64))
    return CustomerSample(drawn.unique().sort(), slots, customers.height)
