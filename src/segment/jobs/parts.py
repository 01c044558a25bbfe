"""The parts of a bank that every figure is also given for: size of the branch, length of the relation, tier."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.tiers import TIERS

Mask = NDArray[np.bool_]

TENURES = (
    ("under 1 year", 0, 12),
    ("1 to 3 years", 12, 36),
    ("3 to 10 years", 36, 120),
    ("10 years and more", 120, 10**6),
)
"""Name, and months from and below."""

SIZES = ("small", "middle", "large")


def parts_of(snapshot: pl.DataFrame, tiers: pl.Series | None = None) -> dict[tuple[str, str], Mask]:
    """Place customers in parts of the bank by what was known at their moment.

    Parameters
    ----------
    snapshot : polars.DataFrame
        One moment: `branch_id`, `tenure_months`.
    tiers : polars.Series of str, optional
        Published for the moment; without them there are no parts by tier.

    Returns
    -------
    dict of (str, str) to array of bool, shape (n,)
        By group (`all`, `branch_size`, `tenure`, `tier`) and its value. Branches are small, middle or large by thirds
        of the branches, counted in customers.

    Examples
    --------
    >>> people = pl.DataFrame({"branch_id": ["a", "b", "b"], "tenure_months": [5, 40, None]})
    >>> parts = parts_of(people)
    >>> parts["tenure", "under 1 year"].tolist(), parts["branch_size", "large"].tolist()
    ([True, False, False], [False, True, True])
    """
    found: dict[tuple[str, str], Mask] = {("all", "all"): np.ones(snapshot.height, dtype=np.bool_)}
    branch = snapshot["branch_id"]
    size = snapshot.select(pl.len().over("branch_id")).to_series().to_numpy()
    of_branches = size[branch.is_first_distinct().to_numpy()]
    third = np.searchsorted(np.quantile(of_branches, [1 / 3, 2 / 3]), size, side="left")
    for place, name in enumerate(SIZES):
        found["branch_size", name] = third == place
    tenure = snapshot["tenure_months"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    for name, low, high in TENURES:
        found["tenure", name] = (tenure >= low) & (tenure < high)
    if tiers is not None:
        found |= {("tier", tier): tiers.eq(tier).fill_null(False).to_numpy() for tier in TIERS}
    return found
