"""The size of a card payment is a geometric mean, of the owner's own payments, over twelve months."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pytest

from segment.features.cube import Cube
from segment.features.recipes import Typical, histories
from tests.features.small_ledger import booking, ledger, month_of

TYPICAL = Typical("logs", "payments", 12)


def paid(*amounts: float) -> dict[str, object]:
    rows = [booking("06-10", -size, "card_payment", transaction_id=f"p{n}") for n, size in enumerate(amounts)]
    return month_of(ledger(transactions=rows))


def test_logarithms_of_the_sizes_are_summed_over_card_payments_alone() -> None:
    row = month_of(
        ledger(
            transactions=[
                booking("06-10", -20.0, "card_payment", transaction_id="p1"),
                booking("06-11", -80.0, "card_payment", transaction_id="p2"),
                booking("06-12", 30.0, "card_payment", transaction_id="refund"),
                booking("06-13", -500.0, "cash_withdrawal", transaction_id="cash"),
            ]
        )
    )
    assert row["card_payments"] == 2.0
    assert row["card_payment_logs"] == pytest.approx(math.log(20) + math.log(80))


def test_one_large_payment_hardly_moves_what_is_typical() -> None:
    usual, once = paid(40, 40, 40), paid(40, 40, 4000)
    means = [math.exp(float(row["card_payment_logs"]) / float(row["card_payments"])) for row in (usual, once)]
    assert means[1] < 5 * means[0]


@pytest.mark.parametrize(("payments", "expected"), [(4.0, 40.0), (2.0, float("nan"))])
def test_few_payments_tell_nothing(payments: float, expected: float) -> None:
    values = np.zeros((1, 12, 2))
    values[0, -1] = [payments * math.log(40.0), payments]
    cube = Cube(np.array(["x"], dtype=object), (dt.date(2025, 1, 1),) * 12, ("logs", "payments"), values)
    np.testing.assert_allclose(TYPICAL(histories(cube, [12])[0]), [expected])
