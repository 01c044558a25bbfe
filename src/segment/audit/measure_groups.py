"""An audit's measures: rates, the same within bands of income, missed customers, and proxies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from segment.audit.conditional import conditional_rates
from segment.audit.customer_groups import VULNERABLE, CustomerGroups
from segment.audit.groups import LEAST_NAMED, income_bands
from segment.audit.kinds import DETECTABLE, KINDS, NO_PROXY, PROXY, SAID
from segment.audit.proxies import ProxyStrength, proxy_strength
from segment.audit.selection_rates import SCHEMA, Kind, group_rates
from segment.audit.verdict import with_verdicts
from segment.policy.fairness import Audit
from segment.statistics import holm

Row = Mapping[str, object]
"""Of figures, as a file holds it."""

INCOME = "external_inflow_12m"
"""What stands for income: money that came in from outside within a year."""

SURE = 0.01
"""Folds share customers, so p-values of an AUC are too small: attributes drawn by lot spread a fifth more than they
should."""


@dataclass(frozen=True)
class GroupComparisons:
    """Groups compared by every decision, all tests taken together."""

    rates: pl.DataFrame
    within_income: pl.DataFrame
    errors: pl.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Return plain rows."""
        return {name: getattr(self, name).to_dicts() for name in ("rates", "within_income", "errors")}


@dataclass(frozen=True)
class DecisionCount:
    """A decision, and how many customers it met."""

    said: str  # In plain words
    kind: Kind
    customers: int


@dataclass(frozen=True)
class DecisionCounts:
    """Who was looked at, and by which decisions."""

    customers: int
    unknown: dict[str, int]  # Customers of whom an attribute is not known
    missing: list[str]  # missing, off: Attributes that the ledger lacks, and those that the policy leaves out.
    off: list[str]
    decisions: dict[str, DecisionCount]


@dataclass(frozen=True)
class ProxyFinding(ProxyStrength):
    """How well one group is told from all others, all groups taken together."""

    p_adjusted: float
    verdict: str  # `proxy`, `detectable` or `none`


def compare_groups(
    groups: CustomerGroups, decisions: pl.DataFrame, income: pl.Series, limits: Audit, errors: pl.Series | None = None
) -> GroupComparisons:
    """Compare groups by every decision, all tests of it taken together."""
    # `income`: Money of a year.
    least = limits.least_group
    rates = group_rates(groups.attributes, decisions, KINDS, least)
    within = conditional_rates(groups.attributes, decisions, income_bands(income, limits.income_bands), rates)
    missed = pl.DataFrame(schema=SCHEMA)
    if errors is not None:
        missed = group_rates(groups.attributes, errors.to_frame(), KINDS, least)
    return GroupComparisons(*with_verdicts([rates, within, missed], limits))


def find_proxies(
    frame: pl.DataFrame, features: Sequence[str], groups: CustomerGroups, limits: Audit, seed: int
) -> list[ProxyFinding]:
    """Tell attributes from what a model reads."""
    numbers = [name for name in features if name in frame.columns and frame.schema[name].is_numeric()]
    numbers += [name for name in features if name in frame.columns and frame.schema[name] == pl.Boolean]
    strengths = proxy_strength(
        frame.select(numbers),
        groups.attributes,
        groups.households,
        least=limits.least_group,
        limit=limits.proxy_auc,
        seed=seed,
    )
    findings = []
    for strength, p in zip(strengths, holm([each.p for each in strengths]), strict=True):
        verdict = PROXY if strength.auc > limits.proxy_auc else DETECTABLE if p < SURE else NO_PROXY
        measured = asdict(strength) | ({"features": []} if verdict == NO_PROXY else {})
        findings.append(ProxyFinding(**measured, p_adjusted=p, verdict=verdict))
    return findings


def count_decisions(groups: CustomerGroups, decisions: pl.DataFrame) -> DecisionCounts:
    """Say who was looked at, and by which decisions."""
    return DecisionCounts(
        customers=decisions.height,
        unknown={name: int(groups.attributes[name].null_count()) for name in groups.attributes.columns},
        missing=list(groups.missing),
        off=list(groups.off),
        decisions={
            name: DecisionCount(SAID[name], KINDS[name], int(decisions[name].sum())) for name in decisions.columns
        },
    )


def outcomes_by_vulnerability(
    tiers: pl.Series, order: Sequence[str], groups: CustomerGroups, decisions: pl.DataFrame
) -> list[Row]:
    """Set out what vulnerable and other customers of each tier meet, tiers in an order."""
    # Source: UK Consumer Duty (FCA PS22/9): outcomes of groups, vulnerable customers among them (DOMAIN.md 5).
    if "vulnerability" not in groups.attributes.columns:
        return []
    shown = [name for name in decisions.columns if name not in ("high_value", "loss_making")]
    table = decisions.select(shown).with_columns(tier=tiers, vulnerability=groups.attributes["vulnerability"])
    rows: list[Row] = []
    for tier in order:
        for vulnerable in (True, False):
            own = (pl.col("vulnerability") == VULNERABLE) == vulnerable
            group = table.filter((pl.col("tier") == tier) & own)
            large = group.height >= LEAST_NAMED
            shares = {name: group[name].cast(pl.Float64).mean() if large else None for name in shown}
            label = "vulnerable" if vulnerable else "others"
            rows.append({"tier": tier, "vulnerability": label, "customers": group.height if large else None, **shares})
    return rows
