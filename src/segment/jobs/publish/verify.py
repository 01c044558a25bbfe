"""Replays the proof of a publication, from the workspace or from the ledger itself."""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import replace
from pathlib import Path

from segment.exceptions import ProofError, RecordError, SegmentError
from segment.files import write_text
from segment.jobs.build.extract import build, extracted
from segment.jobs.publish import proof_checks
from segment.jobs.publish.overrides import list_overrides, newest_overrides
from segment.jobs.publish.proof import Proof, prove, read_proof, read_proof_inputs
from segment.jobs.publish.proof_checks import ProofCheck, ProofVerification
from segment.jobs.publish.read_grades import read_grades
from segment.jobs.publish.score_snapshot import ScoringInputs, score_snapshot
from segment.policy import Policy
from segment.store.chain import key_is_outside
from segment.store.record_kinds import RecordKind
from segment.store.records import check_chain, read_records
from segment.store.tombstones import Erased
from segment.tracking.models import HASH_TAG
from segment.tracking.registry import Tracking
from segment.warehouse.published_tiers import newest_published, tiers_before
from segment.warehouse.stored_snapshots import read_snapshot
from segment.warehouse.tiers_table import publication_anchors, published_version, read_tiers
from segment.workspace import Workspace


def verify(
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
    *,
    location: str | None = None,
    as_of: dt.date | None = None,
    version: int | None = None,
    n_jobs: int = -1,
) -> ProofVerification:
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
        The ledger, to build months and snapshot from again in a folder of its own, and to score them again.
    as_of : datetime.date, optional
        The date; the newest published by default.
    version : int, optional
        Of the published table; the newest by default.
    n_jobs : int
        Processes for buckets of customers.

    Returns
    -------
    ProofVerification

    Raises
    ------
    NotPublishedError, ProofError
        Where nothing is published, or there is no proof at all.
    """
    as_of = as_of or newest_published(workspace, version)
    tiers = read_tiers(workspace.tiers, as_of, version)
    version = version if version is not None else published_version(workspace.tiers) or 0
    run_id = str(tiers["run_id"][0])
    try:
        records = check_chain(workspace, publication_anchors(workspace.tiers))
        checks = [proof_checks.unbroken_chain(records, key_outside=key_is_outside(workspace))]
    except RecordError as fault:
        checks = [ProofCheck.failed("records", fault)]
    try:
        proof = read_proof(workspace.runs / run_id)
    except ProofError as fault:
        checks.append(ProofCheck.failed("proof", fault))
        return ProofVerification(as_of.isoformat(), run_id, version, tuple(checks))
    months, reconciliations, gone = workspace.customer_months, workspace.reconciliations, Erased.of(workspace)
    given = read_proof_inputs(months, reconciliations, gone, as_of, policy)
    tables, erased = extracted(workspace, as_of).hashes, given.erased - proof.erased
    checks += [
        proof_checks.recorded_hash(proof, read_records(workspace, RecordKind.PUBLICATION_PROVED)),
        proof_checks.same_policy(proof, policy),
        proof_checks.same_tables("ledger", proof, tables),
        _model_file(proof, tracking),
        proof_checks.same_code(proof),
        *proof_checks.same_sums(proof, prove(tiers, given, proof.inputs), erased),
    ]
    if location is not None:
        model, made_by = tracking.load_version(str(tiers["model_version"][0]))
        overrides = newest_overrides(list_overrides(workspace, as_of))
        scoring = ScoringInputs(as_of, policy, model, made_by, tiers_before(workspace, as_of, version), overrides)
        with tempfile.TemporaryDirectory(prefix="segment-verify-") as folder:
            rebuilt = Workspace(Path(folder), own_store=True)
            if proof.erased:
                # as it was published: who was erased later is read from the ledger again, and from nowhere else
                secret = workspace.subject_secret.read_text(encoding="utf-8")
                write_text(secret, rebuilt.subject_secret)
                Erased.of(workspace, proof.erased).add_to(rebuilt)
            source = build(location, as_of, rebuilt, policy, n_jobs=n_jobs).hashes
            months, reconciliations, gone = rebuilt.customer_months, rebuilt.reconciliations, Erased.of(rebuilt)
            remade = prove(tiers, read_proof_inputs(months, reconciliations, gone, as_of, policy), proof.inputs)
            scoring = replace(scoring, grades=read_grades(rebuilt.customer_months, policy, as_of))
            rescored = score_snapshot(scoring, read_snapshot(rebuilt, as_of), run_id)
        checks += [
            proof_checks.same_tables("source", proof, source),
            proof_checks.same_rebuild(proof, remade),
            proof_checks.same_tiers(tiers, rescored.tiers, erased),
        ]
    return ProofVerification(as_of.isoformat(), run_id, version, tuple(checks))


def _model_file(proof: Proof, tracking: Tracking) -> ProofCheck:
    try:
        version = tracking.get(proof.inputs.model_version)
    except SegmentError as fault:
        return ProofCheck.failed("model", fault)
    return proof_checks.same_model(proof, version.tags[HASH_TAG])
