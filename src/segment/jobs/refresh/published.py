"""What a publication did, and whether the same was published before."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from segment.jobs.extract import Extracted
from segment.jobs.gates import Gate
from segment.jobs.runs.record import RUN_FILE
from segment.policy import Policy
from segment.tiers import TIERS, moves, tier_alarms, tier_table
from segment.warehouse import Workspace, published_runs


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
        Follows from the inputs: the same ledger, policy, model, code and earlier tiers have the same.
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
    accepted : dict of str to str
        Gates that a person let pass, and who.
    waiting : int
        Runs that wait for the tracking server to answer.
    published_before : bool
        Whether the same was there already and nothing was written.
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
    accepted: dict[str, str] = field(default_factory=dict)
    waiting: int = 0
    published_before: bool = False

    @classmethod
    def of(
        cls, tiers: pl.DataFrame, table_version: int, source: Extracted, gates: tuple[Gate, ...], policy: Policy
    ) -> Published:
        """Sum up what was published."""
        return cls(
            as_of=str(tiers["as_of"][0]),
            table_version=table_version,
            model_version=str(tiers["model_version"][0]),
            run_id=str(tiers["run_id"][0]),
            customers=tiers.height,
            shares=shares_of(tiers),
            main_bank_elsewhere=int(tiers["main_bank_elsewhere"].sum()),
            guard_share=float((tiers["tier_source"] == "guard").sum() / max(tiers.height, 1)),
            quarantined=source.quarantined,
            alarms=[*tier_alarms(tiers, policy.tiers), *_flips(tiers, policy)],
            accepted={one.name: one.accepted_by for one in gates if one.accepted_by},
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def __str__(self) -> str:
        """Say what was published."""
        shares = ", ".join(f"{tier} {share:.1%}" for tier, share in self.shares.items())
        aside = f"\n{self.quarantined:,} rows set aside, see quarantine/." if self.quarantined else ""
        passed = "".join(f"\nGate {name} let pass by {by}." for name, by in self.accepted.items())
        alarms = "".join(f"\nAlarm: {alarm}" for alarm in self.alarms)
        waits = f"\n{self.waiting} run(s) wait until the tracking server takes them." if self.waiting else ""
        verb = "Nothing changed since run" if self.published_before else "Run"
        return (
            f"{verb} {self.run_id}.\n"
            f"Published {self.customers:,} customers as of {self.as_of} with model {self.model_version} "
            f"(version {self.table_version} of the table): {shares}. "
            f"{self.main_bank_elsewhere:,} flagged with their main bank elsewhere.{aside}{passed}{alarms}{waits}"
        )


def _flips(tiers: pl.DataFrame, policy: Policy) -> list[str]:
    returned, most = moves(tiers)["returned"] or 0.0, policy.tiers.stability.most_returns
    if returned <= most:
        return []
    return [f"{returned:.1%} of the customers took up again a tier left not long ago; the policy expects {most:.1%}."]


def shares_of(tiers: pl.DataFrame) -> dict[str, float]:
    """Share of the customers by tier, best first.

    Parameters
    ----------
    tiers : polars.DataFrame
        Published tiers.

    Returns
    -------
    dict of str to float
    """
    table = tier_table(tiers, by_branch=False)
    return dict(zip(table["tier"].to_list(), table["share"].to_list(), strict=True))


def published_as(workspace: Workspace, as_of: dt.date, run_id: str) -> Published | None:
    """Read what a run published, where its tiers stand and its report is whole.

    Parameters
    ----------
    workspace : Workspace
        Where it published.
    as_of : datetime.date
        The moment.
    run_id : str
        Of the refresh.

    Returns
    -------
    Published or None
        None where the run is not published, or was killed before its report was written.
    """
    path = workspace.runs / run_id / RUN_FILE
    if published_runs(workspace.tiers).get(as_of) != run_id or not path.is_file():
        return None
    content = json.loads(path.read_text(encoding="utf-8")).get("published")
    if content is None:
        return None
    shares = {tier: content["shares"][tier] for tier in TIERS}
    return Published(**{**content, "shares": shares, "published_before": True})
