"""What a backtest reads: the ledger once, customer months once, snapshots of every moment once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segment.exceptions import HistoryError
from segment.features import build_cube, measures, months_written, snapshot, write_customer_months
from segment.features.derived import CLIPPED, with_derived_measures
from segment.features.known import month_end, next_month
from segment.features.snapshot import CUSTOMERS_A_BUCKET
from segment.jobs.progress import Report
from segment.ledger import Ledger, check_ledger
from segment.policy import Policy
from segment.warehouse import Workspace
from segment.warehouse.tables import months_from
from segment.warehouse.tombstones import Erased

Floats = NDArray[np.float64]

WHOLE_MONTH_SHARE = 0.1
"""A month with fewer balances than this share of the usual month's is a stray row, not a month of the ledger."""


@dataclass(frozen=True)
class Contributions:
    """Contribution of each customer and month.

    Attributes
    ----------
    customer_ids : polars.Series of str
    months : tuple of datetime.date
        First days, ascending without gaps.
    values : array of shape (customers, months)
        NaN in months in which the customer was not here.
    """

    customer_ids: pl.Series
    months: tuple[dt.date, ...]
    values: Floats

    def up_to(self, as_of: dt.date, customer_ids: pl.Series) -> Floats:
        """Months of some customers that were known on a moment.

        Parameters
        ----------
        as_of : datetime.date
            A month's last day; later months are not in the result.
        customer_ids : polars.Series of str
            Whose, in this order.

        Returns
        -------
        array of shape (len(customer_ids), months up to the moment)
        """
        width = sum(month_end(month) <= as_of for month in self.months)
        place = pl.DataFrame({"customer_id": self.customer_ids}).with_row_index("row")
        wanted = pl.DataFrame({"customer_id": customer_ids})
        rows = wanted.join(place, on="customer_id", how="left", maintain_order="left")["row"].to_numpy()
        return self.values[rows, :width]


def read_ledger(location: str, policy: Policy, until: dt.date) -> tuple[Ledger, dt.date]:
    """Check a ledger and find out how far it reaches.

    Parameters
    ----------
    location : str
        A folder of tables or a database URL.
    policy : Policy
        Products and the tolerated share of bad rows.
    until : datetime.date
        No row after it is needed.

    Returns
    -------
    Ledger
    datetime.date
        Last day of its last whole month up to `until`.

    Raises
    ------
    HistoryError
        Where it has no balances.
    """
    ledger = check_ledger(location, tuple(policy.products), policy.ledger.tolerated_bad_row_share, as_of=until)
    counts = ledger.tables["balances"].group_by("month").len().sort("month")
    if counts.is_empty():
        raise HistoryError.with_hint(f"The ledger must hold balances up to {until}. Found none.", "give a later --to")
    usual = float(np.median(counts["len"].to_numpy()))
    whole: list[dt.date] = counts.filter(pl.col("len") >= WHOLE_MONTH_SHARE * usual)["month"].to_list()
    return ledger, month_end(whole[-1])


def build_months(
    ledger: Ledger, until: dt.date, workspace: Workspace, policy: Policy, progress: Report, erased: Erased | None = None
) -> tuple[dt.date, ...]:
    """Build the customer months that are new or changed.

    Parameters
    ----------
    ledger : Ledger
        Checked.
    until : datetime.date
        A month's last day.
    workspace : Workspace
        Gets the months; its reference tables and snapshots, which lists read, are left as they are.
    policy : Policy
        Frozen figures.
    progress : callable
        Told how far it is.
    erased : Erased, optional
        Who is left out; those erased from the workspace by default.

    Returns
    -------
    tuple of datetime.date
        First days of the months, without gaps.
    """
    gone = Erased.of(workspace) if erased is None else erased
    write_customer_months(
        ledger.tables,
        policy,
        until,
        workspace.customer_months,
        progress=progress,
        keep=gone.leave_out,
        first=months_from(workspace),
    )
    written = months_written(workspace.customer_months, until)
    every, month = [], written[0]
    while month <= written[-1]:
        every.append(month)
        month = next_month(month)
    return tuple(every)


def without_the_erased(ledger: Ledger, workspace: Workspace) -> Ledger:
    """Leave those out who were erased from a workspace.

    Parameters
    ----------
    ledger : Ledger
        Checked, and its months built.
    workspace : Workspace
        Knows them.

    Returns
    -------
    Ledger
    """
    erased = Erased.of(workspace)
    return replace(ledger, tables={name: erased.leave_out(rows) for name, rows in ledger.tables.items()})


def build_moments(
    ledger: Ledger,
    moments: Sequence[dt.date],
    until: dt.date,
    workspace: Workspace,
    policy: Policy,
    horizon_months: int,
    n_jobs: int,
    progress: Report,
) -> dict[dt.date, pl.DataFrame]:
    """Build the snapshots of every moment in one pass, outcomes included where they have passed.

    Parameters
    ----------
    ledger : Ledger
        Checked.
    moments : sequence of datetime.date
        Those to learn from and those to score.
    until : datetime.date
        As far as outcomes may look.
    workspace : Workspace
        Holds the customer months.
    policy : Policy
        Frozen figures.
    horizon_months : int
        Months of the outcome.
    n_jobs : int
        Processes for buckets of customers.
    progress : callable
        Told how far it is.

    Returns
    -------
    dict of datetime.date to polars.DataFrame
    """
    return snapshot(
        ledger.tables,
        workspace.customer_months,
        policy,
        moments,
        known_until=until,
        horizon_months=horizon_months,
        n_jobs=n_jobs,
        progress=progress,
    )


def read_contributions(
    workspace: Workspace, policy: Policy, months: Sequence[dt.date], customers: int
) -> Contributions:
    """Read each customer's contribution month by month, in the view that tiers are made of.

    Parameters
    ----------
    workspace : Workspace
        Holds the customer months.
    policy : Policy
        Spread of commissions.
    months : sequence of datetime.date
        Months to read, without gaps.
    customers : int
        About how many there are, which decides how many are held in memory at once.

    Returns
    -------
    Contributions
    """
    buckets = max(1, -(-customers // CUSTOMERS_A_BUCKET))
    written = [
        month for month in months if month in set(months_written(workspace.customer_months, month_end(months[-1])))
    ]
    ids: list[str] = []
    parts = []
    for bucket in range(buckets):
        raw = build_cube(workspace.customer_months, bucket, buckets, written, (*measures(policy), CLIPPED))
        parts.append(with_derived_measures(raw, policy)["contribution"])
        ids.extend(raw.customer_ids)
    return Contributions(pl.Series("customer_id", ids, dtype=pl.String), tuple(months), np.concatenate(parts))
