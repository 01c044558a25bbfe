"""Audit what was published of a moment."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from segment.exceptions import ModelError
from segment.jobs.audit.decisions import published_decisions
from segment.jobs.audit.facts import PUBLISHED, terms
from segment.jobs.audit.measure import INCOME, counted, outcomes_by_vulnerability, proxies_of, rates_of
from segment.jobs.audit.people import People, people_at
from segment.jobs.audit.words import cannot_say, findings, significant
from segment.jobs.card.write import FACTS
from segment.jobs.published import published_tiers
from segment.policy import Policy
from segment.settings import who
from segment.tracking import Tracking
from segment.warehouse import Workspace, write_json
from segment.warehouse.records import append, records

AUDITED = "fairness_audit"
SEED = 0
_FROM_TRAINING = ("errors", "calibration")


@dataclass(frozen=True)
class Audited:
    """What an audit found.

    Attributes
    ----------
    facts : dict
        Everything, as its file holds it: counts, shares, names of groups; no customer.
    file : Path
        Where it lies in the workspace.
    """

    facts: dict[str, Any]
    file: Path

    @property
    def significant(self) -> int:
        """Differences that are outside their limits and no chance."""
        return int(self.facts["significant"])

    def __str__(self) -> str:
        """Say what stands out and what cannot be said."""
        facts = self.facts
        said = [headline(facts), *(f"- {one}" for one in facts["findings"])]
        left = [f"- {one}" for one in facts["cannot_say"]]
        return "\n".join([*said, *(["What this cannot say:", *left] if left else [])])


def headline(facts: dict[str, Any]) -> str:
    """Say in one sentence what was looked at and how much stands out.

    Parameters
    ----------
    facts : dict
        Of an audit.

    Returns
    -------
    str
    """
    asked = sum(row["p"] is not None for table in ("rates", "within_income", "errors") for row in facts[table])
    if not facts["rates"]:
        return "Nothing could be audited: the ledger gives none of the attributes that the policy asks for."
    return (
        f"{facts['customers']:,} customers as of {facts['moment']}, {len(facts['decisions'])} decisions, "
        f"{asked} comparisons: {significant(facts) or 'none'} outside the limits and no chance."
    )


def audit(as_of: dt.date, workspace: Workspace, policy: Policy, tracking: Tracking) -> Audited:
    """Audit the published tiers of a moment and what followed from them, and record that it was done.

    Parameters
    ----------
    as_of : datetime.date
        Moment of the published tiers.
    workspace : Workspace
        Holds tiers, lists, reviews and the protected columns; gets `audits/<as_of>.json`.
    policy : Policy
        Its `[audit]`.
    tracking : Tracking
        Holds the model that the tiers came from: what it reads, and the audit of its training.

    Returns
    -------
    Audited

    Raises
    ------
    PublishError
        Where nothing is published for the moment.
    """
    limits = policy.audit
    tiers = published_tiers(workspace, as_of).filter(pl.col("standing").ne_missing("excluded")).sort("customer_id")
    people = people_at(tiers["customer_id"], as_of, workspace, limits)
    made = published_decisions(tiers, people.born, as_of, workspace, policy)
    snapshot = _snapshot(tiers, as_of, workspace)
    version = str(tiers["model_version"].to_list()[0])
    proxies, trained, notes = _of_model(version, snapshot, people, policy, tracking)
    income = tiers["income_12m"] if snapshot is None else snapshot[INCOME]
    facts: dict[str, Any] = {
        "moment": as_of.isoformat(),
        "basis": PUBLISHED,
        "model_version": version,
        "policy": f"{policy.name} {policy.version}",
        "policy_hash": policy.hash,
        **counted(people, made.table),
        **rates_of(people, made.table, income, limits),
        **{name: trained.get(name, []) for name in _FROM_TRAINING},
        "trained": trained.get("moment"),
        "proxies": proxies,
        "outcomes": outcomes_by_vulnerability(tiers["tier"], people, made.table),
        "notes": [*made.notes, *notes],
        **terms(limits),
    }
    facts |= {"findings": findings(facts), "cannot_say": cannot_say(facts), "significant": significant(facts)}
    return _recorded(facts, workspace)


def _snapshot(tiers: pl.DataFrame, as_of: dt.date, workspace: Workspace) -> pl.DataFrame | None:
    path = workspace.snapshot(as_of)
    if not path.is_file():
        return None
    return tiers.select("customer_id").join(pl.read_parquet(path), on="customer_id", how="left", maintain_order="left")


def _of_model(
    version: str, snapshot: pl.DataFrame | None, people: People, policy: Policy, tracking: Tracking
) -> tuple[list[dict[str, Any]], dict[str, Any], list[str]]:
    """Proxies among what the version reads, the audit of its training, and what of both is not there."""
    try:
        model, found = tracking.load_version(version)
    except ModelError:
        return [], {}, [f"Model version {version} is gone: neither proxies, calibration nor missed customers."]
    text = tracking.read_text(found.run_id, FACTS)
    trained = json.loads(text).get("fairness") if text else None
    notes = []
    if not trained or not trained["calibration"]:
        notes.append("Calibration by group is not known: the model's training judged no outcomes by group.")
    if snapshot is None:
        return (
            [],
            trained or {},
            [*notes, "The snapshot of the moment is gone: no proxies, and income is what the bank earned."],
        )
    return proxies_of(snapshot, list(model.features_), people, policy.audit, SEED), trained or {}, notes


def _recorded(facts: dict[str, Any], workspace: Workspace) -> Audited:
    path = workspace.audits / f"{facts['moment']}.json"
    write_json(facts, path)
    content = {
        "as_of": facts["moment"],
        "model_version": facts["model_version"],
        "policy_hash": facts["policy_hash"],
        "customers": facts["customers"],
        "significant": facts["significant"],
        "file": f"{workspace.audits.name}/{path.name}",
        "file_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    if not any(one.content == content for one in records(workspace, AUDITED)):
        append(workspace, AUDITED, by=who(), why=f"fairness audit as of {facts['moment']}", content=content)
    return Audited(facts, path)
