"""Everything that is held of one customer at one date, gathered for the customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from segment.contribution import LINES
from segment.exceptions import NotPublishedError
from segment.features import catalogue
from segment.jobs.lists.customer_levers import LIFTED, find_levers, lever_columns
from segment.jobs.publish.overrides import list_overrides
from segment.jobs.rights.data_held import CustomerData, data_used, lists_of
from segment.jobs.rights.explained import (
    CustomerFacts,
    DecidingFigures,
    Explained,
    FiguresHeld,
    LeverGain,
    ServiceGiven,
    Texts,
)
from segment.jobs.rights.held_estimates import about_main_bank, estimates_held
from segment.policy import Policy
from segment.policy.decisions import Tier
from segment.service.plan import GENERIC_PLAN
from segment.service.segments import with_service_state
from segment.tiers import TIERS
from segment.tiers.odds import MARGIN, ODDS
from segment.tiers.reasons import on_the_other_side
from segment.warehouse.published_tiers import published_tiers
from segment.workspace import Workspace

NOT_USED = ("sex", "region", "exact_age", "ethnicity_religion_health", "single_transactions", "others")
"""What no figure and no tier reads; birth dates only keep minors off lists and machines from older customers."""

_FORECAST = {"mean": "12m", "p10": "p10", "p90": "p90"}
_SERVICE = ("counter_wait_minutes", "decision_days", "complaint_days", "fast_lane", "contact_every_days", "tracked_by")


def explain(customer_id: str, as_of: dt.date, workspace: Workspace, policy: Policy) -> Explained:
    """Gather what is held of a customer, what was made of it, and what the customer can do about it.

    Parameters
    ----------
    customer_id : str
        Who asks, or is asked about.
    as_of : datetime.date
        Date of the published tiers.
    workspace : Workspace
        Holds tiers, snapshot, lists, objections, overrides and reviews.
    policy : Policy
        The service plan, the levers, the law and whom to ask.

    Returns
    -------
    Explained

    Raises
    ------
    NotPublishedError
        Where the customer is not published for the date; never says who.

    References
    ----------
    PIPL art. 24 (explanation of an automated decision), 44 and 45; GDPR art. 15(1), where (h) asks for meaningful
    information about the logic, and art. 21 and 22; SCHUFA, CJEU C-634/21.
    """
    row = _published(published_tiers(workspace, as_of), customer_id, as_of)
    data = CustomerData.read(customer_id, as_of, workspace)
    overrides = list_overrides(workspace, as_of).filter(pl.col("customer_id") == customer_id)
    person, standing = row.row(0, named=True), standing_objections(data.objections)
    facts = facts_of(row, data.snapshot, data.tables, standing, as_of, policy)
    return Explained(
        **vars(facts),
        service=_service(row, policy, generic=facts.generic),
        age_unknown=not facts.generic and person["tier"] in LIFTED and _age_unknown(customer_id, data),
        data=data_used(data),
        features=len(catalogue(policy)),
        not_used=NOT_USED,
        lists=lists_of(data, policy),
        released=[
            {"released_on": file.content["released_on"], "purpose": file.why, "list_id": file.content["list_id"]}
            for file in data.released
        ],
        overrides=overrides.select("tier", "role", "why", "starts_on", "expires_on").to_dicts(),
        objections=_texts(standing.select("against", "made_on")),
        reviews=_texts(data.reviews.select("action", "proposed_on", "decision", "decided_on", "why")),
        jurisdiction=policy.jurisdiction,
        contact=policy.law_in_force.objection_contact,
        review=policy.law.human_review,
        kept_months=policy.retention.customer_month_months,
        policy_version=person["policy_version"],
        model_version=person["model_version"],
    )


def standing_objections(objections: pl.DataFrame) -> pl.DataFrame:
    """Keep the objections that nobody took back."""
    return objections.filter(pl.col("withdrawn_on").is_null())


def facts_of(
    row: pl.DataFrame,
    snapshot: pl.DataFrame | None,
    tables: Mapping[str, pl.DataFrame],
    standing: pl.DataFrame,
    as_of: dt.date,
    policy: Policy,
) -> CustomerFacts:
    """Say what was published of a customer, by the row of the tiers, and what would change it."""
    # `snapshot`: the customer's row of the date's; `tables`: small tables of the ledger, the customer's rows at least;
    # `standing`: objections
    person, generic = row.row(0, named=True), "profiling" in standing["against"]
    reasons = [code for code in person["reasons"] if not about_main_bank(code)]
    other_side = on_the_other_side(person["tier"], reasons)
    return CustomerFacts(
        as_of=as_of.isoformat(),
        tier=person["tier"],
        tier_since=_day(person["tier_since"]),
        previous_tier=person["previous_tier"],
        standing=person["standing"],
        reasons=[code for code in reasons if code not in other_side],
        other_side=other_side,
        decides=_deciding(person, policy),
        generic=generic,
        figures=_figures(row, snapshot),
        forecast={name: round(person[f"future_value_{code}"]) for name, code in _FORECAST.items()},
        estimates=estimates_held(person),
        levers=[] if generic else _levers(row, as_of, snapshot, tables, policy),
        currency=policy.currency,
    )


def _published(tiers: pl.DataFrame, customer_id: str, as_of: dt.date) -> pl.DataFrame:
    row = tiers.filter(pl.col("customer_id") == customer_id)
    if row.is_empty():
        raise NotPublishedError.of("errors.not_in_tiers", as_of=as_of)
    return row


def _service(row: pl.DataFrame, policy: Policy, *, generic: bool) -> ServiceGiven | None:
    """What the plan gives in practice; those who object to profiling get the same whatever their tier."""
    states = with_service_state(row, policy.tiers)
    if policy.service is None or states.is_empty():
        return None
    tier: Tier = GENERIC_PLAN if generic else states["tier"][0]
    state = states["service_state"][0]
    plan = policy.service.plans[tier].of("" if generic else state)
    items = {policy.service.tariff[name].name: plan.waiver_share for name in plan.tariff_items}
    given = {name: getattr(plan, name) for name in _SERVICE}
    if state == "main_bank_elsewhere":
        given["tracked_by"] = plan.staff  # an estimate is held, and told as one: it names nobody's adviser
    return ServiceGiven(
        **given,
        contact_chosen=policy.service.target(row["branch_id"][0], tier, "" if generic else state) is not None,
        waivers={name: [round(100 * share) for share in shares] for name, shares in items.items()},
        offers=policy.offered(plan.bundles),
    )


def _figures(row: pl.DataFrame, snapshot: pl.DataFrame | None) -> FiguresHeld:
    lines: dict[str, float] = {}
    if snapshot is not None and snapshot.height:
        sums = snapshot.select(pl.col("^.*_12m$")).to_dicts()[0]
        # an earlier release's snapshot does not know every line
        lines = {line.name: round(sums.get(f"{line.name}_12m") or 0.0, 2) + 0.0 for line in LINES}
    totals = {name: round(row[name][0], 2) + 0.0 for name in ("income_12m", "cost_12m", "contribution_12m")}
    return FiguresHeld(row["months_observed"][0], **totals, lines=lines)


def _deciding(person: Mapping[str, Any], policy: Policy) -> DecidingFigures | None:
    if person["standing"] not in ("active", "dormant"):
        return None
    chances = {tier: person[name] or 0.0 for tier, name in zip(TIERS, ODDS, strict=True)}
    return DecidingFigures(
        value=round(person["blended_contribution_12m"]),
        year_share=round(100 * policy.tiers.own_weight),
        low=round(person["border_low"]),
        break_even=round(person["border_break_even"]),
        high=round(person["border_high"]),
        own_tier=person["own_tier"],
        by=_decided_by(person, policy),
        chances={tier: round(100 * chances[tier]) for tier in TIERS},
        likeliest=max(TIERS, key=lambda tier: chances[tier]),
    )


def _decided_by(person: Mapping[str, Any], policy: Policy) -> str:
    """Say whose word the proposed tier is; a release that knew no margin of the guard let clusters decide nothing."""
    if policy.tiers.decide_by == "borders" or (policy.tiers.decide_by == "clusters" and person.get(MARGIN) is None):
        return "borders"
    proposed = person.get("proposed_tier") or person["tier"]
    return "group" if policy.tiers.decide_by == "clusters" and proposed == person["cluster_tier"] else "chances"


def _levers(
    row: pl.DataFrame,
    as_of: dt.date,
    snapshot: pl.DataFrame | None,
    tables: Mapping[str, pl.DataFrame],
    policy: Policy,
) -> list[LeverGain]:
    if row["tier"][0] not in LIFTED or snapshot is None:
        return []
    levers = find_levers(as_of, row, snapshot.select(lever_columns(policy)), tables, policy)
    chosen, lifts = (levers.sets, True) if levers.sets.height else (levers.candidates, False)
    gains = chosen.sort("gain_12m", descending=True).select("name", pl.col("gain_12m").round(0).cast(pl.Int64))
    return [LeverGain(name, gain, lifts) for name, gain in gains.iter_rows()]


def _age_unknown(customer_id: str, data: CustomerData) -> bool:
    born = data.tables["customers"].filter(pl.col("customer_id") == customer_id)["birth_date"]
    return born.null_count() == len(born)


def _texts(rows: pl.DataFrame) -> list[Texts]:
    """Rows of texts and days, as text."""
    return rows.with_columns(pl.col(pl.Date).dt.to_string("%Y-%m-%d")).to_dicts()


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
