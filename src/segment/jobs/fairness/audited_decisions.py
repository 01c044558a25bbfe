"""What was decided about each customer, as columns of booleans."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from segment.audit.kinds import tier_decisions
from segment.jobs.fairness.audited_publication import AuditedPublication
from segment.messages import Message
from segment.policy import Policy
from segment.service.segments import with_service_state
from segment.upgrade.levers import SELF_SERVICE, may_use_machines
from segment.upgrade.suppression import suppressed

STANDING = ("pending", "approved")
TOP_FEES = 0.80


@dataclass(frozen=True)
class AuditedDecisions:
    """Decisions of a publication."""

    # A column of booleans per decision, in the order of the customers; null where a rule of law decides
    table: pl.DataFrame
    notes: tuple[Message, ...]  # What could not be looked at


def published_decisions(publication: AuditedPublication, born: pl.Series | None, policy: Policy) -> AuditedDecisions:
    """Collect what followed for the customers of a publication."""
    sources: tuple[Callable[[], pl.Series | Message], ...] = (
        lambda: _on_list(publication, policy),
        lambda: _fast_lane(publication.tiers, policy),
        lambda: _fee_proposed(publication),
        lambda: _to_machine(publication, born, policy),
        lambda: _high_fees(publication.snapshot),
    )
    decided = [source() for source in sources]
    columns = [column for column in decided if isinstance(column, pl.Series)]
    return AuditedDecisions(
        tier_decisions(publication.tiers["tier"]).with_columns(columns),
        tuple(note for note in decided if isinstance(note, Message)),
    )


def _on_list(publication: AuditedPublication, policy: Policy) -> pl.Series | Message:
    """Of those whom no rule keeps out; the control arm is drawn by lot, and not contacted."""
    listed = publication.listed
    if listed.is_empty():
        return Message("audit.note.no_list")
    suppressions = suppressed(publication.reference, policy.upgrade, listed["list_on"].to_list()[0])
    closed = suppressions.filter(pl.col("channel").is_null())["customer_id"]
    contacted = listed.filter(pl.col("arm") == "contact")["customer_id"]
    return publication.tiers.select(
        on_list=pl.when(~pl.col("customer_id").is_in(closed.implode())).then(
            pl.col("customer_id").is_in(contacted.implode())
        )
    ).to_series()


def _fast_lane(tiers: pl.DataFrame, policy: Policy) -> pl.Series | Message:
    service = policy.service
    if service is None:
        return Message("audit.note.no_plan")
    states = with_service_state(tiers, policy.tiers).select("customer_id", "tier", "service_state")
    fast = [
        service.plans[tier].of(state).fast_lane for tier, state in states.select("tier", "service_state").iter_rows()
    ]
    lanes = states.select("customer_id", fast_lane=pl.Series(fast, dtype=pl.Boolean))
    return tiers.select("customer_id").join(lanes, on="customer_id", how="left", maintain_order="left")["fast_lane"]


def _fee_proposed(publication: AuditedPublication) -> pl.Series | Message:
    standing = publication.reviews.filter(
        (pl.col("as_of") == publication.as_of)
        & pl.col("item_code").is_not_null()
        & pl.col("withdrawn_on").is_null()
        & (pl.col("decision").is_null() | pl.col("decision").is_in(STANDING))
    )
    if standing.is_empty():
        return Message("audit.note.no_fee")
    proposed = pl.col("customer_id").is_in(standing["customer_id"].implode())
    return publication.tiers.select(fee_proposed=proposed).to_series()


def _to_machine(publication: AuditedPublication, born: pl.Series | None, policy: Policy) -> pl.Series | Message:
    """Of those who may be asked at all: that the law protects older customers is no difference to find fault with."""
    levers = policy.upgrade.levers
    codes = [code for code, lever in levers.channels.items() if lever.to_channel in SELF_SERVICE]
    if isinstance(publication.levers, str):
        return Message("audit.note.machines_unknown", {"reason": publication.levers})
    asked = publication.levers.filter(pl.col("lever").is_in(codes))["customer_id"]
    if asked.is_empty():
        return Message("audit.note.no_machines")
    decided = publication.tiers.select(to_machine=pl.col("customer_id").is_in(asked.implode()))
    if born is None:
        return decided.to_series()
    may = may_use_machines(levers.no_machines_from_years, publication.as_of)
    return decided.with_columns(birth_date=born).select(to_machine=pl.when(may).then("to_machine")).to_series()


def _high_fees(snapshot: pl.DataFrame | None) -> pl.Series | Message:
    if snapshot is None:
        return Message("audit.note.fees_unknown")
    top = snapshot["fee_income_12m"].quantile(TOP_FEES)
    paid = pl.col("fee_income_12m").fill_null(0.0)
    if top is None or snapshot.select(paid.max()).item() == 0:
        return Message("audit.note.nobody_pays")
    return snapshot.select(high_fees=(paid > top) & (paid > 0)).to_series()
