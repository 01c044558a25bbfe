"""A workspace as data scientists hold it: frames of customers, months, tiers, outcomes and lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from segment.dates import month_end
from segment.exceptions import HistoryError, UsageError
from segment.features import cost_target_name, months_written, target_name
from segment.features import snapshot as build_snapshot
from segment.model.model_columns import BRANCH_MANAGERS
from segment.policy import Policy, load_policy
from segment.settings import Settings, policy_file
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS
from segment.tiers.realised import realised_tiers
from segment.warehouse.published_tiers import newest_published, published_tiers
from segment.warehouse.reference_tables import managers_by_branch, read_reference, with_circumstances
from segment.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    AnyFrame = pd.DataFrame | pl.DataFrame | pl.LazyFrame

__all__ = ["OpenedWorkspace", "open_workspace"]

Frames = Literal["pandas", "polars", "lazy"]


class OpenedWorkspace:
    """What a workspace holds, read and never changed.

    Parameters
    ----------
    workspace : str or Path
        The folder.
    policy : Policy, optional
        What features and realised tiers are worked out by; the settings' policy by default.
    frames : {"pandas", "polars", "lazy"}, default "pandas"
        What every method returns; "lazy" is a Polars frame that is read when it is collected.
    """

    def __init__(self, workspace: str | Path, policy: Policy | None = None, frames: Frames = "pandas") -> None:
        if frames not in ("pandas", "polars", "lazy"):
            raise UsageError(f"frames must be pandas, polars or lazy. Got {frames}.")
        if not Path(workspace).is_dir():
            raise UsageError.with_hint("The workspace must be a folder. It is not there.", "give the folder's path")
        self.workspace = Workspace(Path(workspace), writable=False)
        self.policy = policy or load_policy(policy_file(None))
        self.frames = frames

    def dates(self) -> list[dt.date]:
        """Last days of the months that have been built: any of them may be `as_of`.

        Returns
        -------
        list of datetime.date
            Oldest first.
        """
        return [month_end(month) for month in months_written(self.workspace.customer_months)]

    def snapshot(self, as_of: dt.date | str | None = None) -> AnyFrame:
        """Every feature of every customer, as known on a date; the model and MLflow's loader take it as it is.

        Parameters
        ----------
        as_of : datetime.date or str, optional
            A month's last day; the newest month by default.

        Returns
        -------
        pandas.DataFrame or Polars frame
            One row per customer.

        Raises
        ------
        HistoryError
            Where the month has not been built.
        """
        return self._as_asked(self._snapshot(self._day(as_of), None, 12).lazy())

    def outcomes(self, as_of: dt.date | str, horizon_months: int = 12) -> AnyFrame:
        """What came in the months after a date: what a model of that date's snapshot learns from.

        Parameters
        ----------
        as_of : datetime.date or str
            A month's last day.
        horizon_months : int, default 12
            Months after it.

        Returns
        -------
        pandas.DataFrame or Polars frame
            `customer_id`, `contribution_next_<h>m`, `cost_next_<h>m`, `realised_tier`; in the order of the snapshot.

        Raises
        ------
        HistoryError
            Where those months have not passed.
        """
        day, built = self._day(as_of), self.dates()
        if len([end for end in built if end > day]) < horizon_months:
            raise HistoryError.with_hint(
                f"{horizon_months} months must have passed after {day}. The workspace knows of {built[-1]} at most.",
                "ask for an earlier as_of or fewer horizon_months",
            )
        frame = self._snapshot(day, built[-1], horizon_months)
        realised = realised_tiers(frame, self.policy, horizon_months)
        kept = frame.select("customer_id", target_name(horizon_months), cost_target_name(horizon_months), realised)
        return self._as_asked(kept.lazy())

    def customer_months(
        self, months: Sequence[dt.date | str] | None = None, columns: Sequence[str] | None = None
    ) -> AnyFrame:
        """Each customer's measures of each month; take some months or columns where all are more than memory holds.

        Parameters
        ----------
        months : sequence of datetime.date or str, optional
            Any day of each month; all by default.
        columns : sequence of str, optional
            All by default.

        Returns
        -------
        pandas.DataFrame or Polars frame
            One row per customer and month.

        Raises
        ------
        HistoryError
            Where a month has not been built.
        """
        built = months_written(self.workspace.customer_months)
        asked = built if months is None else [_date(month).replace(day=1) for month in months]
        missing = [month for month in asked if month not in built]
        if missing or not asked:
            names = ", ".join(f"{month:%Y-%m}" for month in missing) or "any"
            raise HistoryError.with_hint(
                f"Months must have been built. Missing: {names}.", "`dates()` says which months there are"
            )
        scanned = pl.concat(
            [pl.scan_parquet(self.workspace.customer_months / f"{month:%Y-%m}.parquet", glob=False) for month in asked]
        )
        return self._as_asked(scanned if columns is None else scanned.select(columns))

    def tiers(self, as_of: dt.date | str | None = None, branch: str | None = None) -> AnyFrame:
        """Published tiers of a date.

        Parameters
        ----------
        as_of : datetime.date or str, optional
            The newest publication by default.
        branch : str, optional
            Its customers alone.

        Returns
        -------
        pandas.DataFrame or Polars frame
            One row per customer.

        Raises
        ------
        NotPublishedError
            Where nothing is published of the date, or the branch has nobody.
        """
        day = newest_published(self.workspace) if as_of is None else _date(as_of)
        return self._as_asked(published_tiers(self.workspace, day, branch).lazy())

    def lists(self, list_id: str | None = None) -> AnyFrame:
        """Rows of the upgrade lists that were made, control arms included.

        Parameters
        ----------
        list_id : str, optional
            One list; all by default.

        Returns
        -------
        pandas.DataFrame or Polars frame
            One row per list and customer.
        """
        rows = read_rows(self.workspace, LIST_ROWS, *(() if list_id is None else ("list_id", [list_id])))
        return self._as_asked(rows.lazy())

    def _snapshot(self, day: dt.date, known_until: dt.date | None, horizon_months: int) -> pl.DataFrame:
        tables, months = read_reference(self.workspace), self.workspace.customer_months
        made = build_snapshot(
            tables, months, self.policy, [day], known_until=known_until, horizon_months=horizon_months,
            n_jobs=Settings().jobs,
        )  # fmt: skip
        managers = managers_by_branch(tables["relationship_managers"])
        counted = pl.col("branch_id").replace_strict(managers, default=None, return_dtype=pl.Float64)
        return with_circumstances(made[day], tables, day).with_columns(counted.alias(BRANCH_MANAGERS))

    def _day(self, as_of: dt.date | str | None) -> dt.date:
        built = self.dates()
        day = (built[-1] if built else None) if as_of is None else _date(as_of)
        if day is None or day not in built:
            raise HistoryError.with_hint(
                f"as_of must be a built month's last day. Got {day}.",
                "`dates()` lists them; segment extract builds more",
            )
        return day

    def _as_asked(self, frame: pl.LazyFrame) -> Any:
        if self.frames == "lazy":
            return frame
        collected = frame.collect()
        return collected if self.frames == "polars" else collected.to_pandas()


def open_workspace(workspace: str | Path, policy: Policy | None = None, frames: Frames = "pandas") -> OpenedWorkspace:
    """Open a workspace to read frames from it; `segment.open` is this function.

    Parameters
    ----------
    workspace : str or Path
        The folder.
    policy : Policy, optional
        What features and realised tiers are worked out by; the settings' policy by default.
    frames : {"pandas", "polars", "lazy"}, default "pandas"
        What every method returns.

    Returns
    -------
    OpenedWorkspace

    Raises
    ------
    UsageError
        Where there is no such folder.
    """
    return OpenedWorkspace(workspace, policy, frames)


def _date(day: dt.date | str) -> dt.date:
    return dt.date.fromisoformat(day) if isinstance(day, str) else day
