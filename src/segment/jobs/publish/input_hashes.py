"""All that a refresh's tiers follow from, and the name of the run that follows from it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version as installed_version
from typing import Any

from segment.exceptions import ApprovalError, ModelError
from segment.files import repr_hash
from segment.jobs.build.extract import Extracted
from segment.jobs.build.hashes import code_hash, features_hash, ledger_hash
from segment.jobs.publish.score_snapshot import ScoringInputs
from segment.messages import Message
from segment.policy import Policy
from segment.tracking.models import HASH_TAG, RegisteredVersion
from segment.warehouse.published_tiers import run_prefix


@dataclass(frozen=True)
class InputHashes:
    """Hashes of what a date's tiers follow from."""

    as_of: dt.date  # The date
    # ledger, policy, model, features, code, overrides: SHA-256 of the ledger's tables, the policy, the model's file,
    # the features' meaning, the package's source and the overrides in force.
    ledger: str
    policy: str
    model: str
    features: str
    code: str
    overrides: str
    # Run of the last tiers published for an earlier date, which hysteresis goes on from; empty for the first
    before: str

    @classmethod
    def of(cls, source: Extracted, given: ScoringInputs) -> InputHashes:
        """Hash what a refresh is about to work on."""
        return cls(
            as_of=given.as_of,
            ledger=ledger_hash(source.hashes),
            policy=given.policy.hash,
            model=given.version.tags[HASH_TAG],
            features=features_hash(given.policy),
            code=code_hash(),
            overrides=repr_hash(sorted(given.overrides.rows())),
            before="" if given.previous is None else str(given.previous["run_id"][0]),
        )

    @property
    def run_id(self) -> str:
        """The same inputs have the same name, so that a run that was cut short is the run that goes on."""
        digest = repr_hash(asdict(self))
        return f"{run_prefix(self.as_of)}{digest[:12]}"


@dataclass(frozen=True)
class RunInputs:
    """What a run's tiers follow from, as its report and its proof name it."""

    hashes: InputHashes
    tables: Mapping[str, str]  # SHA-256 of each of the ledger's tables
    model_version: str  # Of the registry
    code_version: str  # Of the package

    @classmethod
    def of(cls, source: Extracted, given: ScoringInputs) -> RunInputs:
        """Name what a refresh is about to work on."""
        hashes, version = InputHashes.of(source, given), given.version.version
        return cls(hashes, source.hashes, version, installed_version("segment"))

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> RunInputs:
        """Read what `to_dict` wrote."""
        named = {field.name: content[field.name] for field in fields(InputHashes)}
        hashes = InputHashes(**{**named, "as_of": dt.date.fromisoformat(content["as_of"])})
        return cls(hashes, content["tables"], content["model_version"], content["code_version"])

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        named = {"code_version": self.code_version, "tables": self.tables, "model_version": self.model_version}
        return {**asdict(self.hashes), "as_of": self.hashes.as_of.isoformat(), **named}


def require_same_terms(version: RegisteredVersion, source: Extracted, policy: Policy, *, approved: bool) -> None:
    """Refuse a champion of other terms, and a policy that nobody approved where approval is asked for."""
    trained = {"policy": version.tags.get("policy_model_hash"), "features": version.tags.get("features_hash")}
    current = {"policy": policy.model_hash, "features": features_hash(policy)}
    other = [name for name in trained if trained[name] != current[name]]
    if other or source.policy_hash != policy.model_hash:
        what = [Message(f"errors.terms.{name}") for name in other or ("extract",)]
        raise ModelError.of("errors.other_terms", what=what)
    if not approved:
        raise ApprovalError.of("errors.policy_not_approved", name=policy.name, version=policy.version)
