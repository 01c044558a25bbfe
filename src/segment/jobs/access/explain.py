"""Everything that is held of one customer at one moment, gathered for the customer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import polars as pl

from segment.contribution import LINES
from segment.exceptions import PublishError
from segment.features import catalogue
from segment.jobs.access.held import data_used, lists_of, released_of, rows_of_customer
from segment.jobs.levers import LIFTED, customer_levers
from segment.jobs.overrides import list_overrides
from segment.jobs.published import published_tiers
from segment.policy import Policy
from segment.policy.decisions import Tier
from segment.service import with_service_state
from segment.service.plan import GENERIC_PLAN
from segment.warehouse import Workspace
from segment.warehouse.kept import OBJECTIONS, REVIEWS, read_kept

NOT_USED = ("sex", "region", "exact_age", "ethnicity_religion_health", "single_transactions", "others")
"""What no figure and no tier reads; birth dates only keep minors off lists and machines from older customers."""

_SERVICE = ("counter_wait_minutes", "decision_days", "complaint_days", "fast_lane", "contact_every_days", "tracked_by")


@dataclass(frozen=True)
class Explained:
    """What is held of a customer.

    Attributes
    ----------
    facts : dict
        Plain values: codes, figures, dates, lists, rights. Every line is the customer's own.
    """

    facts: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return dict(self.facts)


def explain(customer_id: str, as_of: dt.date, workspace: Workspace, policy: Policy) -> Explained:
    """Gather what is held of a customer, what was made of it, and what the customer can do about it.

    Parameters
    ----------
    customer_id : str
        Who asks, or is asked about.
    as_of : datetime.date
        Moment of the published tiers.
    workspace : Workspace
        Holds tiers, snapshot, lists, objections, overrides and reviews.
    policy : Policy
        The service plan, the levers, the law and whom to ask.

    Returns
    -------
    Explained

    Raises
    ------
    PublishError
        Where the customer is not published for the moment; never says who.

    References
    ----------
    PIPL art. 24 (explanation of an automated decision), 44 and 45; GDPR art. 15(1), where (h) asks for meaningful
    information about the logic, and art. 21 and 22; SCHUFA, CJEU C-634/21.
    """
    row = _published(customer_id, as_of, workspace)
    person = row.to_dicts()[0]
    objections = rows_of_customer(read_kept(workspace, OBJECTIONS), customer_id)
    standing = [one for one in objections if one["withdrawn_on"] is None]
    generic = any(one["against"] == "profiling" for one in standing)
    overrides = list_overrides(workspace, as_of)
    return Explained(
        {
            "as_of": as_of.isoformat(),
            "tier": person["tier"],
            "tier_since": _day(person["tier_since"]),
            "previous_tier": person["previous_tier"],
            "standing": person["standing"],
            "reasons": person["reasons"],
            "service": _service(row, policy, generic=generic),
            "generic": generic,
            "figures": _figures(row, workspace),
            "forecast": {name: round(person[f"future_value_{name}"]) for name in ("p10", "p50", "p90")},
            "main_bank_elsewhere": person["main_bank_elsewhere"],
            "wallet_elsewhere_12m": two_digits(person["wallet_elsewhere_12m"]),
            "levers": [] if generic else _levers(row, as_of, workspace, policy),
            "data": data_used(workspace, customer_id, as_of),
            "features": len(catalogue(policy)),
            "not_used": list(NOT_USED),
            "lists": lists_of(workspace, customer_id, policy),
            "released": released_of(workspace, customer_id),
            "overrides": overrides.filter(pl.col("customer_id") == customer_id)
            .select("tier", "role", "why", "starts_on", "expires_on")
            .to_dicts(),
            "objections": [{"against": one["against"], "made_on": _day(one["made_on"])} for one in standing],
            "reviews": _reviews(workspace, customer_id),
            "jurisdiction": policy.jurisdiction,
            "currency": policy.currency,
            "contact": policy.law_in_force.objection_contact,
            "review": policy.law.human_review,
            "kept_months": policy.retention.customer_month_months,
            "policy_version": person["policy_version"],
            "model_version": person["model_version"],
        }
    )


def two_digits(amount: float | None) -> int | None:
    """Round an estimate to two significant figures: more would say more than is known.

    Parameters
    ----------
    amount : float or None
        Of money.

    Returns
    -------
    int or None

    References
    ----------
    DOMAIN.md 2.5: never more than two significant figures.

    Examples
    --------
    >>> two_digits(12_345.6), two_digits(7.0), two_digits(None)
    (12000, 7, None)
    """
    return None if amount is None or amount != amount else int(float(f"{amount:.1e}"))


def _published(customer_id: str, as_of: dt.date, workspace: Workspace) -> pl.DataFrame:
    found = published_tiers(workspace, as_of).filter(pl.col("customer_id") == customer_id)
    if found.is_empty():
        raise PublishError.with_hint(
            f"The customer must stand in the tiers published for {as_of}. This one does not.",
            "look the id up again; a customer who was erased, has left or had not joined stands in none",
        )
    return found


def _service(row: pl.DataFrame, policy: Policy, *, generic: bool) -> dict[str, Any] | None:
    """What the plan gives in practice; those who object to profiling get the same whatever their tier."""
    states = with_service_state(row, policy.tiers)
    if policy.service is None or states.is_empty():
        return None
    tier: Tier = GENERIC_PLAN if generic else states["tier"][0]
    plan = policy.service.plans[tier].of("" if generic else states["service_state"][0])
    items = {policy.service.tariff[name].name: plan.waiver_share for name in plan.tariff_items}
    return {
        **{name: getattr(plan, name) for name in _SERVICE},
        "waivers": {name: [round(100 * share) for share in shares] for name, shares in items.items()},
        "offers": policy.offered(plan.bundles),
    }


def _figures(row: pl.DataFrame, workspace: Workspace) -> dict[str, Any]:
    person = row.to_dicts()[0]
    path = workspace.snapshot(person["as_of"])
    lines: dict[str, float] = {}
    if path.is_file():
        names = [f"{line.name}_12m" for line in LINES]
        own = pl.scan_parquet(path).filter(pl.col("customer_id") == person["customer_id"]).select(names).collect()
        if own.height:
            told = own.fill_null(0.0).to_dicts()[0]
            lines = {line.name: round(told[f"{line.name}_12m"], 2) + 0.0 for line in LINES}
    sums = {name: round(person[name], 2) + 0.0 for name in ("income_12m", "cost_12m", "contribution_12m")}
    return {"months_observed": person["months_observed"], **sums, "lines": lines}


def _levers(row: pl.DataFrame, as_of: dt.date, workspace: Workspace, policy: Policy) -> list[dict[str, Any]]:
    if row["tier"][0] not in LIFTED or not workspace.snapshot(as_of).is_file():
        return []
    found = customer_levers(as_of, row, workspace, policy)
    chosen = found.sets if found.sets.height else found.candidates
    told = chosen.sort("gain_12m", descending=True).select("name", gain_12m=pl.col("gain_12m").round(0).cast(pl.Int64))
    return [{**one, "lifts": bool(found.sets.height)} for one in told.to_dicts()]


def _reviews(workspace: Workspace, customer_id: str) -> list[dict[str, Any]]:
    found = rows_of_customer(read_kept(workspace, REVIEWS), customer_id)
    return [
        {
            "action": one["action"],
            "proposed_on": _day(one["proposed_on"]),
            "decision": one["decision"],
            "decided_on": _day(one["decided_on"]),
            "why": one["why"],
        }
        for one in found
    ]


def _day(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()
