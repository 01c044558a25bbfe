"""The sum of what is published, with every unallocated line named, held to the ledger's totals."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from segment.exact_money import cents, from_cents, total_of_cents
from segment.exceptions import ProofError
from segment.files import json_hash, write_bytes, write_json
from segment.jobs.build.reconcile import CENT, read_reconciliation
from segment.jobs.publish.bridge import BookedContribution, bridge, read_booked_contribution
from segment.jobs.publish.input_hashes import RunInputs
from segment.ledger.vocabulary import TOTAL_LINES
from segment.policy import Policy
from segment.store.tombstones import Erased

PROOF_FILE, ROWS_FILE = "proof.json", "proof.csv"
_KEYS = ["line", "branch_id", "month"]
_AMOUNTS = ["customers_sum", "unheld", "unused_capacity", "erased", "unexplained", "total"]


@dataclass(frozen=True)
class Proof:
    """A publication held to the ledger."""

    as_of: str  # The date, ISO
    run_id: str
    inputs: RunInputs
    months: tuple[str, ...]  # That the tiers rest on
    # By line: customers' sum, the unallocated lines by name, the total, and how many branches and months have one in
    # the ledger
    ledger: Mapping[str, Mapping[str, float]]
    bridge: Mapping[str, float]  # From customers' sum to what is published
    faults: tuple[str, ...]  # What does not add up, in plain words
    # `line`, `branch_id`, `month`, `customers_sum`, `unheld` (accounted for, held by nobody present),
    # `unused_capacity`, `erased` (of customers whose data were erased), `unexplained` (what the ledger's total has
    # beyond these), `total`, `in_ledger`
    rows: pl.DataFrame
    erased: int = 0  # Customers erased by then; earlier versions say of nobody
    sha256: str = ""  # Of what its file holds, the hash of its rows among it

    def to_dict(self) -> dict[str, Any]:
        """Return what its file holds."""
        return {
            "as_of": self.as_of,
            "run_id": self.run_id,
            "inputs": self.inputs.to_dict(),
            "months": list(self.months),
            "ledger": self.ledger,
            "bridge": self.bridge,
            "erased": self.erased,
            "faults": list(self.faults),
            "rows_sha256": hashlib.sha256(_csv(self.rows)).hexdigest(),
        }

    @property
    def record(self) -> dict[str, str]:
        """What a record says of it."""
        return {"run_id": self.run_id, "as_of": self.as_of, "sha256": self.sha256}

    def require(self) -> None:
        """Stop where something does not add up."""
        if self.faults:
            raise ProofError.of("errors.does_not_add_up", faults=self.faults)

    def write(self, folder: Path) -> None:
        """Write `proof.csv`, then `proof.json`."""
        write_bytes(_csv(self.rows), folder / ROWS_FILE)
        write_json(self.to_dict(), folder / PROOF_FILE)


@dataclass(frozen=True)
class ProofInputs:
    """What a publication is held to."""

    contribution: BookedContribution  # Of the customer months, as they are now
    reconciled: pl.DataFrame  # The same months, as they were reconciled with the ledger
    erased: int  # Customers who were erased by now


def read_proof_inputs(
    customer_months: Path, reconciliations: Path, erased: Erased, as_of: dt.date, policy: Policy
) -> ProofInputs:
    """Read what the tiers of a date are held to."""
    contribution = read_booked_contribution(customer_months, as_of, policy.fees.commission.spread_months)
    reconciled = [read_reconciliation(reconciliations, month) for month in contribution.months]
    return ProofInputs(contribution, pl.concat(reconciled), len(erased))


def prove(tiers: pl.DataFrame, given: ProofInputs, inputs: RunInputs) -> Proof:
    """Add up what is about to be published, or was; `inputs`: What the tiers follow from."""
    as_of: dt.date = tiers["as_of"][0]
    rows, faults = _rows(given)
    steps, more = bridge(tiers, given.contribution)
    made = Proof(
        as_of=as_of.isoformat(),
        run_id=str(tiers["run_id"][0]),
        inputs=inputs,
        months=tuple(f"{month:%Y-%m}" for month in given.contribution.months),
        ledger={line: _of_line(rows, line) for line in TOTAL_LINES},
        bridge=steps,
        faults=(*faults, *more),
        rows=rows,
        erased=given.erased,
    )
    return replace(made, sha256=json_hash(made.to_dict()))


def read_proof(folder: Path) -> Proof:
    """Read the proof of a run."""
    try:
        content = json.loads((folder / PROOF_FILE).read_text(encoding="utf-8"))
        rows, sha256 = (folder / ROWS_FILE).read_bytes(), content["rows_sha256"]
        fields = {name: content[name] for name in ("as_of", "run_id", "ledger", "bridge")}
        inputs, months, faults = RunInputs.from_dict(content["inputs"]), content["months"], content["faults"]
    except (FileNotFoundError, ValueError, KeyError):
        raise ProofError.of("errors.no_proof", name=folder.name) from None
    if hashlib.sha256(rows).hexdigest() != sha256:
        raise ProofError.of("errors.proof_changed", name=folder.name)
    return Proof(
        **fields,
        inputs=inputs,
        months=tuple(months),
        faults=tuple(faults),
        rows=pl.read_csv(rows, schema_overrides={"branch_id": pl.String, "month": pl.Date}, glob=False),
        erased=int(content.get("erased", 0)),
        sha256=json_hash(content),
    )


def _rows(given: ProofInputs) -> tuple[pl.DataFrame, list[str]]:
    """Per line, branch and month, and what differs from the customer months as they are now."""
    # of the small figures alone: beyond `LARGEST_EXACT` the totals have no cents left to compare
    named = cents(pl.col("unheld")) + cents(pl.col("unused_capacity")) + cents(pl.col("erased"))
    rows = given.reconciled.with_columns(
        unexplained=from_cents(cents(pl.col("unallocated")) - named),
        in_ledger=pl.col("ledger_total").is_not_null(),
    )
    rows = rows.select(*_KEYS, *_AMOUNTS, "in_ledger").sort(_KEYS)
    other = rows.join(given.contribution.by_line, on=_KEYS, how="full", coalesce=True).filter(
        (pl.col("customers_sum").fill_null(0.0) - pl.col("now").fill_null(0.0)).abs() > CENT
    )
    if other.is_empty():
        return rows, []
    where = ", ".join(sorted({f"{month:%Y-%m}" for month in other["month"]}))
    return rows, [f"customers' sums of {where} are not those that were reconciled ({other.height} lines of a branch)"]


def _of_line(rows: pl.DataFrame, line: str) -> dict[str, float]:
    of_line = rows.filter(pl.col("line") == line)
    sums = {name: total_of_cents(of_line[name]) for name in _AMOUNTS}
    return {**sums, "branches_and_months": of_line.height, "in_ledger": int(of_line["in_ledger"].sum())}


def _csv(rows: pl.DataFrame) -> bytes:
    return rows.write_csv().encode()
