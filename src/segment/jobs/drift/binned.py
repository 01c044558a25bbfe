"""One figure's distribution as shares of bins: what is kept of customers in place of their rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.jobs.drift.psi import BINS, index_of_shares, shares_of

DIGITS = 3


@dataclass(frozen=True)
class Binned:
    """Shares of customers by bin.

    Attributes
    ----------
    edges : tuple of float
        Rounded to three digits, so that no edge is one customer's amount.
    shares : tuple of float
        One more than edges, then the share of missing figures.
    customers : int
    zeros : float
        Share of figures that are zero: a feed that fails leaves zeros where money flowed, nothing missing.
    """

    edges: tuple[float, ...]
    shares: tuple[float, ...]
    customers: int
    zeros: float = 0.0

    @property
    def missing(self) -> float:
        """Share of missing figures."""
        return self.shares[-1]

    @property
    def bins(self) -> int:
        """Bins, the one for missing figures included."""
        return len(self.shares)

    def index(self, now: Binned) -> float:
        """Population stability index of newer shares of the same bins.

        Parameters
        ----------
        now : Binned

        Returns
        -------
        float
        """
        return index_of_shares(np.array(self.shares), np.array(now.shares), min(self.customers, now.customers))

    def again(self, column: pl.Series) -> Binned:
        """Put newer figures into the same bins.

        Parameters
        ----------
        column : polars.Series
            Numeric or boolean.

        Returns
        -------
        Binned
        """
        return _counted(column, np.array(self.edges))

    def of(self, customers: int) -> Binned:
        """Say how many customers the shares are of, where some have several rows.

        Parameters
        ----------
        customers : int

        Returns
        -------
        Binned
        """
        return replace(self, customers=customers)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Binned:
        """Read what `to_dict` wrote.

        Parameters
        ----------
        content : dict

        Returns
        -------
        Binned
        """
        return cls(tuple(content["edges"]), tuple(content["shares"]), int(content["customers"]), content["zeros"])


def binned(column: pl.Series) -> Binned:
    """Cut a figure at its own tenths.

    Parameters
    ----------
    column : polars.Series
        Numeric or boolean.

    Returns
    -------
    Binned

    Examples
    --------
    >>> binned(pl.Series([0, 0, 0, 0, 0, 0, 0, 0, 5, None])).missing
    0.1
    """
    known = _numbers(column)
    known = known[~np.isnan(known)]
    tenths = np.quantile(known, np.arange(1, BINS) / BINS) if len(known) else np.array([])
    edges = np.unique([float(f"{edge:.{DIGITS}g}") for edge in tenths])
    # nothing lies above an edge that is the greatest figure: it would be a bin of its own without customers
    return _counted(column, edges[edges < known.max()] if len(known) else edges)


def _counted(column: pl.Series, edges: NDArray[np.float64]) -> Binned:
    values = _numbers(column)
    zeros = float((values == 0).sum() / max(len(values), 1))
    shares = tuple(shares_of(values, edges).round(6).tolist())
    return Binned(tuple(edges.tolist()), shares, len(values), round(zeros, 6))


def _numbers(column: pl.Series) -> NDArray[np.float64]:
    return column.cast(pl.Float64).fill_null(float("nan")).to_numpy()
