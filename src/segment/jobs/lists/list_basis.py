"""What a list is chosen from: who may be contacted, with what, and what each offer is worth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from segment.dates import act_day, days_to_check
from segment.effects.intention import share_effect
from segment.exceptions import ListError
from segment.jobs.lists.customer_levers import find_levers, read_lever_snapshot
from segment.jobs.lists.list_candidates import list_candidates
from segment.jobs.lists.moves import Answers, CampaignWindow, measure_lists, read_campaigns
from segment.jobs.lists.suppressions import ContactSources, Suppressions, find_suppressions, require_recent_tiers
from segment.pages.message_result import counted
from segment.policy import Policy
from segment.store.record_kinds import RecordKind
from segment.store.records import read_records
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS
from segment.upgrade.chances import LearnedChances
from segment.upgrade.learn_chances import learn_chances
from segment.upgrade.offers import offer_options
from segment.upgrade.protections import Protections
from segment.warehouse.published_tiers import published_tiers
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace

STEP = "upgrade.step."  # Of the catalogue's words for steps of the funnel


@dataclass(frozen=True)
class ListBasis:
    """Everything that a list is chosen from; no arm is drawn yet."""

    dated: dt.date  # The list's date
    tiers: pl.DataFrame
    tables: Mapping[str, pl.DataFrame]  # Small tables of the ledger
    options: pl.DataFrame  # Customer, programme, channel, bundle, and what each is worth
    levers: pl.DataFrame
    campaigns: tuple[CampaignWindow, ...]  # Lists before this one
    chances: LearnedChances  # What they have taught
    funnel: Mapping[str, int]  # Customers left after each step
    protections: Protections  # What was looked at

    @classmethod
    def read(
        cls,
        as_of: dt.date,
        workspace: Workspace,
        policy: Policy,
        *,
        branch: str | None = None,
        programme: str | None = None,
        list_on: dt.date | None = None,
    ) -> ListBasis:
        """Read it, and refuse a basis that is stale or leaves nobody."""
        clock = workspace_clock(workspace).today
        dated = act_day(list_on, clock, policy.law.backdated_days)
        if dated < as_of:
            raise ListError.of("errors.list_before_tiers", dated=dated, as_of=as_of)
        if programme is not None and programme not in policy.programmes:
            raise ListError.of("errors.no_such_programme", programmes=policy.programmes)
        sources = ContactSources.read(workspace)
        suppressions = find_suppressions(sources, policy, days_to_check(dated, clock))
        tables, tiers = sources.tables, published_tiers(workspace, as_of, branch)
        require_recent_tiers(as_of, clock, policy)
        snapshot = read_lever_snapshot(workspace.snapshot(as_of), policy)
        releases = read_records(workspace, RecordKind.LIST_RELEASED)
        past, months = read_rows(workspace, LIST_ROWS), workspace.customer_months
        answers = Answers(sources.outcomes, sources.tables["campaign_outcomes"])
        campaigns = read_campaigns(as_of, past, months, releases, answers, policy)
        chances = learn_chances(measure_lists(campaigns, policy), policy, share_effect)
        expires_on = dated + dt.timedelta(days=policy.upgrade.list_expires_after_days)
        levers = find_levers(as_of, tiers, snapshot, tables, policy, expires_on).candidates
        candidates = list_candidates(tiers, levers, tables, months, policy, as_of, dated)
        if programme is not None:
            candidates = candidates.filter(pl.col("programme") == programme)
        options, funnel = _options(candidates, suppressions, policy, chances, tiers.height)
        return cls(dated, tiers, tables, options, levers, campaigns, chances, funnel, suppressions.protections)


def _options(
    candidates: pl.DataFrame, suppressions: Suppressions, policy: Policy, chances: LearnedChances, customers: int
) -> tuple[pl.DataFrame, dict[str, int]]:
    """What may be offered to those who may be contacted, and how many customers are left after each step."""
    allowed = candidates.join(suppressions.customers, on="customer_id", how="semi")
    allowed = allowed.join(suppressions.people.filter(pl.col("channel").is_null()), on="customer_id", how="anti")
    barred = suppressions.people.filter(pl.col("channel").is_not_null())
    options = offer_options(allowed, barred, policy, resting=suppressions.bundles, chances=chances)
    named = {"in a programme": candidates, "may be contacted": allowed, "worth an offer": options}
    funnel = {"customers": customers} | {step: rows["customer_id"].n_unique() for step, rows in named.items()}
    refuse_empty(options, funnel)
    return options, funnel


def refuse_empty(left: pl.DataFrame, funnel: dict[str, int]) -> None:
    """Stop where nobody is left."""
    if left.is_empty():
        raise ListError.of("errors.nobody_left", counts=counted(funnel, STEP))
