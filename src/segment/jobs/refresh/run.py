"""Extract, score with the champion, judge, and publish the tiers of a moment at once or not at all."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from segment.exceptions import PublishError, SegmentError
from segment.jobs.extract import Extracted, build, extracted
from segment.jobs.gates import NOTHING_ACCEPTED, Acceptance, Gate
from segment.jobs.gates.judge import judge
from segment.jobs.impact_assessment import require_impact_assessment
from segment.jobs.overrides import overrides_in_force
from segment.jobs.progress import Report, quiet
from segment.jobs.promotion import shadow_of
from segment.jobs.proof import Proof, prove, record_proof
from segment.jobs.published import tiers_before
from segment.jobs.refresh.inputs import Inputs, require_same_terms
from segment.jobs.refresh.published import Published, published_as
from segment.jobs.refresh.scoring import Moment, score
from segment.jobs.runs import RunRecord
from segment.jobs.runs.record import FAILED, PUBLISHED, REFUSED
from segment.policy import Policy
from segment.tiers import BANK, migration_table, moves, tier_table, withhold_small
from segment.tracking import Tracking, deliver, log_later
from segment.warehouse import Workspace, publish_tiers, workspace_lock, write_whole

MIGRATION_FILE = "migration.csv"


def refresh(
    location: str,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
    *,
    accept: Acceptance = NOTHING_ACCEPTED,
    n_jobs: int = -1,
    progress: Report = quiet,
) -> Published:
    """Extract, score and publish.

    The same ledger, policy, model, code and earlier tiers publish once; again, they write nothing.

    Parameters
    ----------
    location : str
        A folder of tables or a database URL.
    as_of : datetime.date
        A month's last day.
    workspace : Workspace
        Where to build and publish.
    policy : Policy
        The one that the champion was trained by.
    tracking : Tracking
        Holds the champion.
    accept : Acceptance
        Gates that a person lets pass.
    n_jobs : int
        Processes for buckets of customers.
    progress : callable
        Told how far each step is.

    Returns
    -------
    Published

    Raises
    ------
    LedgerError
        Where the ledger cannot be used.
    ModelError
        Where there is no champion, or it was trained by another policy or on other features.
    PublishError
        Where a gate fails. What was published stays.
    PolicyError
        Where the law asks for an impact assessment and the policy names none.
    BusyError
        Where another run holds the workspace.
    """
    with workspace_lock(workspace.root, "refresh"), _reported(workspace, as_of) as record:
        require_impact_assessment(policy)
        with record.step("extract"):
            build(location, as_of, workspace, policy, n_jobs=n_jobs, progress=progress)
        progress("publish", 0, 1)
        done = _publish(_Task(as_of, workspace, policy, tracking, accept, record))
        progress("publish", 1, 1)
        return done


def publish(
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
    *,
    accept: Acceptance = NOTHING_ACCEPTED,
) -> Published:
    """Score the snapshot of a moment that was extracted, and publish its tiers.

    Parameters
    ----------
    as_of, workspace, policy, tracking, accept
        As `refresh` takes them.

    Returns
    -------
    Published

    Raises
    ------
    ModelError, PublishError, PolicyError, BusyError
        As `refresh` raises them.
    """
    with workspace_lock(workspace.root, "publish"), _reported(workspace, as_of) as record:
        require_impact_assessment(policy)
        return _publish(_Task(as_of, workspace, policy, tracking, accept, record))


@dataclass(frozen=True)
class _Task:
    """What every step of a publication needs."""

    as_of: dt.date
    workspace: Workspace
    policy: Policy
    tracking: Tracking
    accept: Acceptance
    record: RunRecord


def _publish(task: _Task) -> Published:
    """Take the steps in their order; all before the commit may be repeated, and what is after it is."""
    workspace, record = task.workspace, task.record
    with record.step("load"):
        source = extracted(workspace, task.as_of)
        model, version = task.tracking.load()
        require_same_terms(version, source, task.policy, workspace)
        before, overrides = tiers_before(workspace, task.as_of), overrides_in_force(workspace, task.as_of)
        inputs = Inputs.of(source, task.policy, version, before, overrides)
    known = published_as(workspace, task.as_of, inputs.run_id)
    if known is not None:
        return replace(known, waiting=len(deliver(workspace, task.tracking)))
    record.named(inputs.run_id)
    told = {**inputs.to_dict(), "tables": source.hashes, "model_version": version.version}
    record.add("inputs", told)
    record.add("ledger", source.check)
    record.add("erased", source.erased)
    with record.step("score"):
        moment = score(
            model, version, task.as_of, inputs.run_id, before, overrides, workspace, task.policy, task.tracking
        )
    gates = _judged(task, moment, source, before)
    proof = _proved(task, moment, told)
    task.accept.record(gates, workspace, inputs.run_id)
    with record.step("publish"):
        stamps = {"run_id": inputs.run_id, "proof_sha256": proof.sha256}
        table_version = publish_tiers(moment.tiers, workspace.tiers, stamps)
        record_proof(proof, workspace)
    done = Published.of(moment.tiers, table_version, source, gates, task.policy)
    with record.step("shadow"):
        shadow = shadow_of(version, moment.scored, moment.snapshot, moment.managers, task.tracking, record.folder)
    record.add("shadow", shadow)
    _log(moment.tiers, done, inputs, source, shadow, workspace)
    record.add("published", done.to_dict())
    record.write(PUBLISHED)  # the last file of a run: without it, the run is done again
    return replace(done, waiting=len(deliver(workspace, task.tracking)))


def _judged(task: _Task, moment: Moment, source: Extracted, before: pl.DataFrame | None) -> tuple[Gate, ...]:
    """Hold a moment to the gates, and keep what they found whether they hold or not."""
    record = task.record
    moment.drift.write(record.folder)
    record.add("drift", moment.drift.gate().to_dict())
    with record.step("gates"):
        customers = moment.snapshot.height
        found = judge(moment.tiers, customers, before, source, moment.drift, task.workspace, task.policy)
        gates = task.accept.on(found)
    record.add("gates", [one.to_dict() for one in gates])
    migrated = withhold_small(migration_table(moment.tiers))
    write_whole(record.folder / MIGRATION_FILE, lambda beside: migrated.write_csv(beside))
    record.add("moves", moves(moment.tiers))
    record.add("migration", migrated.filter(pl.col("branch_id") == BANK).drop("branch_id").to_dicts())
    _require(gates)
    return gates


def _proved(task: _Task, moment: Moment, told: dict[str, Any]) -> Proof:
    with task.record.step("prove"):
        proof = prove(moment.tiers, task.workspace, task.policy, told)
        proof.require()
        proof.write(task.record.folder)
    content = proof.content
    task.record.add("proof", {"sha256": proof.sha256, "ledger": content["ledger"], "bridge": content["bridge"]})
    return proof


@contextmanager
def _reported(workspace: Workspace, as_of: dt.date) -> Iterator[RunRecord]:
    """Leave a report of a run that fails, too; it says no more than the error does."""
    record = RunRecord(workspace.runs, as_of)
    try:
        yield record
    except Exception as fault:
        told = str(fault) if isinstance(fault, SegmentError) else type(fault).__name__
        record.add("stopped_by", told)
        with suppress(OSError):  # a full disk stops the report too, and the fault itself matters more
            record.write(REFUSED if isinstance(fault, PublishError) else FAILED)
        raise


def _require(gates: Sequence[Gate]) -> None:
    failed = [one for one in gates if not one.holds and not one.accepted_by]
    if failed:
        told = "\n".join(f"- {one}" for one in failed)
        raise PublishError.with_hint(
            f"All gates must hold before tiers are published. Nothing was published; the last tiers stay. "
            f"{len(failed)} of {len(gates)} failed:\n{told}",
            f'mend the cause, or let it pass on record: --accept {failed[0].name} --reason "…"',
        )


def _log(
    tiers: pl.DataFrame,
    done: Published,
    inputs: Inputs,
    source: Extracted,
    shadow: dict[str, Any],
    workspace: Workspace,
) -> None:
    log_later(
        workspace,
        f"refresh {done.as_of}",
        params={
            "as_of": done.as_of,
            "model_version": done.model_version,
            "policy": str(tiers["policy_version"][0]),
            "policy_hash": inputs.policy,
            "ledger_hash": inputs.ledger,
        },
        metrics={
            "customers": done.customers,
            "quarantined": source.quarantined,
            "guard_share": done.guard_share,
            **{f"share_{tier}": share for tier, share in done.shares.items()},
        },
        texts={"tiers.csv": tier_table(tiers).write_csv(), "shadow.json": json.dumps(shadow, indent=2, sort_keys=True)},
        run_id=done.run_id,
    )
