"""What a publication did."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from segment.gate import Gate
from segment.jobs.build.extract import Extracted
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.policy import Policy
from segment.sentences import Sentences
from segment.tiers import TIERS
from segment.tiers.asset_grades import count_grades
from segment.tiers.main_bank_flag import flag_gates
from segment.tiers.standing import STANDINGS
from segment.tiers.table import migration_summary, standings_of_tiers, tier_alarms, tier_shares
from segment.warehouse.published_tiers import RUN_FILE


@dataclass(frozen=True)
class Publication(MessageResult):
    """What a publication did."""

    as_of: str  # The date, ISO
    table_version: int  # Of the Delta table
    model_version: str  # Of the registry
    run_id: str  # Follows from the inputs: the same ledger, policy, model, code and earlier tiers have the same
    customers: int
    shares: dict[str, float]  # Of the customers who have a tier, by tier
    main_bank_elsewhere: int  # Customers flagged
    guard_share: float  # Customers whose own figures overruled their cluster
    quarantined: int  # Rows of the ledger that broke a rule and were left out
    alarms: list[Message | str]  # Employers whose staff leave, and what is unusual about the tiers; once sentences
    accepted: dict[str, str] = field(default_factory=dict)  # Gates that a person let pass, and who
    standings: dict[str, dict[str, int]] = field(default_factory=dict)  # Customers by tier (or none) and standing
    grades: list[dict[str, str | int | float | None]] = field(default_factory=list)  # Customers by grade and tier
    card_without_value: int = 0  # Hold a grade, and are break-even or loss-making
    value_without_card: int = 0  # High-value and valuable without a grade
    on_notice: int = 0  # Are to be told that the grade will be lost
    waiting: int = 0  # Runs that wait for the tracking server to answer
    # Whom the flag was asked of, whom each of its gates left out, and who is flagged
    flag_gates: dict[str, int] = field(default_factory=dict)
    limits: list[Message] = field(default_factory=list)  # What the model learned from few data
    published_before: bool = False  # Whether the same was there already and nothing was written

    @classmethod
    def of(
        cls,
        tiers: pl.DataFrame,
        table_version: int,
        source: Extracted,
        gates: tuple[Gate, ...],
        policy: Policy,
        limits: list[Message],
    ) -> Publication:
        """Sum up what was published; `limits`: Of the model."""
        grades = count_grades(tiers, policy.asset_grades, tiers["as_of"][0])
        return cls(
            as_of=str(tiers["as_of"][0]),
            table_version=table_version,
            model_version=str(tiers["model_version"][0]),
            run_id=str(tiers["run_id"][0]),
            customers=tiers.height,
            shares=tier_shares(tiers),
            standings=standings_of_tiers(tiers),
            main_bank_elsewhere=int(tiers["main_bank_elsewhere"].sum()),
            guard_share=float((tiers["tier_source"] == "guard").sum() / max(tiers.height, 1)),
            quarantined=source.quarantined,
            alarms=[
                *source.alarms,
                *tier_alarms(tiers, policy.tiers),
                *_returns(tiers, policy.tiers.stability.most_returns),
            ],
            accepted={gate.name: gate.accepted_by for gate in gates if gate.accepted_by},
            grades=grades.rows,
            card_without_value=grades.card_without_value,
            value_without_card=grades.value_without_card,
            on_notice=grades.on_notice,
            flag_gates=flag_gates(tiers),
            limits=limits,
        )

    @property
    def apart(self) -> list[Message]:
        """Customers whose tier is not the word of a year of own figures, by standing."""
        counts = {name: sum(of.get(name, 0) for of in self.standings.values()) for name in STANDINGS[1:]}
        return [
            Message("results.standing", {"standing": Message(f"words.standing.{name}"), "customers": count})
            for name, count in counts.items()
            if count
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; alarms as sentences, and as codes."""
        codes = [alarm.to_dict() for alarm in self.alarms if isinstance(alarm, Message)]
        limits = [limit.to_dict() for limit in self.limits]
        return {**asdict(self), "alarms": Sentences().each(self.alarms), "alarm_codes": codes, "limits": limits}

    def notes(self) -> Iterator[Message]:
        """Say whom each gate of the flag left out, and what was learned from few data."""
        if self.flag_gates:
            yield Message("limits.flag_gates", self.flag_gates)
        yield from self.limits

    def messages(self) -> Iterator[Message]:
        """Say what was published."""
        shares = [
            Message("results.tier_share", {"tier": Message(f"words.tier.{tier}"), "share": share})
            for tier, share in self.shares.items()
        ]
        yield Message("results.publication.same" if self.published_before else "results.publication.run", vars(self))
        yield Message("results.publication.published", {**vars(self), "shares": shares})
        if self.apart:
            yield Message("results.publication.apart", {"standings": self.apart})
        if self.grades:
            yield Message("results.publication.grades", vars(self))
        yield from self.notes()
        if self.quarantined:
            yield Message("results.publication.quarantined", {"rows": self.quarantined})
        for gate, by in self.accepted.items():
            yield Message("results.publication.accepted", {"gate": gate, "by": by})
        for alarm in self.alarms:
            yield Message("results.alarm", {"alarm": alarm})
        if self.waiting:
            yield Message("results.publication.waiting", {"runs": self.waiting})


def _returns(tiers: pl.DataFrame, most: float) -> list[Message]:
    returned = migration_summary(tiers)["returned"] or 0.0
    return [Message("gates.alarm.returned", {"returned": returned, "expected": most})] if returned > most else []


def read_publication(run: Path) -> Publication | None:
    """Read what a run published, where its report is whole.

    Parameters
    ----------
    run : Path
        Folder of the run.

    Returns
    -------
    Publication or None
        None where the run published nothing, or was not ended.
    """
    path = run / RUN_FILE
    content = json.loads(path.read_text(encoding="utf-8")).get("published") if path.is_file() else None
    if content is None:
        return None
    shares = {tier: content["shares"][tier] for tier in TIERS}
    codes = content.pop("alarm_codes", None)
    alarms = content["alarms"] if codes is None else [Message.from_dict(code) for code in codes]
    limits = [Message.from_dict(limit) for limit in content.get("limits", [])]
    found = {"alarms": alarms, "shares": shares, "limits": limits, "published_before": True}
    return Publication(**{**content, **found})
