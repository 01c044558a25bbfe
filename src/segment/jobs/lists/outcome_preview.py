"""What a file of outcomes would do, before anything is taken."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segment.jobs.lists.take_outcomes import read_outcome_rows
from segment.warehouse.reference_tables import read_small_table
from segment.workspace import Workspace


@dataclass(frozen=True)
class OutcomePreview:
    """A file's rows, read and held to the rules."""

    rows: pl.DataFrame  # `row` (from 2, as a spreadsheet counts below its headings), the cells, `branch_id`, `reason`
    good: int

    @property
    def refused(self) -> pl.DataFrame:
        """Rows that would not be taken, with the first thing that is wrong."""
        return self.rows.drop_nulls("reason")


def preview_outcomes(file: Path, workspace: Workspace) -> OutcomePreview:
    """Read a file of outcomes as `take_outcomes` reads it, and take nothing.

    Parameters
    ----------
    file : pathlib.Path
        As `take_outcomes` takes it.
    workspace : Workspace
        Knows the customers.

    Returns
    -------
    OutcomePreview

    Raises
    ------
    InputFileError
        As `take_outcomes` raises it.
    """
    customers = read_small_table(workspace, "customers").select("customer_id", "branch_id")
    _, rows = read_outcome_rows(file, customers["customer_id"])
    rows = rows.with_row_index("row", offset=2).join(customers, on="customer_id", how="left", maintain_order="left")
    return OutcomePreview(rows, rows["reason"].null_count())
