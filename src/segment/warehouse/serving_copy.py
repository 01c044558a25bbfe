"""A copy of the newest published tiers for the page: SQLite with the indices that its questions need."""

# One file per published version, built beside, checked, and swapped in by the rename of one pointer: whoever reads sees
# one version whole. It holds personal data, so erasure and retention drop it; it is built again from what is left.

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

import polars as pl

from segment.exceptions import PublishError
from segment.files import make_file, make_folder, read_only_uri, write_json
from segment.lock import one_at_a_time
from segment.store.tombstones import Erased
from segment.warehouse.tiers_table import published_dates, published_version, read_tiers
from segment.workspace import Workspace

SORTS: Final = ("contribution_12m", "future_value_12m", "upgrade_potential_12m")
"""What customers can be sorted by: each costs an index for the bank and one for branches."""
_TEXTS: Final = ("customer_id", "branch_id", "tier", "sub_state", "standing", "previous_tier", "tier_source")
_FIGURES: Final = (
    *SORTS, "income_12m", "cost_12m", "blended_contribution_12m", "border_low", "border_break_even", "border_high",
    "future_value_p10", "future_value_p90", "growth_potential", "chance_of_lower_tier", "chance_of_leaving_6m",
    "branch_multiple", "main_bank_elsewhere_probability", "wallet_elsewhere_12m", "months_observed", "cluster",
)  # fmt: skip
COLUMNS: Final = (*_TEXTS, *_FIGURES, "tier_since", "main_bank_elsewhere", "reasons", "household_id")
NO_TIER: Final = "excluded"
"""A standing without a tier, and in the place of the tier of those who have none: each is found by an index."""
_POINTER: Final = "current.json"
_TRIES: Final = 20


class ServingCopy:
    """The copy that was current when it was opened: it stays whole for whoever asks it, whatever is published since."""

    def __init__(self, path: Path, version: int, as_of: dt.date) -> None:
        # `version`: Of the published table
        self.version, self.as_of = version, as_of
        # the parts of one request may be answered by several threads, one after the other
        uri = f"{read_only_uri(path)}&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._closed = weakref.finalize(self, self._connection.close)

    def rows(self, query: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """Ask it."""
        return self._connection.execute(query, tuple(values)).fetchall()


def current_copy(workspace: Workspace) -> ServingCopy | None:
    """Open the copy; none where none was built, or it was dropped."""
    for _ in range(_TRIES):
        try:
            content = json.loads((workspace.serving / _POINTER).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        if content.get("columns") != list(COLUMNS):
            return None  # of another release
        path, as_of = workspace.serving / content["file"], dt.date.fromisoformat(content["as_of"])
        with suppress(OSError, sqlite3.OperationalError):  # another was published just now, or all were dropped
            return ServingCopy(path, content["version"], as_of)
    return None


def build_serving_copy(workspace: Workspace) -> ServingCopy | None:
    """Build the copy of what is published now, unless it is there; none where nothing is published."""
    make_folder(workspace.serving)
    with one_at_a_time(workspace.serving / "lock", "building of the page's copy", 600):
        version, copy = published_version(workspace.tiers), current_copy(workspace)
        dates = published_dates(workspace.tiers)
        if version is None or not dates:
            return None
        if copy is not None and (copy.version, copy.as_of) == (version, dates[-1]):
            return copy
        rows = _rows(workspace, dates[-1], version)
        path = workspace.serving / f"{dates[-1].isoformat()}-v{version}.db"
        with _beside(path) as beside:
            _write(rows, beside)
            _check(rows, beside)
        content = {"file": path.name, "version": version, "as_of": dates[-1].isoformat(), "columns": COLUMNS}
        write_json(content, workspace.serving / _POINTER)
        for other in workspace.serving.glob("*.db"):
            if other != path:
                other.unlink()
        return current_copy(workspace)


def renew_serving_copy(workspace: Workspace) -> None:
    """Build the copy of what was just published, where somebody has served the page of the workspace before."""
    if workspace.serving.is_dir():
        build_serving_copy(workspace)


@contextmanager
def without_serving_copies(workspace: Workspace) -> Iterator[None]:
    """Take every copy away, and let none be built before what it is made of has changed."""
    if not workspace.serving.is_dir():
        yield
        return
    with one_at_a_time(workspace.serving / "lock", "building of the page's copy", 600):
        for path in (workspace.serving / _POINTER, *workspace.serving.glob("*.db*")):
            path.unlink(missing_ok=True)
        yield


def _rows(workspace: Workspace, as_of: dt.date, version: int) -> pl.DataFrame:
    tiers = Erased.of(workspace).leave_out(read_tiers(workspace.tiers, as_of, version, COLUMNS))
    households = workspace.reference / "customers.parquet"
    homes = pl.DataFrame(schema={"customer_id": pl.String, "household_id": pl.String})
    if households.is_file():
        homes = pl.read_parquet(households, columns=homes.columns, glob=False)
    rows = tiers.drop("household_id", strict=False).join(homes, on="customer_id", how="left", maintain_order="left")
    # what an earlier release published has fewer columns
    missing = [pl.lit(None, pl.Float64).alias(name) for name in _FIGURES if name not in rows.columns]
    missing += [pl.lit(None, pl.String).alias(name) for name in _TEXTS if name not in rows.columns]
    reasons = [json.dumps(codes.to_list() if codes is not None else []) for codes in rows["reasons"]]
    rows = rows.with_columns(*missing, pl.Series("reasons", reasons, dtype=pl.String))
    return rows.with_columns(
        pl.col(pl.Categorical, pl.Enum).cast(pl.String),
        pl.col(*SORTS).cast(pl.Float64).fill_nan(None).fill_null(0.0),
        pl.when(pl.col("standing").cast(pl.String).ne_missing(NO_TIER))
        .then(pl.col("tier").cast(pl.String))
        .fill_null(NO_TIER)
        .alias("tier"),
        pl.col("main_bank_elsewhere").fill_null(value=False).cast(pl.Int64),
        pl.col("tier_since").cast(pl.String) if "tier_since" in rows.columns else pl.lit(None).alias("tier_since"),
    ).select(COLUMNS)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    beside = path.with_name(f".{path.name}")
    beside.unlink(missing_ok=True)
    make_file(beside)
    try:
        yield beside
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _write(rows: pl.DataFrame, path: Path) -> None:
    whole = {"months_observed", "main_bank_elsewhere", "cluster"}
    kinds = {name: "INTEGER" if name in whole else "REAL" if name in _FIGURES else "TEXT" for name in COLUMNS}
    columns = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    places = ", ".join("?" for _ in COLUMNS)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute(f"CREATE TABLE customers ({columns})")
        connection.executemany(f"INSERT INTO customers VALUES ({places})", rows.iter_rows())  # noqa: S608  no value in it
        connection.execute("CREATE UNIQUE INDEX by_id ON customers (customer_id)")
        connection.execute("CREATE INDEX by_household ON customers (household_id) WHERE household_id IS NOT NULL")
        for name in SORTS:
            connection.execute(f"CREATE INDEX bank_{name} ON customers (tier, {name} DESC, customer_id)")
            connection.execute(f"CREATE INDEX branch_{name} ON customers (branch_id, tier, {name} DESC, customer_id)")
        connection.execute(
            "CREATE TABLE overview AS SELECT branch_id, tier, previous_tier, COUNT(*) AS customers, "
            "SUM(contribution_12m) AS contribution_12m, SUM(main_bank_elsewhere) AS main_bank_elsewhere, "
            "SUM(CASE WHEN main_bank_elsewhere THEN wallet_elsewhere_12m ELSE 0 END) AS wallet_elsewhere_12m "
            "FROM customers GROUP BY branch_id, tier, previous_tier"
        )


def _check(rows: pl.DataFrame, path: Path) -> None:
    """Hold the copy to what it was made of, before anybody sees it."""
    copy = ServingCopy(path, 0, dt.date.min)
    held = copy.rows("SELECT COUNT(*), SUM(contribution_12m), COUNT(DISTINCT customer_id) FROM customers")[0]
    summed = copy.rows("SELECT SUM(customers) FROM overview")[0][0] or 0
    total = float(rows["contribution_12m"].sum())
    same = abs((held[1] or 0.0) - total) <= 1e-9 * max(1.0, float(rows["contribution_12m"].abs().sum()))
    whole = copy.rows("PRAGMA quick_check")[0][0] == "ok"
    if not (whole and same and held[0] == held[2] == summed == rows.height):
        raise PublishError(f"The page's copy must hold what is published. It holds {held[0]} of {rows.height} rows.")
