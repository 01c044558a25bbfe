"""Replays the proof of a publication, from the workspace or from the ledger itself."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl
from polars.testing import assert_frame_equal

from segment.exceptions import PublishError, SegmentError
from segment.jobs.extract import build, extracted
from segment.jobs.hashes import code_hash
from segment.jobs.proof.prove import PROVED, Proof, prove, read_proof
from segment.jobs.published import newest_published
from segment.policy import Policy
from segment.tracking import HASH_TAG, Tracking
from segment.warehouse import Workspace, published_version, read_tiers, write_whole
from segment.warehouse.records import check_chain, records
from segment.warehouse.tombstones import Erased

Rescore = Callable[[Workspace, pl.DataFrame, int], pl.DataFrame]


@dataclass(frozen=True)
class Check:
    """One thing that was held to the proof.

    Attributes
    ----------
    name : str
    holds : bool
    said : str
        In plain words.
    """

    name: str
    holds: bool
    said: str


@dataclass(frozen=True)
class Verified:
    """What a replay of a proof found.

    Attributes
    ----------
    as_of, run_id : str
    table_version : int
    checks : tuple of Check
    """

    as_of: str
    run_id: str
    table_version: int
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether every check does."""
        return all(one.holds for one in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {**asdict(self), "holds": self.holds}

    def require(self) -> None:
        """Stop where a check does not hold.

        Raises
        ------
        PublishError
            Lists each.
        """
        failed = [one for one in self.checks if not one.holds]
        if failed:
            told = "\n".join(f"- {one.name}: {one.said}" for one in failed)
            raise PublishError.with_hint(
                f"A publication must be what its proof says. As of {self.as_of}, {len(failed)} of {len(self.checks)} "
                f"checks do not hold:\n{told}",
                "segment rollback --tiers --reason … takes tiers back; segment refresh publishes and proves anew",
            )

    def __str__(self) -> str:
        """One line per check."""
        lines = [f"{'holds' if one.holds else 'FAILS'}  {one.name}: {one.said}" for one in self.checks]
        return f"Run {self.run_id} (version {self.table_version} of the table):\n" + "\n".join(lines)


def verify(
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
    *,
    location: str | None = None,
    as_of: dt.date | None = None,
    version: int | None = None,
    rescore: Rescore | None = None,
    n_jobs: int = -1,
) -> Verified:
    """Hold what is published to its proof.

    Parameters
    ----------
    workspace : Workspace
        Where it is published.
    policy : Policy
        That it should have been published by.
    tracking : Tracking
        Holds its model.
    location : str, optional
        The ledger, to build months and snapshot from again, in a folder of its own.
    as_of : datetime.date, optional
        The moment; the newest published by default.
    version : int, optional
        Of the published table; the newest by default.
    rescore : callable, optional
        Makes the tiers again from a workspace that was built from the ledger; without it, they are not.
    n_jobs : int
        Processes for buckets of customers.

    Returns
    -------
    Verified

    Raises
    ------
    PublishError
        Where nothing is published, or there is no proof at all.
    """
    moment = as_of or newest_published(workspace, version)
    tiers = read_tiers(workspace.tiers, moment, version)
    at = version if version is not None else published_version(workspace.tiers) or 0
    run_id = str(tiers["run_id"][0])
    checks = list(_of_records(workspace, run_id))
    try:
        proof = read_proof(workspace.runs / run_id)
    except PublishError as fault:
        return Verified(moment.isoformat(), run_id, at, (*checks, Check("proof", False, _first_line(fault))))
    checks += [_recorded(workspace, proof), *_inputs(workspace, proof, policy, tracking, moment)]
    checks += _sums(tiers, workspace, policy, proof)
    if location is not None:
        with tempfile.TemporaryDirectory(prefix="segment-verify-") as folder:
            again = Workspace(Path(folder))
            # as it was published: who was erased later is read from the ledger again, and from nowhere else
            _erased_then(workspace, proof, again)
            checks += _from_ledger(location, again, policy, tiers, proof, n_jobs)
            if rescore is not None:
                since = _erased_since(workspace, proof)
                checks.append(_same_tiers(tiers, lambda: rescore(again, tiers, at), since))
    return Verified(moment.isoformat(), run_id, at, tuple(checks))


def _of_records(workspace: Workspace, run_id: str) -> Iterator[Check]:
    try:
        number = check_chain(workspace)
    except PublishError as fault:
        yield Check("records", False, _first_line(fault))
        return
    yield Check("records", True, f"{number} records, each in its place")


def _recorded(workspace: Workspace, proof: Proof) -> Check:
    known = [one for one in records(workspace, PROVED) if one.content["run_id"] == proof.content["run_id"]]
    if not known:
        return Check("proof", False, "no record holds its hash")
    same = known[-1].content["sha256"] == proof.sha256
    said = "is the one whose hash was recorded" if same else "was changed after its hash was recorded"
    return Check("proof", same, f"{said} ({known[-1].written_at})")


def _inputs(workspace: Workspace, proof: Proof, policy: Policy, tracking: Tracking, as_of: dt.date) -> Iterator[Check]:
    given, tables = proof.content["inputs"], extracted(workspace, as_of).hashes
    yield _equal("policy", policy.hash == given["policy"], f"`{policy.name} {policy.version}`", "another than it was")
    changed = sorted(name for name in given["tables"] if tables.get(name) != given["tables"][name])
    yield _equal(
        "ledger", not changed, f"{len(tables)} tables as extracted", f"extracted anew since: {', '.join(changed)}"
    )
    try:
        model = tracking.get(given["model_version"]).tags[HASH_TAG]
    except SegmentError as fault:
        yield Check("model", False, _first_line(fault))
    else:
        told = f"version {given['model_version']}"
        yield _equal("model", model == given["model"], told, f"{told} is another file than it was")
    # other code is no fault: what it makes of the same inputs is what the other checks say
    same = code_hash() == given["code"]
    said = f"segment {given['code_version']}"
    yield Check("code", True, said if same else f"{said} then; the code that verifies is another")


def _sums(tiers: pl.DataFrame, workspace: Workspace, policy: Policy, proof: Proof) -> Iterator[Check]:
    again, since = prove(tiers, workspace, policy, proof.content["inputs"]), _erased_since(workspace, proof)
    faults = again.content["faults"]
    yield _equal("sums", not faults, _told(proof), "; ".join(faults))
    same_bridge = since > 0 or proof.content["bridge"] == again.content["bridge"]
    same = _same(_folded(proof.rows), _folded(again.rows)) and same_bridge
    rows = f"{proof.rows.height:,} sums by line, branch and month come out the same"
    said = f"{rows}, what {since} customers brought who were erased since by that name" if since else rows
    yield _equal("replay", same, said, "sums of the workspace are not those of the proof")


def _from_ledger(
    location: str, again: Workspace, policy: Policy, tiers: pl.DataFrame, proof: Proof, n_jobs: int
) -> Iterator[Check]:
    source = build(location, tiers["as_of"][0], again, policy, n_jobs=n_jobs)
    given = proof.content["inputs"]["tables"]
    changed = sorted(name for name in given if source.hashes.get(name) != given[name])
    yield _equal("source", not changed, "the ledger's tables hash to the same", f"changed: {', '.join(changed)}")
    made = prove(tiers, again, policy, proof.content["inputs"])
    same = _same(_folded(proof.rows), _folded(made.rows)) and not made.content["faults"]
    yield _equal("rebuild", same, "built from the ledger again, all sums are the same", "sums from the ledger differ")


def _same_tiers(tiers: pl.DataFrame, rescored: Callable[[], pl.DataFrame], erased: int) -> Check:
    made = rescored()
    if erased:
        made = made.join(tiers, on="customer_id", how="semi")
    columns = [name for name in made.columns if name in tiers.columns]
    same = _same(tiers.select(columns).sort("customer_id"), made.select(columns).sort("customer_id"))
    said = f"{tiers.height:,} customers come out the same"
    said += f"; {erased} were erased since" if erased else ""
    return _equal("tiers", same, said, "scored again from the ledger, the tiers are others")


def _folded(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a proof with what the erased brought among the customers again: that sum outlasts an erasure."""
    if "erased" not in rows.columns:
        return rows
    return rows.with_columns(customers_sum=(pl.col("customers_sum") + pl.col("erased")).round(2)).drop("erased")


def _erased_since(workspace: Workspace, proof: Proof) -> int:
    return len(Erased.of(workspace)) - int(proof.content.get("erased", 0))


def _erased_then(workspace: Workspace, proof: Proof, again: Workspace) -> None:
    then = int(proof.content.get("erased", 0))
    if then:
        secret = workspace.subject_secret.read_text(encoding="utf-8")
        write_whole(again.subject_secret, lambda beside: beside.write_text(secret, encoding="utf-8"))
        Erased.of(workspace, then).add_to(again)


def _same(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    try:
        assert_frame_equal(one, other, check_dtypes=False, rel_tol=1e-9, abs_tol=1e-6)
    except AssertionError:
        return False
    return True


def _told(proof: Proof) -> str:
    ledger = proof.content["ledger"]
    named = ("unheld", "unused_capacity", "erased", "unexplained")
    unallocated = sum(abs(of.get(name, 0.0)) for of in ledger.values() for name in named)
    total = sum(abs(of["total"]) for of in ledger.values())
    return f"customers and named lines add up to {total:,.2f}; {unallocated:,.2f} of it unallocated, by name"


def _equal(name: str, holds: bool, said: str, otherwise: str) -> Check:
    return Check(name, holds, said if holds else otherwise)


def _first_line(fault: SegmentError) -> str:
    return str(fault).splitlines()[0]
