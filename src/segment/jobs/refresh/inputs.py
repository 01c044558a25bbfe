"""All that a refresh's tiers follow from, and the name of the run that follows from it."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import asdict, dataclass
from importlib.metadata import version as installed_version
from typing import Any

import polars as pl

from segment.exceptions import ModelError, PublishError
from segment.jobs.extract import Extracted
from segment.jobs.hashes import code_hash, features_hash, ledger_hash
from segment.jobs.replay import is_approved
from segment.policy import Policy
from segment.tracking import HASH_TAG, RegisteredVersion
from segment.warehouse import Workspace


@dataclass(frozen=True)
class Inputs:
    """Hashes of what a moment's tiers follow from.

    Attributes
    ----------
    as_of : datetime.date
        The moment.
    ledger, policy, model, features, code, overrides : str
        SHA-256 of the ledger's tables, the policy, the model's file, the features' meaning, the package's source and
        the overrides in force.
    before : str
        Run of the last tiers published for an earlier moment, which hysteresis goes on from; empty for the first.
    """

    as_of: dt.date
    ledger: str
    policy: str
    model: str
    features: str
    code: str
    overrides: str
    before: str

    @classmethod
    def of(
        cls,
        source: Extracted,
        policy: Policy,
        version: RegisteredVersion,
        before: pl.DataFrame | None,
        overrides: pl.DataFrame,
    ) -> Inputs:
        """Hash what a refresh is about to work on."""
        return cls(
            as_of=source.as_of,
            ledger=ledger_hash(source.hashes),
            policy=policy.hash,
            model=version.tags[HASH_TAG],
            features=features_hash(policy),
            code=code_hash(),
            overrides=hashlib.sha256(repr(sorted(overrides.rows())).encode()).hexdigest(),
            before="" if before is None else str(before["run_id"][0]),
        )

    @property
    def run_id(self) -> str:
        """The same inputs have the same name, so that a run that was cut short is the run that goes on."""
        digest = hashlib.sha256(repr(asdict(self)).encode()).hexdigest()
        return f"refresh-{self.as_of.isoformat()}-{digest[:12]}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {**asdict(self), "as_of": self.as_of.isoformat(), "code_version": installed_version("segment")}


def require_same_terms(version: RegisteredVersion, source: Extracted, policy: Policy, workspace: Workspace) -> None:
    """Refuse a champion of other terms, and a policy that nobody approved where approval is asked for.

    Parameters
    ----------
    version : RegisteredVersion
        The champion.
    source : Extracted
        Of the moment.
    policy : Policy
        In force.
    workspace : Workspace
        Keeps the approvals.

    Raises
    ------
    ModelError
        Where the champion was trained by another policy or on other features.
    PublishError
        Where the policy must be approved and is not.
    """
    known = {"policy": version.tags.get("policy_model_hash"), "features": version.tags.get("features_hash")}
    now = {"policy": policy.model_hash, "features": features_hash(policy)}
    other = [name for name in known if known[name] != now[name]]
    if other or source.policy_hash != policy.model_hash:
        what = " and ".join(other) or "policy of the extract"
        raise ModelError.with_hint(
            f"The champion must have been trained by this policy and on these features. Different: {what}.",
            "segment train with this --policy, or refresh with the policy the champion was trained by",
        )
    if policy.gates.require_approved_policy and not is_approved(workspace, policy):
        raise PublishError.with_hint(
            f"The policy must be approved, as it says itself. `{policy.name} {policy.version}` is not.",
            "segment replay POLICY, then segment approve-policy POLICY --by NAME --reason …",
        )
