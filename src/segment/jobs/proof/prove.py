"""The sum of what is published, with every unallocated line named, held to the ledger's totals."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from segment.contribution import by_ledger_line
from segment.contribution.lines import LINES
from segment.exceptions import PublishError
from segment.features.store import month_file
from segment.jobs.proof.bridge import bridge
from segment.jobs.reconciled import reconciliation_of, window
from segment.ledger.vocabulary import TOTAL_LINES
from segment.policy import Policy
from segment.settings import who
from segment.warehouse import Workspace, write_json, write_whole
from segment.warehouse.records import append, records
from segment.warehouse.tombstones import Erased

PROOF_FILE, ROWS_FILE = "proof.json", "proof.csv"
PROVED = "publication_proof"
CENT = 0.01
_KEYS = ["line", "branch_id", "month"]
_AMOUNTS = ["customers_sum", "unheld", "unused_capacity", "erased", "unexplained", "total"]


@dataclass(frozen=True)
class Proof:
    """A publication held to the ledger.

    Attributes
    ----------
    content : dict
        `as_of`, `run_id`, `inputs` (hashes), `months`, `ledger` (by line: customers' sum, the unallocated lines by
        name, the total, and how many branches and months have one in the ledger), `bridge` (from customers' sum to
        what is published), `erased` (customers erased by then), `faults` (what does not add up, in plain words) and
        `rows_sha256`.
    rows : polars.DataFrame
        `line`, `branch_id`, `month`, `customers_sum`, `unheld` (accounted for, held by nobody present),
        `unused_capacity`, `erased` (of customers whose data were erased), `unexplained` (what the ledger's total has
        beyond these), `total`, `in_ledger`.
    """

    content: dict[str, Any]
    rows: pl.DataFrame

    @property
    def sha256(self) -> str:
        """Hash of the proof, which holds the hash of its rows."""
        return hashlib.sha256(json.dumps(self.content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def require(self) -> None:
        """Stop where something does not add up.

        Raises
        ------
        PublishError
            Says what.
        """
        faults = self.content["faults"]
        if faults:
            raise PublishError.with_hint(
                "What is published must add up to the ledger. It does not: " + "; ".join(faults) + ". "
                "Nothing was published.",
                "segment extract LEDGER --as-of DATE builds the months again where something changed them",
            )

    def write(self, folder: Path) -> None:
        """Write `proof.csv`, then `proof.json`.

        Parameters
        ----------
        folder : Path
            Of the run.
        """
        write_whole(folder / ROWS_FILE, lambda beside: beside.write_bytes(_csv(self.rows)))
        write_json(self.content, folder / PROOF_FILE)


def prove(tiers: pl.DataFrame, workspace: Workspace, policy: Policy, inputs: Mapping[str, Any]) -> Proof:
    """Add up what is about to be published, or was.

    Parameters
    ----------
    tiers : polars.DataFrame
        Published columns, one moment.
    workspace : Workspace
        Holds customer months, snapshot and reconciliations.
    policy : Policy
        Says over how many months commissions are spread.
    inputs : mapping
        Hashes of what the tiers follow from.

    Returns
    -------
    Proof
    """
    as_of: dt.date = tiers["as_of"][0]
    months = window(workspace, as_of)
    rows, faults = _rows(workspace, months)
    bridged, more = bridge(tiers, workspace, months, policy)
    content = {
        "as_of": as_of.isoformat(),
        "run_id": str(tiers["run_id"][0]),
        "inputs": dict(inputs),
        "months": [f"{month:%Y-%m}" for month in months],
        "ledger": {line: _of_line(rows, line) for line in TOTAL_LINES},
        "bridge": bridged,
        "erased": len(Erased.of(workspace)),
        "faults": [*faults, *more],
        "rows_sha256": hashlib.sha256(_csv(rows)).hexdigest(),
    }
    return Proof(content, rows)


def record_proof(proof: Proof, workspace: Workspace) -> None:
    """Put the hash of a publication's proof among the records, once.

    Parameters
    ----------
    proof : Proof
        Of what was published just now.
    workspace : Workspace
        Keeps the records.
    """
    content = {"run_id": proof.content["run_id"], "as_of": proof.content["as_of"], "sha256": proof.sha256}
    if content not in [one.content for one in records(workspace, PROVED)]:
        append(workspace, PROVED, by=who(), why="published", content=content)


def read_proof(folder: Path) -> Proof:
    """Read the proof of a run.

    Parameters
    ----------
    folder : Path
        Of the run.

    Returns
    -------
    Proof

    Raises
    ------
    PublishError
        Where it has none, or its rows are not those that it was written with.
    """
    try:
        content = json.loads((folder / PROOF_FILE).read_text(encoding="utf-8"))
        rows = (folder / ROWS_FILE).read_bytes()
    except (FileNotFoundError, json.JSONDecodeError):
        raise PublishError.with_hint(
            f"A publication must have its proof. Run {folder.name} has none that can be read.",
            "segment refresh writes it again",
        ) from None
    if hashlib.sha256(rows).hexdigest() != content.get("rows_sha256"):
        raise PublishError.with_hint(
            f"The rows of a proof must be those that it was written with. Those of run {folder.name} were changed.",
            "bring them back from a backup",
        )
    return Proof(content, pl.read_csv(rows, schema_overrides={"branch_id": pl.String, "month": pl.Date}))


def _rows(workspace: Workspace, months: tuple[dt.date, ...]) -> tuple[pl.DataFrame, list[str]]:
    """Per line, branch and month, and what differs from the customer months as they are now."""
    kept = pl.concat([reconciliation_of(workspace, month) for month in months])
    named = pl.col("customers_sum") + pl.col("unheld") + pl.col("unused_capacity") + pl.col("erased")
    rows = kept.with_columns(
        unexplained=(pl.col("total") - named).round(2) + 0.0,
        in_ledger=pl.col("ledger_total").is_not_null(),
    )
    rows = rows.select(*_KEYS, *_AMOUNTS, "in_ledger").sort(_KEYS)
    now = by_ledger_line(_lines(workspace, months), "now").with_columns(pl.col("now").round(2))
    other = rows.join(now, on=_KEYS, how="full", coalesce=True).filter(
        (pl.col("customers_sum").fill_null(0.0) - pl.col("now").fill_null(0.0)).abs() > CENT
    )
    if other.is_empty():
        return rows, []
    where = ", ".join(sorted({f"{month:%Y-%m}" for month in other["month"]}))
    return rows, [f"customers' sums of {where} are not those that were reconciled ({other.height} lines of a branch)"]


def _lines(workspace: Workspace, months: tuple[dt.date, ...]) -> nw.LazyFrame[Any]:
    columns = ["branch_id", "month", *(line.name for line in LINES)]
    return nw.from_native(
        pl.concat([pl.scan_parquet(month_file(workspace.customer_months, month)).select(columns) for month in months])
    )


def _of_line(rows: pl.DataFrame, line: str) -> dict[str, float]:
    of_line = rows.filter(pl.col("line") == line)
    sums = {name: round(float(of_line[name].sum()), 2) for name in _AMOUNTS}
    return {**sums, "branches_and_months": of_line.height, "in_ledger": int(of_line["in_ledger"].sum())}


def _csv(rows: pl.DataFrame) -> bytes:
    return rows.write_csv().encode()
