"""Audit what was published of a date."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from segment.audit.customer_groups import groups_at
from segment.audit.findings import significant
from segment.audit.kinds import PUBLISHED
from segment.audit.measure_groups import (
    INCOME,
    ProxyFinding,
    Row,
    compare_groups,
    count_decisions,
    find_proxies,
    outcomes_by_vulnerability,
)
from segment.exceptions import ModelError
from segment.files import file_hash, write_json
from segment.jobs.fairness.audited_decisions import published_decisions
from segment.jobs.fairness.audited_publication import read_publication
from segment.jobs.fairness.fairness_facts import FairnessFacts
from segment.jobs.fairness.protected_groups import read_group_records
from segment.messages import Message
from segment.pages.audit_page import audit_messages, with_findings
from segment.pages.message_result import MessageResult
from segment.policy import Policy
from segment.settings import current_user
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record_once
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS, REVIEWS
from segment.tiers import TIERS
from segment.tracking.models import CARD_FACTS
from segment.tracking.registry import Tracking
from segment.warehouse.published_tiers import published_tiers
from segment.warehouse.reference_tables import read_reference
from segment.warehouse.tiers_table import published_dates
from segment.workspace import Workspace

SEED = 0


@dataclass(frozen=True)
class AuditedModel:
    """The model that tiers came from, and the audit of its training, as far as both are there."""

    version: str
    features: Sequence[str] = ()  # That it reads
    trained: str | None = None  # Date of the training's audit
    errors: Sequence[Row] = ()  # errors, calibration: Rows of that audit.
    calibration: Sequence[Row] = ()
    notes: tuple[Message, ...] = ()  # What is not there


@dataclass(frozen=True)
class AuditReport(MessageResult):
    """What an audit found: counts, shares, names of groups; no customer."""

    fairness: FairnessFacts
    model: AuditedModel
    outcomes: Sequence[Row]  # Of vulnerable and other customers, by tier
    policy: Policy
    file: Path | None  # Where it lies in the workspace; None where that may only be read

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """Everything, as its file holds it."""
        facts = {
            **self.fairness.to_dict(),
            "model_version": self.model.version,
            "policy": f"{self.policy.name} {self.policy.version}",
            "policy_hash": self.policy.hash,
            "errors": list(self.model.errors),
            "calibration": list(self.model.calibration),
            "trained": self.model.trained,
            "outcomes": list(self.outcomes),
        }
        return with_findings(facts)

    @property
    def significant(self) -> int:
        """Differences that are outside their limits and significant."""
        return significant(self.facts)

    def messages(self) -> list[Message]:
        """Say what stands out and what cannot be said."""
        return audit_messages(self.facts)


def audit(as_of: dt.date, workspace: Workspace, policy: Policy, tracking: Tracking) -> AuditReport:
    """Audit the published tiers of a date and what followed from them, and record that it was done.

    Parameters
    ----------
    as_of : datetime.date
        Date of the published tiers.
    workspace : Workspace
        Holds tiers, lists, reviews and the protected columns; gets `audits/<as_of>.json` and a record
        where it may be written.
    policy : Policy
        Its `[audit]`.
    tracking : Tracking
        Holds the model that the tiers came from: what it reads, and the audit of its training.

    Returns
    -------
    AuditReport

    Raises
    ------
    NotPublishedError
        Where nothing is published for the date.
    """
    limits, reference = policy.audit, read_reference(workspace)
    publication = read_publication(
        as_of,
        workspace.snapshot(as_of),
        read_rows(workspace, LIST_ROWS),
        published_tiers(workspace, as_of),
        reference,
        read_group_records(workspace, reference),
        read_rows(workspace, REVIEWS),
        published_dates(workspace.tiers),
        policy,
    )
    tiers, snapshot = publication.tiers, publication.snapshot
    groups = groups_at(tiers["customer_id"], as_of, publication.groups, limits)
    decisions = published_decisions(publication, groups.born, policy)
    model = _read_model(str(tiers["model_version"].to_list()[0]), tracking)
    notes, proxies = [*decisions.notes, *model.notes], list[ProxyFinding]()
    if model.features and snapshot is None:
        notes.append(Message("audit.note.no_snapshot"))
    elif model.features and snapshot is not None:
        proxies = find_proxies(snapshot, model.features, groups, limits, SEED)
    income = tiers["income_12m"] if snapshot is None else snapshot[INCOME]
    fairness = FairnessFacts(
        as_of=as_of.isoformat(),
        basis=PUBLISHED,
        counted=count_decisions(groups, decisions.table),
        comparisons=compare_groups(groups, decisions.table, income, limits),
        calibration=(),
        proxies=proxies,
        notes=notes,
        limits=limits,
    )
    outcomes = outcomes_by_vulnerability(tiers["tier"], TIERS, groups, decisions.table)
    path = workspace.audits / f"{fairness.as_of}.json" if workspace.writable else None
    report = AuditReport(fairness, model, outcomes, policy, path)
    if path is None:
        return report
    write_json(report.facts, path)
    content = _record_of(report, path)
    why, key = f"fairness audit as of {fairness.as_of}", tuple(content)
    append_record_once(workspace, RecordKind.FAIRNESS_AUDITED, key, by=current_user(), why=why, content=content)
    return report


def _record_of(report: AuditReport, path: Path) -> Mapping[str, object]:
    return {
        "as_of": report.fairness.as_of,
        **{name: report.facts[name] for name in ("model_version", "policy_hash", "customers", "significant")},
        "file": f"{path.parent.name}/{path.name}",
        "file_sha256": file_hash(path),
    }


def _read_model(version: str, tracking: Tracking) -> AuditedModel:
    """Read what a version reads, and the fairness part of its card."""
    try:
        model, registered = tracking.load_version(version)
    except ModelError:
        return AuditedModel(version, notes=(Message("audit.note.version_gone", {"version": version}),))
    text = tracking.read_text(registered.run_id, CARD_FACTS)
    trained = (json.loads(text).get("fairness") if text else None) or {}
    calibration = trained.get("calibration", [])
    notes = () if calibration else (Message("audit.note.no_calibration"),)
    return AuditedModel(
        version, tuple(model.features_), trained.get("moment"), trained.get("errors", []), calibration, notes
    )
