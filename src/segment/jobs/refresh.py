"""Score a moment with the champion and publish its tiers at once or not at all."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from segment.exceptions import ModelError, PublishError
from segment.jobs.drift import Judged, judge_drift
from segment.jobs.extract import Extracted, extract, extracted
from segment.jobs.hashes import features_hash, ledger_hash
from segment.jobs.progress import Report, quiet
from segment.jobs.reference import read_reference, with_deceased
from segment.policy import Policy
from segment.tiers import tier_alarms, tier_table
from segment.tracking import RegisteredVersion, Tracking
from segment.warehouse import Workspace, publish_tiers, published_moments, read_tiers, workspace_lock, write_json


@dataclass(frozen=True)
class Published:
    """What a publication did.

    Attributes
    ----------
    as_of : str
        The moment, ISO.
    table_version : int
        Of the Delta table.
    model_version : str
        Of the registry.
    run_id : str
        Of the tracking server.
    customers : int
    shares : dict of str to float
        Of customers, by tier.
    main_bank_elsewhere : int
        Customers flagged.
    guard_share : float
        Customers whose own figures overruled their cluster.
    quarantined : int
        Rows of the ledger that broke a rule and were left out.
    alarms : list of str
        What is unusual about the tiers.
    """

    as_of: str
    table_version: int
    model_version: str
    run_id: str
    customers: int
    shares: dict[str, float]
    main_bank_elsewhere: int
    guard_share: float
    quarantined: int
    alarms: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def __str__(self) -> str:
        """Say what was published."""
        shares = ", ".join(f"{tier} {share:.1%}" for tier, share in self.shares.items())
        aside = f"\n{self.quarantined:,} rows set aside, see quarantine/." if self.quarantined else ""
        alarms = "".join(f"\nAlarm: {alarm}" for alarm in self.alarms)
        return (
            f"Published {self.customers:,} customers as of {self.as_of} with model {self.model_version} "
            f"(version {self.table_version} of the table): {shares}. "
            f"{self.main_bank_elsewhere:,} flagged with their main bank elsewhere.{aside}{alarms}"
        )


def refresh(
    location: str,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
    *,
    n_jobs: int = -1,
    progress: Report = quiet,
) -> Published:
    """Extract, score and publish.

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
    n_jobs : int
        Processes for buckets of customers.
    progress : callable
        Told how far each step is.

    Returns
    -------
    Published
    """
    extract(location, as_of, workspace, policy, n_jobs=n_jobs, progress=progress)
    progress("publish", 0, 1)
    done = publish(as_of, workspace, policy, tracking)
    progress("publish", 1, 1)
    return done


def publish(as_of: dt.date, workspace: Workspace, policy: Policy, tracking: Tracking) -> Published:
    """Score the snapshot of a moment and publish its tiers.

    Parameters
    ----------
    as_of : datetime.date
        A moment that was extracted.
    workspace : Workspace
        Holds the snapshot; gets the tiers.
    policy : Policy
        The one that the champion was trained by.
    tracking : Tracking
        Holds the champion.

    Returns
    -------
    Published

    Raises
    ------
    ModelError
        Where there is no champion, or it was trained by another policy or on other features.
    PublishError
        Where the month does not reconcile with the ledger's totals, or customers drifted beyond the policy's limits.
        What was published stays.
    """
    with workspace_lock(workspace.root, "publish"):
        source = extracted(workspace, as_of)
        _require_reconciled(source, policy)
        model, version = tracking.load()
        _require_same_terms(version, source, policy)
        snapshot = pl.read_parquet(workspace.snapshot(as_of))
        reference = read_reference(workspace)
        marked = with_deceased(snapshot, reference["contact_rules"], as_of)
        scored = model.score_customers(marked, _managers(reference["relationship_managers"]))
        before = _before(workspace, as_of)
        drift = judge_drift(scored, marked, before, version, tracking, policy)
        _require_calm(drift, workspace)
        run_id = _log(scored, source, version, policy, tracking)
        drift.write(workspace.runs / run_id)
        tiers = _stamped(scored, version, run_id, before)
        table_version = publish_tiers(tiers, workspace.tiers)
        done = _summary(tiers, table_version, source, policy)
        write_json(done.to_dict(), workspace.runs / f"refresh-{as_of.isoformat()}.json")
        return done


def _require_reconciled(source: Extracted, policy: Policy) -> None:
    if source.unreconciled and policy.reconciliation.beyond_tolerance == "fail":
        raise PublishError.with_hint(
            "The customers' sums must reconcile with the ledger's totals. "
            f"{source.unreconciled} lines of a branch do not, as of {source.as_of}. Nothing was published.",
            f"see runs/reconciliation-{source.as_of}.csv in the workspace",
        )


def _require_calm(drift: Judged, workspace: Workspace) -> None:
    gate, day = drift.gate(), drift.as_of.isoformat()
    if not gate.holds:
        drift.write(workspace.runs / f"refresh-{day}-refused")
        raise PublishError.with_hint(
            f"Customers must be like those that the champion learned from. As of {day} they are not: {gate.said}. "
            "Nothing was published.",
            f"segment drift --as-of {day} --out drift.html shows where and since when; the limits are the policy's",
        )


def _require_same_terms(version: RegisteredVersion, source: Extracted, policy: Policy) -> None:
    known = {"policy": version.tags.get("policy_hash"), "features": version.tags.get("features_hash")}
    now = {"policy": policy.hash, "features": features_hash(policy)}
    other = [name for name in known if known[name] != now[name]]
    if other or source.policy_hash != policy.hash:
        what = " and ".join(other) or "policy of the extract"
        raise ModelError.with_hint(
            f"The champion must have been trained by this policy and on these features. Different: {what}.",
            "segment train with this --policy, or refresh with the policy the champion was trained by",
        )


def _managers(managers: pl.DataFrame) -> dict[str, int]:
    return dict(managers.group_by("branch_id").len().sort("branch_id").iter_rows())


def _before(workspace: Workspace, as_of: dt.date) -> pl.DataFrame | None:
    earlier = [moment for moment in published_moments(workspace.tiers) if moment < as_of]
    return read_tiers(workspace.tiers, earlier[-1]) if earlier else None


def _stamped(
    scored: pl.DataFrame, version: RegisteredVersion, run_id: str, before: pl.DataFrame | None
) -> pl.DataFrame:
    columns = scored.columns
    nobody = pl.DataFrame(schema={"customer_id": pl.String, "previous_tier": pl.String})
    previous = nobody if before is None else before.select("customer_id", previous_tier="tier")
    joined = scored.drop("previous_tier").join(previous, on="customer_id", how="left", maintain_order="left")
    return joined.with_columns(model_version=pl.lit(version.version), run_id=pl.lit(run_id)).select(columns)


def _log(
    scored: pl.DataFrame, source: Extracted, version: RegisteredVersion, policy: Policy, tracking: Tracking
) -> str:
    shares = _shares(scored)
    return tracking.log_run(
        f"refresh {source.as_of.isoformat()}",
        params={
            "as_of": source.as_of.isoformat(),
            "model_version": version.version,
            "policy": f"{policy.name} {policy.version}",
            "policy_hash": policy.hash,
            "ledger_hash": ledger_hash(source.hashes),
        },
        metrics={
            "customers": scored.height,
            "quarantined": source.quarantined,
            "guard_share": _guard_share(scored),
            **{f"share_{tier}": share for tier, share in shares.items()},
        },
        texts={"tiers.csv": tier_table(scored).write_csv()},
    )


def _summary(tiers: pl.DataFrame, table_version: int, source: Extracted, policy: Policy) -> Published:
    return Published(
        as_of=str(tiers["as_of"][0]),
        table_version=table_version,
        model_version=str(tiers["model_version"][0]),
        run_id=str(tiers["run_id"][0]),
        customers=tiers.height,
        shares=_shares(tiers),
        main_bank_elsewhere=int(tiers["main_bank_elsewhere"].sum()),
        guard_share=_guard_share(tiers),
        quarantined=source.quarantined,
        alarms=tier_alarms(tiers, policy.tiers),
    )


def _shares(tiers: pl.DataFrame) -> dict[str, float]:
    table = tier_table(tiers, by_branch=False)
    return dict(zip(table["tier"].to_list(), table["share"].to_list(), strict=True))


def _guard_share(tiers: pl.DataFrame) -> float:
    return float((tiers["tier_source"] == "guard").sum() / max(tiers.height, 1))
