"""Every gate of a publication, judged on what would be published."""

from __future__ import annotations

import datetime as dt

import polars as pl
from scipy.stats import binom

from segment.jobs.drift import Judged
from segment.jobs.extract import Extracted
from segment.jobs.gates.gate import Gate
from segment.jobs.tiers_back import withdrawn
from segment.model import PUBLISHED
from segment.policy import Policy
from segment.tiers import TIERS, tier_table
from segment.warehouse import Workspace

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


def judge(
    tiers: pl.DataFrame,
    customers: int,
    before: pl.DataFrame | None,
    source: Extracted,
    drift: Judged,
    workspace: Workspace,
    policy: Policy,
) -> tuple[Gate, ...]:
    """Judge what would be published.

    Parameters
    ----------
    tiers : polars.DataFrame
        The frame, stamped.
    customers : int
        Rows of the moment's snapshot.
    before : polars.DataFrame or None
        The last published tiers of an earlier moment.
    source : Extracted
        What the extract of the moment found.
    drift : Judged
        Of the moment.
    workspace : Workspace
        Holds the records of what was rolled back.
    policy : Policy
        Holds the limits.

    Returns
    -------
    tuple of Gate
        In the order of `segment.jobs.gates.GATES`.
    """
    return (
        contract(tiers, customers),
        quarantine(source, policy),
        reconciliation(source, policy),
        drift.gate(),
        tier_shares(tiers, policy),
        migration(tiers, before, policy),
        rolled_back(str(tiers["run_id"][0]), workspace),
    )


def contract(tiers: pl.DataFrame, customers: int) -> Gate:
    """Hold the frame to the columns that everyone reads.

    Parameters
    ----------
    tiers : polars.DataFrame
        What would be published.
    customers : int
        Who must be in it.

    Returns
    -------
    Gate
    """
    first = tuple(tiers.columns[: len(PUBLISHED)])
    faults = []
    if first != PUBLISHED:
        faults.append("the columns are not those of the published table, in their order")
    twice = tiers.height - tiers["customer_id"].n_unique()
    if twice:
        faults.append(f"{twice} customers stand in it more than once")
    if tiers.height != customers:
        faults.append(f"it has {tiers.height:,} rows for {customers:,} customers")
    strange = tiers.filter(~pl.col("tier").is_in(TIERS) | pl.col("tier").is_null()).height
    if strange:
        faults.append(f"{strange} rows have none of the four tiers")
    empty = [name for name in _NEVER_NULL if name in first and tiers[name].null_count()]
    if empty:
        faults.append(f"figures are missing in {', '.join(empty)}")
    said = "; ".join(faults) or f"{tiers.height:,} customers, each once, with every column"
    return Gate("contract", not faults, said, {"rows": float(tiers.height), "faults": float(len(faults))})


def quarantine(source: Extracted, policy: Policy) -> Gate:
    """Hold the share of bad rows to the policy's limit.

    Parameters
    ----------
    source : Extracted
        Counts rows.
    policy : Policy
        Holds the limit.

    Returns
    -------
    Gate
    """
    limit = policy.gates.most_quarantined_share
    share = source.quarantined / max(source.rows, 1)
    said = f"{source.quarantined:,} of {source.rows:,} rows broke a rule, {share:.2%}; the limit is {limit:.2%}"
    return Gate("quarantine", share <= limit, said, {"share": share, "limit": limit})


def reconciliation(source: Extracted, policy: Policy) -> Gate:
    """Hold customers' sums to the ledger's totals.

    Parameters
    ----------
    source : Extracted
        Counts the lines of a branch that miss their total.
    policy : Policy
        Says whether that stops a publication.

    Returns
    -------
    Gate
    """
    missed = source.unreconciled
    holds = not missed or policy.reconciliation.beyond_tolerance != "fail"
    said = f"{missed} lines of a branch miss the ledger's total by more than the policy tolerates"
    place = f"; see runs/reconciliation-{source.as_of.isoformat()}.csv in the workspace" if missed else ""
    return Gate("reconciliation", holds, said + place, {"lines": float(missed)})


def tier_shares(tiers: pl.DataFrame, policy: Policy) -> Gate:
    """Hold the tiers' shares to the policy's limits, with room for the luck of a small bank.

    Parameters
    ----------
    tiers : polars.DataFrame
        What would be published; excluded customers do not count.
    policy : Policy
        Holds the limits.

    Returns
    -------
    Gate
    """
    counted = tiers.filter(pl.col("standing") != "excluded")
    table = tier_table(counted, by_branch=False)
    everyone, confidence = counted.height, policy.gates.confidence
    outside, shares = [], {}
    for tier, number, share in table.select("tier", "customers", "share").iter_rows():
        low, high = getattr(policy.gates.tier_shares, tier)
        shares[tier] = float(share)
        fewest, most = binom.ppf(1 - confidence, everyone, low), binom.ppf(confidence, everyone, high)
        if not fewest <= number <= most:
            outside.append(f"{tier} holds {share:.1%} of the customers, outside {low:.1%} to {high:.1%}")
    told = ", ".join(f"{tier} {share:.1%}" for tier, share in shares.items())
    return Gate("tier_shares", not outside, "; ".join(outside) or told, shares)


def migration(tiers: pl.DataFrame, before: pl.DataFrame | None, policy: Policy) -> Gate:
    """Hold the share of customers that keep their tier to the policy's limit.

    Parameters
    ----------
    tiers : polars.DataFrame
        What would be published.
    before : polars.DataFrame or None
        The last published tiers of an earlier moment.
    policy : Policy
        Holds the limit for a month.

    Returns
    -------
    Gate
        It holds where nothing was published before.
    """
    moved = tiers.filter(pl.col("previous_tier").is_not_null() & (pl.col("standing") != "excluded"))
    if before is None or moved.is_empty():
        return Gate("migration", True, "no earlier publication to compare with")
    months = _months_between(before["as_of"][0], tiers["as_of"][0])
    limit = policy.gates.least_diagonal**months
    kept = int((moved["tier"] == moved["previous_tier"]).sum())
    share = kept / moved.height
    fewest = binom.ppf(1 - policy.gates.confidence, moved.height, limit)
    said = (
        f"{share:.1%} of {moved.height:,} customers kept their tier since {before['as_of'][0].isoformat()}; "
        f"the limit for {months} month(s) is {limit:.1%}"
    )
    return Gate("migration", bool(kept >= fewest), said, {"kept": share, "limit": limit, "months": float(months)})


def rolled_back(run_id: str, workspace: Workspace) -> Gate:
    """Refuse to publish again what a person took back.

    Parameters
    ----------
    run_id : str
        Follows from the inputs, so the same tiers have the same.
    workspace : Workspace
        Keeps the records.

    Returns
    -------
    Gate
    """
    taken = withdrawn(workspace).get(run_id)
    if taken is None:
        return Gate("rolled_back", True, "these tiers were not taken back")
    return Gate("rolled_back", False, f"these very tiers were taken back by {taken.by}: {taken.why}")


def _months_between(first: dt.date, last: dt.date) -> int:
    return max(1, (last.year - first.year) * 12 + last.month - first.month)
