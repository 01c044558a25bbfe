"""Extract, score with the champion, hold to the gates, and publish the tiers of a date at once or not at all."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import polars as pl

from segment.drift.drift_reference import DriftReference
from segment.exceptions import RefusedError, SegmentError
from segment.files import write_json, write_whole
from segment.gate import Gate
from segment.jobs.build.distributed_extract import built_by
from segment.jobs.build.extract import extracted
from segment.jobs.policies.approval import is_approved
from segment.jobs.publish.acceptance import NOTHING_ACCEPTED, Acceptance
from segment.jobs.publish.build_serving_copy import renew_serving_copy
from segment.jobs.publish.evaluate_drift import DRIFT_FILE, evaluate_drift, reference_for
from segment.jobs.publish.input_hashes import InputHashes, RunInputs, require_same_terms
from segment.jobs.publish.overrides import list_overrides, newest_overrides
from segment.jobs.publish.proof import Proof, prove, read_proof_inputs
from segment.jobs.publish.publication_gates import evaluate_gates, require_gates
from segment.jobs.publish.publication_report import Publication, read_publication
from segment.jobs.publish.read_grades import read_grades
from segment.jobs.publish.rollback import withdrawn_runs
from segment.jobs.publish.run_report import FAILED, PUBLISHED, REFUSED, RunReport
from segment.jobs.publish.score_snapshot import ScoredSnapshot, ScoringInputs, score_snapshot
from segment.jobs.publish.scoring_engine import Score, scored_by
from segment.jobs.publish.shadow import SHADOW_FILE, Shadow, shadow_of
from segment.law.impact_assessment import require_impact_assessment
from segment.lock import workspace_lock
from segment.messages import Message
from segment.model.data_limits import unproven
from segment.policy import Policy
from segment.progress import ProgressCallback, no_progress
from segment.settings import current_user
from segment.spark.session import session_for
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record_once, chain_head, read_records
from segment.store.tombstones import Erased
from segment.tiers import tier_table
from segment.tiers.table import BANK, migration_summary, migration_table, withhold_small
from segment.tracking.outbox import deliver, log_later
from segment.tracking.registry import Tracking
from segment.tracking.runs import FinishedRun
from segment.warehouse.published_tiers import tiers_before
from segment.warehouse.stored_snapshots import CustomerSnapshot, read_snapshot
from segment.warehouse.tiers_table import anchor_stamps, publish_tiers, published_runs
from segment.workspace import Workspace

MIGRATION_FILE = "migration.csv"


def refresh(
    location: str | None,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
    *,
    accept: Acceptance = NOTHING_ACCEPTED,
    master: str | None = None,
    n_jobs: int = -1,
    progress: ProgressCallback = no_progress,
) -> Publication:
    """Extract, score and publish.

    The same ledger, policy, model, code and earlier tiers publish once; again, they write nothing.

    Parameters
    ----------
    location : str or None
        A folder of tables or a database URL; None: what was extracted as of this date.
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
    master : str, optional
        The Spark cluster that extracts and scores; tiers are settled and published here. By default, all is done here.
    n_jobs, progress : as `extract` takes them

    Returns
    -------
    Publication

    Raises
    ------
    LedgerError
        Where the ledger cannot be used.
    ModelError
        Where there is no champion, or it was trained by another policy or on other features.
    GateError, ProofError, ApprovalError
        Where a gate fails, the sums do not add up to the ledger, or the policy is not approved. What was published
        stays.
    PolicyError
        Where the law asks for an impact assessment and the policy names none.
    BusyError
        Where another run holds the workspace.
    """
    with workspace_lock(workspace.root, "refresh"), _reported(workspace.runs, as_of) as report, session_for(master):
        require_impact_assessment(policy)
        if location is not None:
            with report.step("extract"):
                built_by(master, n_jobs)(location, as_of, workspace, policy, progress=progress)
        progress("publish", 0, 1)
        with report.step("load"):
            source, (model, version) = extracted(workspace, as_of), tracking.load()
            overrides = newest_overrides(list_overrides(workspace, as_of))
            grades = read_grades(workspace.customer_months, policy, as_of)
            given = ScoringInputs(as_of, policy, model, version, tiers_before(workspace, as_of), overrides, grades)
            approved = is_approved(read_records(workspace, RecordKind.POLICY_APPROVED), policy)
            require_same_terms(version, source, policy, approved=approved or not policy.gates.require_approved_policy)
            run_id = (inputs := RunInputs.of(source, given)).hashes.run_id
        published = published_runs(workspace.tiers).get(as_of) == run_id
        if published and (before := read_publication(workspace.runs / run_id)) is not None:
            return replace(before, waiting=len(deliver(workspace, tracking)))
        report.set_run_id(run_id)
        report.add(inputs=inputs.to_dict(), ledger=source.check, erased=source.erased)
        with report.step("score"):
            snapshot, reference = read_snapshot(workspace, as_of), reference_for(version, tracking)
            scored, drift = _scored(given, snapshot, reference, report, score := scored_by(master, workspace.root))
        tiers, rollbacks = scored.tiers, read_records(workspace, RecordKind.TIERS_ROLLED_BACK)
        with report.step("gates"):
            withdrawal, rows = withdrawn_runs(rollbacks).get(run_id), snapshot.height
            gates = accept.apply(evaluate_gates(tiers, rows, given.previous, source, drift, withdrawal, policy))
            _require_gates(gates, tiers, report)
        with report.step("prove"):
            months, reconciliations, erased = workspace.customer_months, workspace.reconciliations, Erased.of(workspace)
            proof = prove(tiers, read_proof_inputs(months, reconciliations, erased, as_of, policy), inputs)
            _require_proof(proof, report)
        for gate in (gate for gate in gates if gate.accepted_by):
            content = {"run_id": run_id, "gate": gate.name, "said": gate.message, "figures": gate.figures}
            by, why, key = gate.accepted_by, accept.reason, ("run_id", "gate")
            append_record_once(workspace, RecordKind.GATE_ACCEPTED, key, by=by, why=why, content=content)
        with report.step("publish"):  # all before the commit may be repeated, and what is after it is
            stamps = {"run_id": run_id, "proof_sha256": proof.sha256, **anchor_stamps(chain_head(workspace))}
            table_version = publish_tiers(tiers, workspace.tiers, stamps)
            kind, proved = RecordKind.PUBLICATION_PROVED, proof.record
            append_record_once(workspace, kind, tuple(proved), by=current_user(), why="published", content=proved)
        publication = Publication.of(tiers, table_version, source, gates, policy, _limits(given))
        with report.step("shadow"):
            shadow = shadow_of(version, scored.scored, snapshot, tracking, score)
        renew_serving_copy(workspace)
        log_later(workspace, _finished(publication, inputs.hashes, tiers, shadow))
        _write_report(publication, shadow, report)
        progress("publish", 1, 1)
        return replace(publication, waiting=len(deliver(workspace, tracking)))


def _limits(given: ScoringInputs) -> list[Message]:
    """Say which gates the champion did not pass, and what it learned from few data."""
    return [*unproven(given.version.unproven), *given.model.limits()]


def _scored(
    given: ScoringInputs, snapshot: CustomerSnapshot, reference: DriftReference | None, report: RunReport, score: Score
) -> tuple[ScoredSnapshot, Gate]:
    """Score a snapshot, and hold it to drift."""
    scored, version = score_snapshot(given, snapshot, report.run_id, score), given.version.version
    drift = evaluate_drift(scored.scored, snapshot.stored, given.previous, version, reference, given.policy.drift)
    write_json(drift.to_dict(), report.folder / DRIFT_FILE)
    report.add(drift=drift.gate().to_dict())
    return scored, drift.gate()


def _require_gates(gates: Sequence[Gate], tiers: pl.DataFrame, report: RunReport) -> None:
    """Report the gates, and who moved, and stop where a gate fails."""
    migration = withhold_small(migration_table(tiers))
    write_whole(report.folder / MIGRATION_FILE, lambda beside: migration.write_csv(beside))
    bank = migration.filter(pl.col("branch_id") == BANK).drop("branch_id").to_dicts()
    report.add(gates=[gate.to_dict() for gate in gates], moves=migration_summary(tiers), migration=bank)
    require_gates(gates)


def _require_proof(proof: Proof, report: RunReport) -> None:
    """Stop where something does not add up, and write the proof where all does."""
    proof.require()
    proof.write(report.folder)
    report.add(proof={"sha256": proof.sha256, "ledger": proof.ledger, "bridge": proof.bridge})


def _write_report(publication: Publication, shadow: Shadow, report: RunReport) -> None:
    """Write what was published; the report is the last file of a run: without it, the run is done again."""
    if shadow.comparison is not None:
        write_json(shadow.to_dict(), report.folder / SHADOW_FILE)
    report.add(shadow=shadow.to_dict(), published=publication.to_dict())
    report.write(PUBLISHED)


@contextmanager
def _reported(runs: Path, as_of: dt.date) -> Iterator[RunReport]:
    """Leave a report of a run that fails, too; it says no more than the error does."""
    report = RunReport(runs, as_of)
    try:
        yield report
    except Exception as fault:
        report.add(stopped_by=str(fault) if isinstance(fault, SegmentError) else type(fault).__name__)
        with suppress(OSError):  # a full disk stops the report too, and the fault itself matters more
            report.write(REFUSED if isinstance(fault, RefusedError) else FAILED)
        raise


def _finished(publication: Publication, hashes: InputHashes, tiers: pl.DataFrame, shadow: Shadow) -> FinishedRun:
    """What the tracking server gets to know of a publication."""
    return FinishedRun(
        name=f"refresh {publication.as_of}",
        params={
            "as_of": publication.as_of,
            "model_version": publication.model_version,
            "policy": str(tiers["policy_version"][0]),
            "policy_hash": hashes.policy,
            "ledger_hash": hashes.ledger,
        },
        metrics={
            "customers": publication.customers,
            "quarantined": publication.quarantined,
            "guard_share": publication.guard_share,
            **{f"share_{tier}": share for tier, share in publication.shares.items()},
        },
        texts={
            "tiers.csv": tier_table(tiers).write_csv(),
            "shadow.json": json.dumps(shadow.to_dict(), indent=2, sort_keys=True),
        },
        run_id=publication.run_id,
    )
