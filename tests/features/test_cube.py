"""The cube of one bucket."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl

from segment.features import build_cube, write_customer_months
from segment.features.cube import cube_of
from segment.features.store import month_file
from tests.features.random_bank import random_bank
from tests.features.small_ledger import policy

MONTHS = tuple(dt.date(2024, month, 1) for month in (1, 2, 3))


def test_months_without_a_row_are_missing() -> None:
    rows = pl.DataFrame({"customer_id": ["y", "x"], "month": [MONTHS[0], MONTHS[2]], "a": [1.0, 2.0], "b": [None, 4.0]})
    cube = cube_of(rows, MONTHS, ("a", "b"))
    assert cube.customer_ids.tolist() == ["x", "y"]
    np.testing.assert_array_equal(cube["a"], [[np.nan, np.nan, 2.0], [1.0, np.nan, np.nan]])
    np.testing.assert_array_equal(cube["b"], [[np.nan, np.nan, 4.0], [np.nan] * 3])


def test_buckets_part_the_customers_and_lose_none(tmp_path: Path) -> None:
    write_customer_months(random_bank(customers=50, months=3), policy(), dt.date(2024, 3, 31), tmp_path)
    cubes = [build_cube(tmp_path, bucket, 7, MONTHS, ("flow_fee",)) for bucket in range(7)]
    found = [name for cube in cubes for name in cube.customer_ids]
    rows = pl.concat([pl.read_parquet(month_file(tmp_path, month)) for month in MONTHS])
    assert sorted(found) == rows["customer_id"].unique().sort().to_list()
    np.testing.assert_allclose(sum(np.nansum(cube.values) for cube in cubes), rows["flow_fee"].sum())


def test_an_empty_bucket_is_a_cube_without_customers(tmp_path: Path) -> None:
    write_customer_months(random_bank(customers=2, months=3), policy(), dt.date(2024, 3, 31), tmp_path)
    sizes = [len(build_cube(tmp_path, bucket, 500, MONTHS, ("flow_fee",)).customer_ids) for bucket in range(500)]
    assert min(sizes) == 0
