"""The folder of customer months: one whole Parquet file per month, rebuilt only where its input changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

from segment.contribution import LINE_NAMES
from segment.contribution.lines import to_polars
from segment.dates import month_end, months_through, next_month
from segment.exceptions import HistoryError, UsageError
from segment.features.frames import Engine
from segment.features.month_builder import MonthBuilder
from segment.features.point_in_time import DATED_BY, short_tables_as_of, windows
from segment.files import write_json, write_parquet
from segment.ledger.increments.long_table import LongTable, WholeTable
from segment.messages import Message
from segment.policy import Policy
from segment.progress import ProgressCallback

MANIFEST = "manifest.json"
DEBTS_FOLDER = "debts"

FORMAT = 6
"""Raised whenever the same input gives other figures than before."""


@dataclass(frozen=True)
class MonthsWritten:
    """What `write_customer_months` did."""

    built: tuple[dt.date, ...]
    unchanged: tuple[dt.date, ...]  # months whose input had not changed
    rows: int  # customer months in all


def write_customer_months(
    tables: Mapping[str, pl.DataFrame | LongTable],
    policy: Policy,
    as_of: dt.date,
    folder: Path,
    *,
    engine: Engine = "polars",
    progress: ProgressCallback | None = None,
    keep: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
    first: dt.date | None = None,
) -> MonthsWritten:
    """Build every month up to a date, or only those whose input changed.

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
    UsageError
        Where `as_of` is not a month's last day.
    HistoryError
        Where the ledger has no booking and no balance up to `as_of`.
    """
    short, long = _split_by_growth(tables)
    months = months_to_build((long[name].first_on for name in ("transactions", "balances")), as_of, first)
    manifest = without_months_before(months[0], folder)
    building = cache(lambda: MonthBuilder.of(short, long, policy, engine))
    built, rows = [], 0
    for number, month in enumerate(months):
        entry = manifest.get(_key(month))
        owed = _owed_before(manifest, month)
        fingerprint = _fingerprint(short, long, policy, month, owed)
        files = (month_file(folder, month), debts_file(folder, month))
        if entry is None or entry["input"] != fingerprint or not all(file.exists() for file in files):
            made, debts = building().build(month, read_debts(folder, next_month(month, -1)), keep, files[0])
            # as it was before anybody was dropped: what a person leaves behind changes nobody's later months
            entry = {"input": fingerprint, "rows": made, "owed_before": owed, "owed": _digest(debts)}
            write_parquet(debts if keep is None else keep(debts), files[1])
            # after every month, so that a run killed here loses one month of work and no more
            manifest[_key(month)] = entry
            write_json(manifest, folder / MANIFEST)
            built.append(month)
        rows += int(entry["rows"])
        if progress is not None:
            progress("customer months", number + 1, len(months))
    return MonthsWritten(tuple(built), tuple(month for month in months if month not in set(built)), rows)


def month_file(folder: Path, month: dt.date) -> Path:
    """File of one month."""
    return folder / f"{_key(month)}.parquet"


def debts_file(folder: Path, month: dt.date) -> Path:
    """File of the debts at the end of one month."""
    return folder / DEBTS_FOLDER / f"{_key(month)}.parquet"


def read_debts(folder: Path, month: dt.date) -> pl.DataFrame | None:
    """Read how each debt stood at the end of a month; None where the month was never built."""
    file = debts_file(folder, month)
    return pl.read_parquet(file, glob=False) if file.exists() else None


def scan_months(paths: Sequence[Path]) -> pl.LazyFrame:
    """Scan months, those of an earlier release as well: a line that it did not know is zero there."""
    scans = [pl.scan_parquet(path, glob=False) for path in paths]
    missing = [[name for name in LINE_NAMES if name not in scan.collect_schema()] for scan in scans]
    filled = [
        scan.with_columns(pl.lit(0.0).alias(name) for name in names) for scan, names in zip(scans, missing, strict=True)
    ]
    return pl.concat(filled, how="diagonal")


def months_written(folder: Path, as_of: dt.date | None = None) -> tuple[dt.date, ...]:
    """Months that have been built, up to a date.

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
    written = _written(folder, as_of)
    if not written:
        until = "" if as_of is None else Message("errors.up_to", {"as_of": as_of})
        raise HistoryError.of("errors.no_months_built", until=until, name=folder.name)
    return written


def newest_months(folder: Path, as_of: dt.date, most: int) -> tuple[dt.date, ...]:
    """List the newest months that have been built, up to a date; none where none were."""
    return _written(folder, as_of)[-most:]


def inputs_of(folder: Path, as_of: dt.date) -> dict[str, str]:
    """Hashes of what the months up to a date were built from."""
    return {key: str(entry["input"]) for key, entry in sorted(_read_manifest(folder).items()) if key <= _key(as_of)}


def check_as_of(as_of: dt.date) -> None:
    """Hold a date to the last day of a month."""
    last = month_end(as_of)
    if as_of != last:
        raise UsageError.of("errors.as_of_last_day", as_of=as_of, last=last)


def months_to_build(firsts: Iterable[dt.date | None], as_of: dt.date, kept_from: dt.date | None) -> list[dt.date]:
    """List the months up to a date; `firsts`: First days of bookings and of balances."""
    check_as_of(as_of)
    begun = [first for first in firsts if first is not None and first <= as_of]
    if not begun or (kept_from is not None and kept_from > as_of):
        raise HistoryError.of("errors.nothing_up_to", as_of=as_of)
    return months_through(max(min(begun), kept_from or min(begun)), as_of)


def _split_by_growth(
    tables: Mapping[str, pl.DataFrame | LongTable],
) -> tuple[dict[str, pl.DataFrame], dict[str, LongTable]]:
    """Tell the short tables from those that are asked for by span of days."""
    short = {name: rows for name, rows in tables.items() if isinstance(rows, pl.DataFrame) and name not in DATED_BY}
    long: dict[str, LongTable] = {}
    for name, dated_by in DATED_BY.items():
        rows = tables[name]
        long[name] = WholeTable(rows, dated_by) if isinstance(rows, pl.DataFrame) else rows
    return short, long


def _owed_before(manifest: Mapping[str, Mapping[str, str | int]], month: dt.date) -> str:
    """Digest of the debts that a month goes on from; of the first month left, of those that it went on from."""
    before = manifest.get(_key(next_month(month, -1)))
    if before is not None:
        return str(before.get("owed", ""))
    return str(manifest.get(_key(month), {}).get("owed_before", ""))


def _fingerprint(
    short: Mapping[str, pl.DataFrame], long: Mapping[str, LongTable], policy: Policy, month: dt.date, owed: str
) -> str:
    """Hash what a month is built from: the rows that it may see, whatever their order and their files, and debts."""
    digest = hashlib.sha256(f"{FORMAT} {policy.model_hash} {pl.__version__} {owed}".encode())
    for name, visible in sorted(short_tables_as_of(short, month).items()):
        frame = to_polars(visible)
        digest.update(f"{name} {frame.schema} {len(frame)} {_digest(frame)}".encode())
    for name, window in sorted(windows(month).items()):
        digest.update(f"{name} {long[name].digest(*window)}".encode())
    return digest.hexdigest()


def _digest(frame: pl.DataFrame) -> str:
    """Hash the rows of a frame in no order: sums do not mind it, and it is no part of what a ledger says."""
    return "".join(np.add.reduce(frame.hash_rows(seed).to_numpy(), dtype=np.uint64).tobytes().hex() for seed in (1, 2))


def without_months_before(first: dt.date, folder: Path) -> dict[str, dict[str, str | int]]:
    """Clear away months before a first one: of a ledger that was here before, or kept for long enough."""
    manifest = _read_manifest(folder)
    gone = [key for key in manifest if key < _key(first)]
    for key in gone:
        del manifest[key]
        for file in (folder / f"{key}.parquet", folder / DEBTS_FOLDER / f"{key}.parquet"):
            file.unlink(missing_ok=True)
    if gone:
        write_json(manifest, folder / MANIFEST)
    return manifest


def _written(folder: Path, as_of: dt.date | None) -> tuple[dt.date, ...]:
    months = sorted(dt.date.fromisoformat(f"{key}-01") for key in _read_manifest(folder))
    return tuple(month for month in months if as_of is None or month_end(month) <= as_of)


def _read_manifest(folder: Path) -> dict[str, dict[str, str | int]]:
    path = folder / MANIFEST
    if not path.exists():
        return {}
    manifest: dict[str, dict[str, str | int]] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def _key(month: dt.date) -> str:
    return f"{month:%Y-%m}"
