"""What a task says when it fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from segment.cli.options import open_master
from segment.exceptions import UsageError
from segment.spark.session import batches_without_rows, without_rows


def test_an_error_of_a_task_carries_its_kind_and_no_cell() -> None:
    def quoting(cell: str) -> str:
        raise ValueError(cell)

    def in_batches(cells: Iterator[str]) -> Iterator[str]:
        yield from map(quoting, cells)

    for fails in (lambda: without_rows(quoting)("C000123"), lambda: list(batches_without_rows(in_batches)(iter("x")))):
        with pytest.raises(RuntimeError, match="^task failed: ValueError$") as failed:
            fails()
        assert failed.value.__suppress_context__


def test_a_master_goes_with_spark_alone() -> None:
    assert open_master("polars", None) == open_master("spark", None) == "local[*]"
    with pytest.raises(UsageError, match="`master` goes with `engine=spark`"):
        open_master("polars", "spark://host:7077")
