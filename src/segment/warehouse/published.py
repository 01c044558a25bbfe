"""Published tiers: a Delta table, replaced at once per moment and readable at every version."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
from deltalake import CommitProperties, DeltaTable, write_deltalake
from polars.testing import assert_frame_equal

from segment.exceptions import PublishError


def publish_tiers(tiers: pl.DataFrame, table: Path) -> int:
    """Publish the tiers of one moment in one commit.

    A frame equal to what is published, but for `run_id`, writes nothing.

    Parameters
    ----------
    tiers : polars.DataFrame
        Columns of CONTRACT.md section 3, one `as_of`.
    table : Path
        Folder of the Delta table.

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
        commit_properties=CommitProperties(custom_metadata={"as_of": as_of.isoformat()}),
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
    moments = published_moments(table, version)
    if as_of not in moments:
        known = ", ".join(moment.isoformat() for moment in moments[-6:]) or "none yet"
        raise PublishError.with_hint(
            f"Tiers must be published for {as_of.isoformat()}. Published: {known}.",
            f"segment refresh LEDGER --as-of {as_of.isoformat()}",
        )
    opened = DeltaTable(table, version=version)
    rows = opened.to_pyarrow_table(filters=[("as_of", "=", as_of)])
    frame = pl.DataFrame(rows)
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
    if not DeltaTable.is_deltatable(str(table)):
        return []
    parts = DeltaTable(table, version=version).partitions()
    return sorted(dt.date.fromisoformat(str(part["as_of"])) for part in parts)


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
    kept = [name for name in new.columns if name != "run_id"]
    try:
        assert_frame_equal(
            new.select(kept).sort("customer_id"), old.select(kept), check_dtypes=False, rel_tol=0, abs_tol=0
        )
    except AssertionError:
        return False
    return True
