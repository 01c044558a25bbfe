"""Every gate of a publication, held to what would be published."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from scipy.stats import binom

from segment.dates import months_between
from segment.exceptions import GateError
from segment.gate import Gate
from segment.jobs.build.extract import Extracted
from segment.messages import Message
from segment.model.model_columns import PUBLISHED
from segment.pages.gate_sentences import gate
from segment.policy import Policy
from segment.store.records import Record
from segment.tiers import TIERS, tier_table
from segment.tiers.standing import has_tier
from segment.tiers.table import ALL

_NEVER_NULL = (
    "as_of",
    "customer_id",
    "branch_id",
    "tier",
    "tier_source",
    "months_observed",
    "income_12m",
    "cost_12m",
    "contribution_12m",
    "future_value_12m",
    "main_bank_elsewhere",
    "reasons",
    "policy_version",
    "model_version",
    "run_id",
)
"""A ratio may have nothing to be taken of, and who is new has no cluster; these everyone has."""


def evaluate_gates(
    tiers: pl.DataFrame,
    customers: int,
    previous: pl.DataFrame | None,
    source: Extracted,
    drift: Gate,
    withdrawal: Record | None,
    policy: Policy,
) -> tuple[Gate, ...]:
    """Hold what would be published to every gate; `customers`: Rows of the snapshot."""
    return (
        contract(tiers, customers),
        quarantine(source, policy),
        reconciliation(source, policy),
        drift,
        tier_shares(tiers, policy),
        migration(tiers, previous, policy),
        rolled_back(withdrawal),
    )


def require_gates(gates: Sequence[Gate]) -> None:
    """Stop where a gate fails that nobody lets pass."""
    failed = [gate for gate in gates if not gate.holds and not gate.accepted_by]
    if failed:
        listed = [gate.told for gate in failed]
        raise GateError.of(
            "errors.publication_gates", failed=len(failed), gates=len(gates), listed=listed, name=failed[0].name
        )


def contract(tiers: pl.DataFrame, customers: int) -> Gate:
    """Hold the frame to the columns that everyone reads."""
    first = tuple(tiers.columns[: len(PUBLISHED)])
    faults = []
    if first != PUBLISHED:
        faults.append(Message("gates.contract.columns"))
    twice = tiers.height - tiers["customer_id"].n_unique()
    if twice:
        faults.append(Message("gates.contract.twice", {"customers": twice}))
    if tiers.height != customers:
        faults.append(Message("gates.contract.rows", {"rows": tiers.height, "customers": customers}))
    strange = tiers.filter(~pl.col("tier").is_in(TIERS) | pl.col("tier").is_null()).height
    if strange:
        faults.append(Message("gates.contract.strange_tiers", {"rows": strange}))
    empty = [name for name in _NEVER_NULL if name in first and tiers[name].null_count()]
    if empty:
        faults.append(Message("gates.contract.missing", {"columns": empty}))
    finding = _all(faults) if faults else Message("gates.contract.whole", {"customers": tiers.height})
    return gate("contract", not faults, finding, {"rows": float(tiers.height), "faults": float(len(faults))})


def quarantine(source: Extracted, policy: Policy) -> Gate:
    """Hold the share of bad rows to the policy's limit."""
    figures = {"share": source.quarantined / max(source.rows, 1), "limit": policy.gates.most_quarantined_share}
    finding = Message("gates.quarantine", {"quarantined": source.quarantined, "rows": source.rows, **figures})
    return gate("quarantine", figures["share"] <= figures["limit"], finding, figures)


def reconciliation(source: Extracted, policy: Policy) -> Gate:
    """Hold customers' sums to the ledger's totals."""
    missed = source.unreconciled
    holds = not missed or policy.reconciliation.beyond_tolerance != "fail"
    file = {"file": f"runs/reconciliation-{source.as_of.isoformat()}.csv"} if missed else {}
    finding = Message(f"gates.reconciliation{'_file' if missed else ''}", {"lines": missed, **file})
    return gate("reconciliation", holds, finding, {"lines": float(missed)})


def tier_shares(tiers: pl.DataFrame, policy: Policy) -> Gate:
    """Hold the tiers' shares to the policy's limits, with room for the luck of a small bank."""
    table = tier_table(tiers, by_branch=False).filter(pl.col("standing") == ALL)
    everyone, confidence = int(table["customers"].sum()), policy.gates.confidence
    outside, within, shares = [], [], {}
    for tier, number, share in table.select("tier", "customers", "share").iter_rows():
        low, high = getattr(policy.gates.tier_shares, tier)
        shares[tier] = float(share)
        fewest, most = binom.ppf(1 - confidence, everyone, low), binom.ppf(confidence, everyone, high)
        figures = {"tier": Message(f"gates.tier.{tier}"), "share": shares[tier]}
        within.append(Message("gates.tier_shares.share", figures))
        if not fewest <= number <= most:
            outside.append(Message("gates.tier_shares.outside", {**figures, "low": low, "high": high}))
    finding = _all(outside) if outside else Message("gates.tier_shares.all", {"shares": within})
    return gate("tier_shares", not outside, finding, shares)


def migration(tiers: pl.DataFrame, previous: pl.DataFrame | None, policy: Policy) -> Gate:
    """Hold the share of customers that keep their tier to the policy's limit."""
    moved = tiers.filter(pl.col("previous_tier").is_not_null() & has_tier())
    if previous is None or moved.is_empty():
        return gate("migration", True, Message("gates.migration.first"))
    since = previous["as_of"][0]
    months = max(1, months_between(since, tiers["as_of"][0]))
    limit = policy.gates.least_diagonal**months
    same = int((moved["tier"] == moved["previous_tier"]).sum())
    share = same / moved.height
    fewest = binom.ppf(1 - policy.gates.confidence, moved.height, limit)
    figures = {"share": share, "customers": moved.height, "since": since.isoformat(), "months": months, "limit": limit}
    finding = Message("gates.migration.since", figures)
    return gate("migration", bool(same >= fewest), finding, {"kept": share, "limit": limit, "months": float(months)})


def rolled_back(withdrawal: Record | None) -> Gate:
    """Refuse to publish again what a person took back."""
    if withdrawal is None:
        return gate("rolled_back", True, Message("gates.rolled_back.no"))
    finding = Message("gates.rolled_back.yes", {"by": withdrawal.by, "why": withdrawal.why})
    return gate("rolled_back", False, finding)


def _all(findings: list[Message]) -> Message:
    return Message("gates.all", {"findings": findings})
