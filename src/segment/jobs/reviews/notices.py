"""Taking in which customers were told of a fee, and which accepted it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from segment.exceptions import PublishError
from segment.jobs.leaving import file_hash
from segment.jobs.reviews.known import require_come
from segment.jobs.reviews.rows import NOTICES, all_reviews, alone
from segment.law import FEE
from segment.settings import who
from segment.warehouse import Workspace
from segment.warehouse.kept import REVIEWS, Taken, keep
from segment.warehouse.records import append

COLUMNS = {"review_id": pl.String, "notice_on": pl.Date, "notice_evidence": pl.String, "accepted_on": pl.Date}


@dataclass(frozen=True)
class Notices:
    """What a file of notices did.

    Attributes
    ----------
    taken : Taken
        Reviews by what became of them.
    record : int or None
        Number of the record; None where nothing changed.
    """

    taken: Taken
    record: int | None

    def __str__(self) -> str:
        """Say what was taken in."""
        return f"{self.taken.changed:,} reviews with a new notice or acceptance, {self.taken.same:,} as known."


def take_notices(file: Path, workspace: Workspace, *, on: dt.date | None = None) -> Notices:
    """Take in a file of notices, whole or not at all.

    Parameters
    ----------
    file : Path
        CSV or Parquet: `review_id`, `notice_on`, `notice_evidence` (where the letter or message is on file), and
        `accepted_on`, empty where the customer has not accepted.
    workspace : Workspace
        Keeps the reviews.
    on : datetime.date, optional
        The day; today by default. No date of the file may lie after it.

    Returns
    -------
    Notices

    Raises
    ------
    PublishError
        Where the file cannot be read, or a row is not of an approved fee that is not charged yet, has no evidence, or
        dates that cannot be; says how many rows break which rule.

    References
    ----------
    Service-price Measures 2014: the customer is told item and price before, and must accept.
    """
    day = on or dt.date.today()
    require_come(day)
    given = _read(file)
    with alone(workspace):
        before = all_reviews(workspace)
        _require_sound(given, before, day)
        names = [name for name in COLUMNS if name != "review_id"]
        rows = before.drop(names).join(given, on="review_id").select(list(REVIEWS.schema))
        taken = keep(workspace, REVIEWS, rows)
        if not taken.changed:
            return Notices(taken, None)
        told = {"rows": given.height, "changed": taken.changed, "sha256": file_hash(file)}
        record = append(workspace, NOTICES, by=who(), why="customers were told of fees", content=told)
    return Notices(taken, record.number)


def _read(file: Path) -> pl.DataFrame:
    try:
        frame = pl.read_parquet(file) if file.suffix == ".parquet" else pl.read_csv(file, infer_schema=False)
        dates = [pl.col(name).cast(pl.String).str.to_date("%Y-%m-%d") for name in ("notice_on", "accepted_on")]
        return frame.select(list(COLUMNS)).with_columns(dates).cast(COLUMNS)  # type: ignore[arg-type]
    except (OSError, pl.exceptions.PolarsError) as fault:
        raise PublishError.with_hint(
            f"A file of notices must hold {', '.join(COLUMNS)}, with ISO days. Got: {type(fault).__name__}.",
            "segment review-export --for notice writes the rows to be told",
        ) from None


def _require_sound(given: pl.DataFrame, before: pl.DataFrame, day: dt.date) -> None:
    open_fee = (pl.col("action") == FEE) & (pl.col("decision") == "approved") & pl.col("withdrawn_on").is_null()
    free = before.filter(open_fee & pl.col("handed_over_on").is_null())
    mine = given.join(free.select("review_id", "decided_on"), on="review_id")
    blank = pl.col("notice_evidence").str.strip_chars().fill_null("") == ""
    late = (pl.col("notice_on") > day) | (pl.col("accepted_on") > day)
    faults = {
        "are not of an approved fee that is not charged yet": given.height - mine.height,
        "stand twice": given.height - given["review_id"].n_unique(),
        "have no day of notice": given["notice_on"].null_count(),
        "have no evidence": given.filter(blank).height,
        "have a day that has not come": given.filter(late).height,
        "were told before the decision": mine.filter(pl.col("notice_on") < pl.col("decided_on")).height,
        "were accepted before the notice": given.filter(pl.col("accepted_on") < pl.col("notice_on")).height,
    }
    found = ", ".join(f"{count} {what}" for what, count in faults.items() if count)
    if found:
        raise PublishError.with_hint(
            f"Every row of a file of notices must hold; nothing was taken in. Of {given.height} rows {found}.",
            "correct the file and hand it in again",
        )
