"""Rows that people hand in between two extracts: outcomes of lists, objections, reviews. One Parquet file per table.

A row has a key; handing it in twice changes nothing, and handing it in anew replaces it. Rows of a customer can be
taken away, which the record chain (`segment.warehouse.records`) cannot; so who is meant stands here, never there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from filelock import FileLock

from segment.warehouse.tables import Workspace, write_parquet
from segment.warehouse.tombstones import Erased, subject_key

WAIT_SECONDS = 30


@dataclass(frozen=True)
class Table:
    """A table of kept rows.

    Attributes
    ----------
    name : str
        Of its file.
    schema : dict
        Columns and types; `customer_id` is one of them.
    key : tuple of str
        What a row is found again by.
    """

    name: str
    schema: dict[str, pl.DataType | type[pl.DataType]]
    key: tuple[str, ...]


OUTCOMES = Table(
    "outcomes",
    {
        "list_id": pl.String,
        "customer_id": pl.String,
        "contacted_on": pl.Date,
        "response": pl.String,
        "responded_on": pl.Date,
        "do_not_contact": pl.Boolean,
        "wallet_feedback": pl.String,
    },
    ("list_id", "customer_id"),
)
OBJECTIONS = Table(
    "objections",
    {"customer_id": pl.String, "against": pl.String, "made_on": pl.Date, "withdrawn_on": pl.Date},
    ("customer_id", "against"),
)
REVIEWS = Table(
    "reviews",
    {
        "review_id": pl.String,
        "customer_id": pl.String,
        "branch_id": pl.String,
        "action": pl.String,
        "item_code": pl.String,
        "as_of": pl.Date,
        "author": pl.String,
        "proposed_on": pl.Date,
        "decision": pl.String,
        "reviewer": pl.String,
        "decided_on": pl.Date,
        "why": pl.String,
        "price": pl.Float64,
        "alternative": pl.String,
        "starts_on": pl.Date,
        "reversible_until": pl.Date,
        "notice_on": pl.Date,
        "notice_evidence": pl.String,
        "accepted_on": pl.Date,
        "handed_over_on": pl.Date,
        "withdrawn_on": pl.Date,
        "withdrawn_by": pl.String,
        "withdrawn_why": pl.String,
        "refunded_on": pl.Date,
    },
    ("review_id",),
)
OVERRIDES = Table("overrides", {"subject": pl.String, "customer_id": pl.String}, ("subject",))
"""Whom the records of overrides mean: they hold `subject`, a keyed hash, and no id."""
TABLES = (OUTCOMES, OBJECTIONS, REVIEWS, OVERRIDES)


@dataclass(frozen=True)
class Taken:
    """What became of rows handed in.

    Attributes
    ----------
    added, changed, same : int
        Rows by what they did.
    """

    added: int
    changed: int
    same: int


def read_kept(workspace: Workspace, table: Table) -> pl.DataFrame:
    """Read a table, empty where nothing was ever handed in.

    Parameters
    ----------
    workspace : Workspace
        Where it is kept.
    table : Table
        Which.

    Returns
    -------
    polars.DataFrame
        Of the table's schema, sorted by its key. Columns that an earlier version did not keep are null.
    """
    path = _path(workspace, table)
    kept = [pl.read_parquet(path)] if path.is_file() else []
    return pl.concat([pl.DataFrame(schema=table.schema), *kept], how="diagonal")


def keep(workspace: Workspace, table: Table, rows: pl.DataFrame) -> Taken:
    """Add rows, or replace those of the same key.

    Parameters
    ----------
    workspace : Workspace
        Where it is kept.
    table : Table
        Which.
    rows : polars.DataFrame
        Of the table's schema; a key stands once. Rows of a customer who was erased are left out.

    Returns
    -------
    Taken

    Examples
    --------
    >>> import datetime as dt, tempfile
    >>> made = ("a", "profiling", dt.date(2025, 1, 2), None)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = Workspace(Path(folder))
    ...     rows = pl.DataFrame([made], schema=OBJECTIONS.schema, orient="row")
    ...     keep(place, OBJECTIONS, rows), keep(place, OBJECTIONS, rows)
    (Taken(added=1, changed=0, same=0), Taken(added=0, changed=0, same=1))
    """
    rows = rows.select(list(table.schema)).cast(table.schema)  # type: ignore[arg-type]
    with _alone(workspace):
        rows = Erased.of(workspace).leave_out(rows)
        before = read_kept(workspace, table)
        known = rows.join(before, on=table.key, how="semi").height
        same = rows.join(before, on=list(table.schema), how="semi", nulls_equal=True).height
        if same < rows.height:
            after = pl.concat([before.join(rows, on=table.key, how="anti"), rows]).sort(table.key)
            write_parquet(after, _path(workspace, table))
    return Taken(added=rows.height - known, changed=known - same, same=same)


def forget(workspace: Workspace, customers: Iterable[str]) -> dict[str, int]:
    """Take away every row of some customers; of a review that was decided only the name goes.

    Parameters
    ----------
    workspace : Workspace
        Where they are kept.
    customers : iterable of str
        Their ids.

    Returns
    -------
    dict of str to int
        Rows taken away, or that name nobody any more, by table.

    References
    ----------
    PIPL art. 56: records of automated decisions are kept for at least three years; so a decision outlives the name.
    """
    gone, taken = list(customers), {}
    nameless = {name: subject_key(workspace, name) for name in gone}
    with _alone(workspace):
        for table in TABLES:
            before = read_kept(workspace, table)
            own = pl.col("customer_id").is_in(gone)
            taken[table.name] = before.filter(own).height
            if not taken[table.name]:
                continue
            if table is REVIEWS:
                after = before.with_columns(pl.col("customer_id").replace(nameless))
            else:
                after = before.filter(~own)
            write_parquet(after, _path(workspace, table))
    return taken


def take_away(workspace: Workspace, table: Table, rows: pl.DataFrame) -> int:
    """Take rows away that were kept for long enough.

    Parameters
    ----------
    workspace : Workspace
        Where they are kept.
    table : Table
        Which.
    rows : polars.DataFrame
        As they were read; one that was handed in anew meanwhile stays.

    Returns
    -------
    int
        Rows taken away.
    """
    with _alone(workspace):
        before = read_kept(workspace, table)
        after = before.join(rows, on=list(table.schema), how="anti", nulls_equal=True, maintain_order="left")
        if after.height < before.height:
            write_parquet(after, _path(workspace, table))
    return before.height - after.height


def _path(workspace: Workspace, table: Table) -> Path:
    return workspace.kept / f"{table.name}.parquet"


def _alone(workspace: Workspace) -> FileLock:
    workspace.kept.mkdir(parents=True, exist_ok=True)
    return FileLock(workspace.kept / "lock", timeout=WAIT_SECONDS)
