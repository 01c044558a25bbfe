"""A sample of customers: as large as asked, like the bank, and the same each time."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from segment.features.customer_sample import draw_customers
from segment.features.slots import SLOTS, share_of, slot_of

CUSTOMERS = 6_000
BANK = pl.DataFrame(
    {
        "customer_id": [f"c{number}" for number in range(CUSTOMERS)],
        "branch_id": [f"b{number % 7 % 4}" for number in range(CUSTOMERS)],
        "joined_on": [dt.date(2000 + number * 7 % 25, 1, 1) for number in range(CUSTOMERS)],
    }
)


def test_a_bank_of_no_more_is_taken_whole() -> None:
    assert draw_customers(BANK, CUSTOMERS, seed=0) is None


def test_a_sample_is_like_the_bank_by_branch_and_time_of_joining() -> None:
    sample = draw_customers(BANK, 1_000, seed=0)
    assert sample is not None
    assert (sample.customer_ids.n_unique(), sample.of) == (1_000, CUSTOMERS)
    assert (slot_of(sample.customer_ids) < sample.slots).all()
    assert sample.slots < SLOTS
    drawn = BANK.filter(pl.col("customer_id").is_in(sample.customer_ids.implode()))
    for column, within in (("branch_id", 0.02), ("joined_on", 0.01)):
        shares = [
            rows.group_by(column, maintain_order=True).agg(share=pl.len() / rows.height).sort(column)
            for rows in (BANK, drawn)
        ]
        assert shares[0][column].equals(shares[1][column])
        assert (shares[0]["share"] - shares[1]["share"]).abs().max() < within


def test_the_same_seed_draws_the_same_and_the_order_of_rows_does_not_matter() -> None:
    first, again = (draw_customers(rows, 500, seed=3) for rows in (BANK, BANK.sample(fraction=1.0, shuffle=True)))
    other = draw_customers(BANK, 500, seed=4)
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.customer_ids.equals(again.customer_ids)
    assert not first.customer_ids.equals(other.customer_ids)


def test_a_samples_customers_are_held_out_by_the_same_share_as_a_banks() -> None:
    many = pl.Series("customer_id", [f"c{number}" for number in range(60_000)])
    bank = pl.DataFrame({"customer_id": many, "branch_id": "b", "joined_on": dt.date(2020, 1, 1)})
    sample = draw_customers(bank, 2_000, seed=0)
    assert sample is not None
    assert sample.slots < SLOTS / 4
    for names in (many, sample.customer_ids):
        assert abs((share_of(names) < 0.25).mean() - 0.25) < 0.03
    assert np.array_equal(share_of(many) * SLOTS, slot_of(many).to_numpy())
