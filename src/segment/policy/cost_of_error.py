"""What it costs to serve a customer as if in another tier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field, model_validator

from segment.arrays import Floats
from segment.exceptions import ValueFault
from segment.policy.section import Section

_Cost = Annotated[float, Field(ge=0.0)]
Row = tuple[_Cost, _Cost, _Cost, _Cost]
Matrix = Sequence[Sequence[float]]
"""Costs: a row per true tier, a column per tier given, best first."""

_DECIMALS = 12


def expected_costs(odds: ArrayLike, matrix: Matrix) -> Floats:
    """Weigh the cost of each tier given by the odds of the true ones.

    Parameters
    ----------
    odds : array-like of shape (n, 4)
        Best tier first.
    matrix : sequence of sequence of float
        A row per true tier, a column per tier given.

    Returns
    -------
    ndarray of shape (n, 4)
        Rounded to twelve decimals, so that ties are ties whatever the order of the sum.

    References
    ----------
    C. Elkan, The foundations of cost-sensitive learning, IJCAI 2001, eq. 1.

    Examples
    --------
    >>> expected_costs([[0.0, 0.4, 0.6, 0.0]], CostOfError().matrix).tolist()
    [[2.2, 0.6, 0.8, 3.6]]
    """
    weighed = np.asarray(odds, dtype=np.float64) @ np.asarray(matrix, dtype=np.float64)
    return np.asarray(np.round(weighed, _DECIMALS), dtype=np.float64)


def excess_costs(costs: Floats, given: ArrayLike) -> Floats:
    """Tell how much dearer the tiers given are than the cheapest ones.

    Parameters
    ----------
    costs : ndarray of shape (n, 4)
        Of `expected_costs`; infinite where a tier is closed.
    given : array-like of int of shape (n,)
        Places of tiers, best first.

    Returns
    -------
    ndarray of shape (n,)

    Examples
    --------
    >>> excess_costs(np.array([[2.2, 0.6, 0.8, 3.6]]), [2]).tolist()
    [0.2]
    """
    chosen = np.take_along_axis(costs, np.asarray(given, dtype=np.intp)[:, None], axis=1)[:, 0]
    return np.asarray(np.round(chosen - costs.min(axis=1), _DECIMALS), dtype=np.float64)


class CostOfError(Section):
    """Relative costs of serving a customer wrongly: a row per tier that the customer is truly in.

    The columns of each row are the tiers given: high-value, valuable, break-even, loss-making. Missing a high-value
    customer, or proposing fees to a good one, costs most; the right tier costs nothing. Of two neighbouring tiers
    given, the better one may never get relatively dearer as the true tier gets better, so that better odds never lower
    the tier of least expected cost.

    Attributes
    ----------
    high_value, valuable, break_even, loss_making : list of four numbers
        The row of customers who are truly in that tier.
    """

    high_value: Row = (0.0, 2.0, 5.0, 12.0)
    valuable: Row = (1.0, 0.0, 2.0, 6.0)
    break_even: Row = (3.0, 1.0, 0.0, 2.0)
    loss_making: Row = (5.0, 3.0, 1.0, 0.0)

    @property
    def matrix(self) -> tuple[Row, Row, Row, Row]:
        """Rows of true tiers, columns of tiers given, best first."""
        return self.high_value, self.valuable, self.break_even, self.loss_making

    @model_validator(mode="after")
    def _right_is_free_and_better_is_never_worse(self) -> Self:
        rows = self.matrix
        if any(row[place] != 0.0 for place, row in enumerate(rows)):
            raise ValueFault.of("errors.policy.right_tier")
        for given in range(3):
            gaps = [row[given] - row[given + 1] for row in rows]
            if gaps != sorted(gaps):
                raise ValueFault.of("errors.policy.better_tier")
        return self
