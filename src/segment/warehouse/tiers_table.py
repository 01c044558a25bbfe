"""Published tiers: a Delta table, replaced at once per date and readable at every version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, write_deltalake
from polars.testing import assert_frame_equal

from segment.exceptions import NotPublishedError, PublishError
from segment.messages import Message
from segment.store.chain import Anchor
from segment.warehouse.delta_place import delta_address, files_of, is_table, oldest_version, opened_table

# delta-rs deletes the log of versions older than 30 days at every checkpoint unless told otherwise.
# Source: https://docs.delta.io/latest/table-properties.html
_FOR_EVER = "interval 36500 days"
HISTORY_STAYS = {
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": _FOR_EVER,
    "delta.deletedFileRetentionDuration": _FOR_EVER,
}
"""What a table says of itself, to whatever writes it: versions stay until `segment retain` takes them away."""
_NO_CLEANUP = PostCommitHookProperties(cleanup_expired_logs=False)


def publish_tiers(tiers: pl.DataFrame, table: Path, stamps: Mapping[str, str] | None = None) -> int:
    """Publish the tiers of one date in one commit."""
    # A frame equal to what is published writes nothing.
    as_of = _only_date(tiers)
    if as_of in published_dates(table) and _same(tiers, read_tiers(table, as_of)):
        return _newest(table)
    exists = is_table(table)
    if exists:
        _keep_history(table)
    with delta_address(table) as address:
        replace_date(
            address,
            tiers,
            as_of,
            exists=exists,
            commit_properties=CommitProperties(custom_metadata={**(stamps or {}), "as_of": as_of.isoformat()}),
            configuration=None if exists else HISTORY_STAYS,
            post_commithook_properties=_NO_CLEANUP,
        )
    return _newest(table)


def replace_date(address: str, tiers: pl.DataFrame, as_of: dt.date, *, exists: bool, **ways: Any) -> None:
    """Put a date's tiers in the place of those that a table holds of it, in one commit; make it if there is none."""
    # `ways`: Of `write_deltalake`.
    write_deltalake(
        address,
        tiers.to_arrow(),
        mode="overwrite",
        predicate=f"as_of = '{as_of.isoformat()}'" if exists else None,
        partition_by=["as_of"],
        schema_mode="merge" if exists else None,
        **ways,
    )


def anchor_stamps(head: Anchor) -> dict[str, str]:
    """What a publication says of the chain of records, so that it cannot be cut without the published table."""
    return {"records": str(head.number), "records_sha256": head.sha256}


def publication_anchors(table: Path) -> list[Anchor]:
    """Read what publications say of the chain of records."""
    if not is_table(table):
        return []
    with opened_table(table) as opened:
        stamped = [commit for commit in opened.history() if "records_sha256" in commit]
    return [
        Anchor(int(commit["records"]), commit["records_sha256"], f"the publication of {commit['as_of']}")
        for commit in reversed(stamped)
    ]


def read_tiers(
    table: Path, as_of: dt.date, version: int | None = None, columns: Collection[str] | None = None
) -> pl.DataFrame:
    """Read the published tiers of one date, of some columns the ones that there are; by default all."""
    # opened once, so that dates and rows are of one version whatever is published meanwhile
    with _opened(table, version) as opened:
        dates = [] if opened is None else _dates(opened)
        if opened is None or as_of not in dates:
            published: list[dt.date | Message] = [*dates[-6:]] or [Message("errors.none_yet")]
            raise NotPublishedError.of("errors.not_published_for", as_of=as_of, published=published)
        rows = _rows(opened, table).filter(pl.col("as_of") == as_of)
        names = [name for name in rows.collect_schema() if name != "as_of" and (columns is None or name in columns)]
        return rows.select("as_of", *names).sort("customer_id").collect()


def published_dates(table: Path, version: int | None = None) -> list[dt.date]:
    """List the dates that have published tiers, oldest first."""
    with _opened(table, version) as opened:
        return [] if opened is None else _dates(opened)


def published_runs(table: Path, version: int | None = None) -> dict[dt.date, str]:
    """Say which run each date's tiers are of."""
    with _opened(table, version) as opened:
        if opened is None or not _dates(opened):
            return {}
        rows = _rows(opened, table).select("as_of", "run_id").unique().collect()
    return dict(rows.sort("as_of").iter_rows())


def published_version(table: Path) -> int | None:
    """Return the newest version of the table."""
    return _newest(table) if is_table(table) else None


def restore_tiers(table: Path, version: int) -> int:
    """Bring an earlier version of the table back, in one commit after the newest."""
    with _opened(table, version) as opened:
        if opened is None:
            raise NotPublishedError.of("errors.none_to_bring_back")
    with opened_table(table) as newest:
        newest.restore(version, post_commithook_properties=_NO_CLEANUP)
    # an earlier version of the table may say nothing of its history, or something else
    _keep_history(table)
    return _newest(table)


def _keep_history(table: Path) -> None:
    """Let a table say that its history stays, where it does not yet."""
    with opened_table(table) as opened:
        if HISTORY_STAYS.items() - opened.metadata().configuration.items():
            opened.alter.set_table_properties(HISTORY_STAYS, post_commithook_properties=_NO_CLEANUP)


@contextmanager
def _opened(table: Path, version: int | None) -> Iterator[DeltaTable | None]:
    if not is_table(table):
        yield None
        return
    newest, oldest = _newest(table), oldest_version(table)
    if version is not None and not oldest <= version <= newest:
        raise NotPublishedError.of("errors.no_such_tiers_version", version=version, oldest=oldest, newest=newest)
    with opened_table(table, version) as opened:
        yield opened


def _rows(opened: DeltaTable, table: Path) -> pl.LazyFrame:
    """Read the rows of a version, from the table's own folder, where it has any."""
    # `scan_delta` finds no folder with a space in its name; PyArrow's reader takes a second to load
    return pl.scan_parquet(
        [table / place for place in files_of(opened)],
        schema=pl.Schema(opened.schema()),
        hive_schema={"as_of": pl.Date},
        missing_columns="insert",
        glob=False,
    )


def _newest(table: Path) -> int:
    with opened_table(table) as opened:
        return int(opened.version())


def _dates(opened: DeltaTable) -> list[dt.date]:
    return sorted(dt.date.fromisoformat(str(part["as_of"])) for part in opened.partitions())


def _only_date(tiers: pl.DataFrame) -> dt.date:
    dates = tiers["as_of"].unique().to_list() if tiers.height else []
    if len(dates) != 1:
        raise PublishError.of("errors.tiers_of_many_dates", dates=len(dates), rows=tiers.height)
    if tiers["customer_id"].n_unique() != tiers.height:
        raise PublishError.of("errors.customer_twice", rows=tiers.height, customers=tiers["customer_id"].n_unique())
    date: dt.date = dates[0]
    return date


def _same(new: pl.DataFrame, old: pl.DataFrame) -> bool:
    if set(new.columns) != set(old.columns):
        return False
    try:
        assert_frame_equal(new.sort("customer_id"), old.select(new.columns), check_dtypes=False, rel_tol=0, abs_tol=0)
    except AssertionError:
        return False
    return True
