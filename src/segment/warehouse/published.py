"""Published tiers: a Delta table, replaced at once per moment and readable at every version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import polars as pl
from deltalake import CommitProperties, DeltaTable, write_deltalake
from polars.testing import assert_frame_equal

from segment.exceptions import PublishError


def publish_tiers(tiers: pl.DataFrame, table: Path, stamps: Mapping[str, str] | None = None) -> int:
    """Publish the tiers of one moment in one commit.

    A frame equal to what is published writes nothing.

    Parameters
    ----------
    tiers : polars.DataFrame
        Columns of CONTRACT.md section 3, one `as_of`.
    table : Path
        Folder of the Delta table.
    stamps : mapping of str to str, optional
        Kept with the commit, such as the run and the hash of its proof.

    Returns
    -------
    int
        Version of the table that holds them.

    Raises
    ------
    PublishError
        Where the frame is empty, holds several moments, or holds a customer twice.
    """
    as_of = _only_moment(tiers)
    if as_of in published_moments(table) and _same(tiers, read_tiers(table, as_of)):
        return int(DeltaTable(table).version())
    exists = DeltaTable.is_deltatable(str(table))
    write_deltalake(
        table,
        tiers.to_arrow(),
        mode="overwrite",
        predicate=f"as_of = '{as_of.isoformat()}'" if exists else None,
        partition_by=["as_of"],
        schema_mode="merge" if exists else None,
        commit_properties=CommitProperties(custom_metadata={**(stamps or {}), "as_of": as_of.isoformat()}),
    )
    return int(DeltaTable(table).version())


def read_tiers(table: Path, as_of: dt.date, version: int | None = None) -> pl.DataFrame:
    """Read the published tiers of one moment.

    Parameters
    ----------
    table : Path
        Folder of the Delta table.
    as_of : datetime.date
        The moment.
    version : int, optional
        Version of the table; the newest by default.

    Returns
    -------
    polars.DataFrame
        Sorted by `customer_id`.

    Raises
    ------
    PublishError
        Where nothing is published for that moment; says which moments are.
    """
    # opened once, so that moments and rows are of one version whatever is published meanwhile
    opened = _opened(table, version)
    moments = [] if opened is None else _moments(opened)
    if opened is None or as_of not in moments:
        known = ", ".join(moment.isoformat() for moment in moments[-6:]) or "none yet"
        raise PublishError.with_hint(
            f"Tiers must be published for {as_of.isoformat()}. Published: {known}.",
            f"segment refresh LEDGER --as-of {as_of.isoformat()}",
        )
    frame = pl.DataFrame(opened.to_pyarrow_table(filters=[("as_of", "=", as_of)]))
    return frame.select(["as_of", *(name for name in frame.columns if name != "as_of")]).sort("customer_id")


def published_moments(table: Path, version: int | None = None) -> list[dt.date]:
    """List the moments that have published tiers, oldest first.

    Parameters
    ----------
    table : Path
        Folder of the Delta table.
    version : int, optional
        Version of the table; the newest by default.

    Returns
    -------
    list of datetime.date
    """
    opened = _opened(table, version)
    return [] if opened is None else _moments(opened)


def published_runs(table: Path, version: int | None = None) -> dict[dt.date, str]:
    """Say which run each moment's tiers are of.

    Parameters
    ----------
    table : Path
        Folder of the Delta table.
    version : int, optional
        Version of the table; the newest by default.

    Returns
    -------
    dict of datetime.date to str
        Oldest moment first.
    """
    opened = _opened(table, version)
    if opened is None or not _moments(opened):
        return {}
    rows = pl.DataFrame(opened.to_pyarrow_table(columns=["as_of", "run_id"])).unique().sort("as_of")
    return dict(rows.iter_rows())


def published_version(table: Path) -> int | None:
    """Return the newest version of the table.

    Parameters
    ----------
    table : Path
        Folder of the Delta table.

    Returns
    -------
    int or None
        None before anything is published.
    """
    opened = _opened(table, None)
    return None if opened is None else int(opened.version())


def restore_tiers(table: Path, version: int) -> int:
    """Bring an earlier version of the table back, in one commit after the newest.

    Parameters
    ----------
    table : Path
        Folder of the Delta table.
    version : int
        As `published_version` counts.

    Returns
    -------
    int
        The new version.

    Raises
    ------
    PublishError
        Where there is no such version.
    """
    opened = _opened(table, version)
    if opened is None:
        raise PublishError("Tiers must be published before an earlier version is brought back. None are.")
    DeltaTable(table).restore(version)
    return int(DeltaTable(table).version())


def _opened(table: Path, version: int | None) -> DeltaTable | None:
    if not DeltaTable.is_deltatable(str(table)):
        return None
    newest = DeltaTable(table)
    if version is None:
        return newest
    if not 0 <= version <= newest.version():
        raise PublishError.with_hint(
            f"The version must be one of the published table's. Got {version}; they go from 0 to {newest.version()}.",
            "segment runs lists what was published when",
        )
    return DeltaTable(table, version=version)


def _moments(opened: DeltaTable) -> list[dt.date]:
    return sorted(dt.date.fromisoformat(str(part["as_of"])) for part in opened.partitions())


def _only_moment(tiers: pl.DataFrame) -> dt.date:
    moments = tiers["as_of"].unique().to_list() if tiers.height else []
    if len(moments) != 1:
        raise PublishError(f"Tiers must be of one moment. Got {len(moments)} moments in {tiers.height} rows.")
    if tiers["customer_id"].n_unique() != tiers.height:
        raise PublishError(
            f"A customer must stand once in the tiers. Got {tiers.height} rows "
            f"for {tiers['customer_id'].n_unique()} customers."
        )
    moment: dt.date = moments[0]
    return moment


def _same(new: pl.DataFrame, old: pl.DataFrame) -> bool:
    if set(new.columns) != set(old.columns):
        return False
    try:
        assert_frame_equal(new.sort("customer_id"), old.select(new.columns), check_dtypes=False, rel_tol=0, abs_tol=0)
    except AssertionError:
        return False
    return True
