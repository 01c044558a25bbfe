"""What it costs to serve a customer as if in another tier."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from segment.policy.section import Section

_Cost = Annotated[float, Field(ge=0.0)]
Row = tuple[_Cost, _Cost, _Cost, _Cost]


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
            raise ValueError("the right tier must cost nothing")
        for given in range(3):
            gaps = [row[given] - row[given + 1] for row in rows]
            if gaps != sorted(gaps):
                raise ValueError("a better true tier must never speak for the worse of two neighbouring tiers")
        return self
