"""The folder of customer months: one whole Parquet file per month, rebuilt only where its input changed."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segment.exceptions import HistoryError, SegmentError
from segment.features.frames import Engine, on_engine, to_polars
from segment.features.known import month_end, next_month, short_as_known, windows
from segment.features.month_inputs import apart, fingerprint
from segment.features.monthly import build_customer_months, measures
from segment.features.peers import peer_groups, with_clipped_contribution
from segment.ledger.increments import LongTable
from segment.policy import Policy
from segment.warehouse.tables import write_json, write_whole

Progress = Callable[[str, int, int], None]

SLOTS = 1024
"""Slots that customers are spread over by a stable hash; a bucket is a range of them."""

ROW_GROUPS = 32
LEAST_ROW_GROUP = 4096
"""Rows of a file are grouped so that a bucket reads its own; below this, opening a group costs more than it saves."""

DECIMALS = 6
"""Figures are rounded here, so that the order in which an engine adds leaves no trace."""

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class MonthsWritten:
    """What `write_customer_months` did.

    Attributes
    ----------
    built, kept : tuple of datetime.date
        Months written, and months whose input had not changed.
    rows : int
        Customer months in all.
    """

    built: tuple[dt.date, ...]
    kept: tuple[dt.date, ...]
    rows: int


def write_customer_months(
    tables: Mapping[str, pl.DataFrame | LongTable],
    policy: Policy,
    as_of: dt.date,
    folder: Path,
    *,
    engine: Engine = "polars",
    progress: Progress | None = None,
    keep: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
    first: dt.date | None = None,
) -> MonthsWritten:
    """Build every month up to a moment, or only those whose input changed.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame or LongTable
        The checked ledger. Of long tables only those rows are fetched that a month to be built sees.
    policy : Policy
        Products, rates and costs; another policy rebuilds every month.
    as_of : datetime.date
        A month's last day.
    folder : Path
        Receives `YYYY-MM.parquet` and `manifest.json`. Files of later months are left alone.
    engine : {"polars", "duckdb"}
        Where the sums are made.
    progress : callable, optional
        Told ("customer months", months done, months in all).
    keep : callable, optional
        Drops rows of a month that is made, after all is computed: nobody else's figures depend on who is dropped.
    first : datetime.date, optional
        First month to build; those before it are kept no longer, whatever the ledger holds.

    Returns
    -------
    MonthsWritten

    Raises
    ------
    SegmentError
        Where `as_of` is not a month's last day.
    HistoryError
        Where the ledger has no booking and no balance up to `as_of`.
    """
    short, long = apart(tables)
    months = _months(long, as_of, first)
    manifest = without_months_before(months[0], folder)
    built, rows = [], 0
    for number, month in enumerate(months):
        known = {name: to_polars(frame) for name, frame in short_as_known(short, month).items()}
        print_of_input = fingerprint(known, long, policy, month)
        entry = manifest.get(_key(month))
        if entry is None or entry["input"] != print_of_input or not month_file(folder, month).exists():
            seen = known | {name: long[name].rows(*window) for name, window in windows(month).items()}
            entry = {"input": print_of_input, "rows": _write_month(seen, policy, month, folder, engine, keep)}
            # after every month, so that a run killed here loses one month of work and no more
            manifest[_key(month)] = entry
            write_json(manifest, folder / MANIFEST)
            built.append(month)
        rows += int(entry["rows"])
        if progress is not None:
            progress("customer months", number + 1, len(months))
    return MonthsWritten(tuple(built), tuple(month for month in months if month not in set(built)), rows)


def month_file(folder: Path, month: dt.date) -> Path:
    """File of one month.

    Parameters
    ----------
    folder : Path
        The folder of customer months.
    month : datetime.date
        First day of the month.

    Returns
    -------
    Path
    """
    return folder / f"{_key(month)}.parquet"


def months_written(folder: Path, as_of: dt.date | None = None) -> tuple[dt.date, ...]:
    """Months that have been built, up to a moment.

    Parameters
    ----------
    folder : Path
        The folder of customer months.
    as_of : datetime.date, optional
        Later months are left out.

    Returns
    -------
    tuple of datetime.date
        First days, ascending.

    Raises
    ------
    HistoryError
        Where there is none.
    """
    months = sorted(dt.date.fromisoformat(f"{key}-01") for key in _read_manifest(folder))
    known = tuple(month for month in months if as_of is None or month_end(month) <= as_of)
    if not known:
        until = "" if as_of is None else f" up to {as_of.isoformat()}"
        raise HistoryError.with_hint(
            f"Customer months{until} must have been built. Found none in {folder.name}/.",
            "run `segment extract` first",
        )
    return known


def inputs_of(folder: Path, as_of: dt.date) -> dict[str, str]:
    """Hashes of what the months up to a moment were built from.

    Parameters
    ----------
    folder : Path
        The folder of customer months.
    as_of : datetime.date
        Later months are left out.

    Returns
    -------
    dict of str to str
        By month, `YYYY-MM`, ascending.
    """
    return {key: str(entry["input"]) for key, entry in sorted(_read_manifest(folder).items()) if key <= _key(as_of)}


def slot_of(customer_ids: pl.Series) -> pl.Series:
    """Spread customers over `SLOTS` slots, the same in every process and every month.

    Parameters
    ----------
    customer_ids : polars.Series of str

    Returns
    -------
    polars.Series of int

    Examples
    --------
    >>> slot_of(pl.Series(["c1", "c2"])).to_list() == slot_of(pl.Series(["c1", "c2"])).to_list()
    True
    """
    return pl.Series("slot", [zlib.crc32(name.encode()) % SLOTS for name in customer_ids], dtype=pl.Int32)


def check_as_of(as_of: dt.date) -> None:
    """Hold a moment to the last day of a month.

    Parameters
    ----------
    as_of : datetime.date

    Raises
    ------
    SegmentError
        Where it is another day.
    """
    last = month_end(as_of.replace(day=1))
    if as_of != last:
        raise SegmentError.with_hint(
            f"`as_of` must be a month's last day. Got {as_of.isoformat()} instead.", f"write {last.isoformat()}"
        )


def _months(long: Mapping[str, LongTable], as_of: dt.date, kept_from: dt.date | None) -> list[dt.date]:
    check_as_of(as_of)
    firsts = (long["transactions"].first_on, long["balances"].first_on)
    known = [first for first in firsts if first is not None and first <= as_of]
    if not known or (kept_from is not None and kept_from > as_of):
        raise HistoryError.with_hint(
            f"The ledger must hold bookings or balances up to {as_of.isoformat()}. Found none.",
            "give a later --as-of; `segment check LEDGER` prints the dates that the ledger holds",
        )
    month, months = max(min(known), kept_from or min(known)).replace(day=1), []
    while month <= as_of:
        months.append(month)
        month = next_month(month)
    return months


def _write_month(
    known: Mapping[str, pl.DataFrame],
    policy: Policy,
    month: dt.date,
    folder: Path,
    engine: Engine,
    keep: Callable[[pl.DataFrame], pl.DataFrame] | None,
) -> int:
    rows = to_polars(build_customer_months(on_engine(known, engine), policy, month))
    groups = peer_groups(known["branches"])
    rows = rows.with_columns(pl.col(*measures(policy)).cast(pl.Float64).round(DECIMALS))
    # 0.0 instead of -0.0, so that equal figures are equal bytes
    rows = rows.with_columns(pl.col(*measures(policy)) + 0.0)
    rows = rows.join(groups, on="branch_id", how="left").with_columns(pl.col("peer_group").fill_null("all"))
    rows = rows.sort("customer_id")
    rows = with_clipped_contribution(rows, policy.tiers.winsor_quantile)
    rows = rows if keep is None else keep(rows)
    rows = rows.with_columns(slot_of(rows["customer_id"])).sort("slot", "customer_id")
    group = max(LEAST_ROW_GROUP, -(-len(rows) // ROW_GROUPS))
    write_whole(
        month_file(folder, month),
        lambda beside: rows.write_parquet(beside, compression="zstd", statistics=True, row_group_size=group),
    )
    return len(rows)


def without_months_before(first: dt.date, folder: Path) -> dict[str, dict[str, str | int]]:
    """Clear away months before a first one: of a ledger that was here before, or kept for long enough.

    Parameters
    ----------
    first : datetime.date
        The first month that stays.
    folder : Path
        The folder of customer months.

    Returns
    -------
    dict
        The manifest of those that stay.
    """
    manifest = _read_manifest(folder)
    gone = [key for key in manifest if key < _key(first)]
    for key in gone:
        del manifest[key]
        (folder / f"{key}.parquet").unlink(missing_ok=True)
    if gone:
        write_json(manifest, folder / MANIFEST)
    return manifest


def _read_manifest(folder: Path) -> dict[str, dict[str, str | int]]:
    path = folder / MANIFEST
    if not path.exists():
        return {}
    manifest: dict[str, dict[str, str | int]] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def _key(month: dt.date) -> str:
    return f"{month:%Y-%m}"
