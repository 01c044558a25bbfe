"""One figure's distribution as shares of bins: what is kept of customers in place of their rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from segment.drift.psi import Floats, as_floats, index_of_shares, shares_of, tenths_of

DIGITS = 3


@dataclass(frozen=True)
class Histogram:
    """Shares of customers by bin."""

    edges: tuple[float, ...]  # Rounded to three digits, so that no edge is one customer's amount
    shares: tuple[float, ...]  # One more than edges, then the share of missing figures
    customers: int
    # Share of figures that are zero: a feed that fails leaves zeros where money flowed, nothing missing
    zeros: float = 0.0

    @property
    def missing(self) -> float:
        """Share of missing figures."""
        return self.shares[-1]

    @property
    def bins(self) -> int:
        """Bins, the one for missing figures included."""
        return len(self.shares)

    def index(self, current: Histogram) -> float:
        """Population stability index of newer shares of the same bins."""
        customers = min(self.customers, current.customers)
        return index_of_shares(np.array(self.shares), np.array(current.shares), customers)

    def same_bins(self, column: pl.Series, customers: int | None = None) -> Histogram:
        """Put other figures into the same bins; say of how many customers, where some have several rows."""
        counted = _count(column, np.array(self.edges))
        return counted if customers is None else replace(counted, customers=customers)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Histogram:
        """Read what `to_dict` wrote."""
        return cls(tuple(content["edges"]), tuple(content["shares"]), int(content["customers"]), content["zeros"])


def histogram(column: pl.Series) -> Histogram:
    """Cut a figure at its own tenths.

    Examples
    --------
    >>> histogram(pl.Series([0, 0, 0, 0, 0, 0, 0, 0, 5, None])).missing
    0.1
    """
    values = as_floats(column)
    values = values[~np.isnan(values)]
    edges = np.unique([float(f"{edge:.{DIGITS}g}") for edge in tenths_of(values)])
    # nothing lies above an edge that is the greatest figure: it would be a bin of its own without customers
    return _count(column, edges[edges < values.max()] if len(values) else edges)


def _count(column: pl.Series, edges: Floats) -> Histogram:
    values = as_floats(column)
    zeros = float((values == 0).sum() / max(len(values), 1))
    shares = tuple(shares_of(values, edges).round(6).tolist())
    return Histogram(tuple(edges.tolist()), shares, len(values), round(zeros, 6))
