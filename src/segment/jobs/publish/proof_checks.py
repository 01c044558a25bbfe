"""Everything that a publication is held to, after the fact: one function per check, on values alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from segment.exceptions import ProofError, SegmentError
from segment.jobs.build.hashes import code_hash
from segment.jobs.publish.proof import Proof
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.policy import Policy
from segment.sentences import Sentences
from segment.store.records import Record
from segment.warehouse.household_sums import HOUSEHOLD


@dataclass(frozen=True)
class ProofCheck:
    """One thing that was held to the proof."""

    name: str
    holds: bool
    finding: Message | str  # A fault is said by its error

    @property
    def message(self) -> str:
        """In plain words."""
        return Sentences().figure(self.finding)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        code = {"finding": self.finding.to_dict()} if isinstance(self.finding, Message) else {}
        return {"name": self.name, "holds": self.holds, "said": self.message, **code}

    @classmethod
    def failed(cls, name: str, fault: SegmentError) -> ProofCheck:
        """Say why a check could not be made."""
        return cls(name, False, str(fault).splitlines()[0])


@dataclass(frozen=True)
class ProofVerification(MessageResult):
    """What a replay of a proof found."""

    as_of: str
    run_id: str
    table_version: int
    checks: tuple[ProofCheck, ...]

    @property
    def holds(self) -> bool:
        """Whether every check does."""
        return all(check.holds for check in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "as_of": self.as_of,
            "run_id": self.run_id,
            "table_version": self.table_version,
            "checks": [check.to_dict() for check in self.checks],
            "holds": self.holds,
        }

    def require(self) -> None:
        """Stop where a check does not hold."""
        failed = [check for check in self.checks if not check.holds]
        if failed:
            listed = [Message("errors.gate", {"name": check.name, "finding": check.message}) for check in failed]
            raise ProofError.of(
                "errors.proof_fails", as_of=self.as_of, failed=len(failed), checks=len(self.checks), listed=listed
            )

    def messages(self) -> Iterator[Message]:
        """One line per check."""
        yield Message("verify.run", {"run": self.run_id, "version": self.table_version})
        for check in self.checks:
            verdict = Message("verify.holds" if check.holds else "verify.fails")
            yield Message("verify.check", {"verdict": verdict, "name": check.name, "finding": check.finding})


def unbroken_chain(records: int, *, key_outside: bool) -> ProofCheck:
    """Say how many records stand in their place, and whether that holds against somebody who may write to them."""
    name = "verify.records" if key_outside else "verify.records_slips"
    return ProofCheck("records", True, Message(name, {"records": records}))


def recorded_hash(proof: Proof, records: Sequence[Record]) -> ProofCheck:
    """Hold a proof to the hash that was recorded of it."""
    own = [record for record in records if record.content["run_id"] == proof.run_id]
    if not own:
        return ProofCheck("proof", False, Message("verify.proof.none"))
    same = own[-1].content["sha256"] == proof.sha256
    return _check("proof", same, "same" if same else "changed", at=own[-1].written_at)


def same_policy(proof: Proof, policy: Policy) -> ProofCheck:
    """Hold the policy to the one that was published by."""
    same = policy.hash == proof.inputs.hashes.policy
    return _check("policy", same, "same" if same else "other", policy=f"{policy.name} {policy.version}")


def same_tables(name: str, proof: Proof, hashes: Mapping[str, str]) -> ProofCheck:
    """Hold the ledger's tables to those that were published from; `name`: `ledger` or `source`."""
    given = proof.inputs.tables
    changed = sorted(table for table in given if hashes.get(table) != given[table])
    if changed:
        return _check(name, False, "changed", tables=changed)
    return _check(name, True, "same", tables=len(hashes))


def same_model(proof: Proof, sha256: str) -> ProofCheck:
    """Hold the model's file to the one that scored."""
    same = sha256 == proof.inputs.hashes.model
    return _check("model", same, "same" if same else "other", version=proof.inputs.model_version)


def same_code(proof: Proof) -> ProofCheck:
    """Say which code it was; other code is no fault, since the other checks say what it makes of the same inputs."""
    same = code_hash() == proof.inputs.hashes.code
    return _check("code", True, "same" if same else "other", version=proof.inputs.code_version)


def same_sums(proof: Proof, replayed: Proof, erased: int) -> Iterator[ProofCheck]:
    """Hold a proof to one that was made of the workspace as it is now; `erased`: Customers erased since."""
    faults = replayed.faults
    yield ProofCheck("sums", False, "; ".join(faults)) if faults else _check("sums", True, "same", **_totals(proof))
    same_bridge = erased > 0 or proof.bridge == replayed.bridge
    same = _same(_folded(proof.rows), _folded(replayed.rows)) and same_bridge
    case = ("erased" if erased else "same") if same else "other"
    yield _check("replay", same, case, rows=proof.rows.height, erased=erased)


def same_rebuild(proof: Proof, rebuilt: Proof) -> ProofCheck:
    """Hold a proof to one that was made from the ledger again."""
    same = _same(_folded(proof.rows), _folded(rebuilt.rows)) and not rebuilt.faults
    return _check("rebuild", same, "same" if same else "other")


def same_tiers(tiers: pl.DataFrame, rescored: pl.DataFrame, erased: int) -> ProofCheck:
    """Hold published tiers to those that were scored again; `erased`: Customers erased since."""
    if erased:
        rescored = rescored.join(tiers, on="customer_id", how="semi")
        rescored = _without_emptied(tiers, rescored)
    columns = [name for name in rescored.columns if name in tiers.columns]
    same = _same(tiers.select(columns).sort("customer_id"), rescored.select(columns).sort("customer_id"))
    case = ("erased" if erased else "same") if same else "other"
    return _check("tiers", same, case, customers=tiers.height, erased=erased)


def _without_emptied(tiers: pl.DataFrame, rescored: pl.DataFrame) -> pl.DataFrame:
    """Leave out the sums of households that an erasure emptied."""
    if HOUSEHOLD not in tiers.columns or HOUSEHOLD not in rescored.columns:
        return rescored
    known = tiers.filter(pl.col(HOUSEHOLD).is_not_null())["customer_id"]
    kept = pl.col("customer_id").is_in(known.implode())
    return rescored.with_columns(pl.when(kept).then(HOUSEHOLD).alias(HOUSEHOLD))


def _check(name: str, holds: bool, case: str, **figures: Any) -> ProofCheck:
    return ProofCheck(name, holds, Message(f"verify.{name}.{case}", figures))


def _folded(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a proof with what the erased brought among the customers again: that sum outlasts an erasure."""
    if "erased" not in rows.columns:
        return rows
    return rows.with_columns(customers_sum=(pl.col("customers_sum") + pl.col("erased")).round(2)).drop("erased")


def _same(computed: pl.DataFrame, recorded: pl.DataFrame) -> bool:
    try:
        assert_frame_equal(computed, recorded, check_dtypes=False, rel_tol=1e-9, abs_tol=1e-6)
    except AssertionError:
        return False
    return True


def _totals(proof: Proof) -> dict[str, float]:
    ledger = proof.ledger.values()
    named = ("unheld", "unused_capacity", "erased", "unexplained")
    unallocated = sum(abs(line.get(name, 0.0)) for line in ledger for name in named)
    return {"total": sum(abs(line["total"]) for line in ledger), "unallocated": unallocated}
