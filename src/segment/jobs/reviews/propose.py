"""Proposals: whoever passes every condition of an action waits for a person's review. Nobody is charged by it."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

import polars as pl

from segment.exceptions import PublishError
from segment.features.known import next_month
from segment.jobs.published import published_tiers
from segment.jobs.reviews.known import Known, known_on
from segment.jobs.reviews.rows import PROPOSED, all_reviews, alone, review_id, row_hash, with_facts
from segment.law import FEE, OFFER_HELP, SELF_SERVICE, Stage, asked, conditions, funnel, passing, younger_than
from segment.policy import Policy
from segment.settings import who
from segment.warehouse import Workspace
from segment.warehouse.kept import REVIEWS, keep
from segment.warehouse.records import append

UNDER_REVIEW = "not_under_review"
REVIEW_DAYS = 31
"""Days that a review may take before notice must be given, where nobody says when the fee starts."""


@dataclass(frozen=True)
class Proposed:
    """What came of a proposal.

    Attributes
    ----------
    action : str
        `fee`, or `self_service` with `offer_help`.
    item_code : str or None
        Of the tariff.
    as_of, starts_on : datetime.date or None
        Moment of the figures; first day of the fee.
    customers : int
        Looked at.
    proposed : dict of str to int
        New reviews by action.
    funnel : polars.DataFrame
        From `segment.law.funnel`.
    """

    action: str
    item_code: str | None
    as_of: dt.date
    starts_on: dt.date | None
    customers: int
    proposed: dict[str, int]
    funnel: pl.DataFrame

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {**vars(self), "funnel": self.funnel.to_dicts()}

    def __str__(self) -> str:
        """Say how many wait for a review."""
        made = ", ".join(f"{name} {count:,}" for name, count in self.proposed.items())
        start = f" A fee would start on {self.starts_on}." if self.starts_on else ""
        return f"{self.customers:,} customers as of {self.as_of}; new reviews: {made}.{start}"


def propose_fee(
    item_code: str,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    *,
    branch: str | None = None,
    starts_on: dt.date | None = None,
    on: dt.date | None = None,
) -> Proposed:
    """Propose an item of the published tariff to those who pass every condition of the guardrail.

    Parameters
    ----------
    item_code : str
        Of the ledger's `tariff_items` and the policy's `law.fee_items`; the tariff has the price, nobody gives one.
    as_of : datetime.date
        The newest published moment.
    workspace : Workspace
        Gets the reviews.
    policy : Policy
        The law in force.
    branch : str, optional
        One branch's customers only.
    starts_on : datetime.date, optional
        First day of the fee; by default the first of a month that leaves time for review and notice.
    on : datetime.date, optional
        The day; today by default.

    Returns
    -------
    Proposed

    Raises
    ------
    PublishError
        Where the item may not be proposed, figures are too old, or a source of protections is stale.
    """
    if item_code not in policy.law.fee_items:
        named = ", ".join(sorted(policy.law.fee_items)) or "none"
        raise PublishError.with_hint(
            f"An item must stand in the policy's `law.fee_items`. `{item_code}` does not; named: {named}.",
            "the head office adds it there, with what it is for and the alternative; no branch can",
        )
    day, law = on or dt.date.today(), policy.law_in_force
    start = starts_on or next_month(day + dt.timedelta(days=law.fee_notice_days + REVIEW_DAYS - 1))
    fee = {
        "action": FEE,
        "item_code": item_code,
        "alternative": policy.law.fee_items[item_code].alternative,
        "starts_on": start,
        "reversible_until": start + dt.timedelta(days=law.reversible_days),
    }
    with alone(workspace):
        known = _newest(as_of, day, start, workspace, policy)
        fee["price"] = known.of_item(item_code, policy)["item_price"]
        return _proposed(fee, branch, day, known, workspace, policy)


def propose_self_service(
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    *,
    branch: str | None = None,
    on: dt.date | None = None,
) -> Proposed:
    """Propose a shift to self-service to loss-making customers, and an offer of help to older ones in its place.

    Parameters
    ----------
    as_of, workspace, policy, branch, on
        As `propose_fee` takes them.

    Returns
    -------
    Proposed

    Raises
    ------
    PublishError
        As `propose_fee` raises it.

    References
    ----------
    DOMAIN.md 0 (1): who covers direct cost is never proposed a fee, only a shift to self-service. State Council
    2020/45; CBIRC 2021/40: older people are not diverted to machines.
    """
    day = on or dt.date.today()
    with alone(workspace):
        known = _newest(as_of, day, day, workspace, policy)
        return _proposed({"action": SELF_SERVICE}, branch, day, known, workspace, policy)


def _newest(as_of: dt.date, on: dt.date, until: dt.date, workspace: Workspace, policy: Policy) -> Known:
    known = known_on(on, max(on, until), workspace, policy)
    if known.moment != as_of:
        raise PublishError.with_hint(
            f"A proposal follows from the newest figures on {on}, those of {known.moment}. Got {as_of}.",
            f"--as-of {known.moment}",
        )
    return known


def _proposed(
    about: dict[str, Any], branch: str | None, on: dt.date, known: Known, workspace: Workspace, policy: Policy
) -> Proposed:
    people = published_tiers(workspace, known.moment, branch).select("customer_id", "branch_id")
    candidates = _candidates(people, about, on, known)
    facts = with_facts(candidates, known, workspace, policy)
    if about["action"] == SELF_SERVICE:
        younger = younger_than(policy.no_machines_from_years, pl.lit(on)).fill_null(False)
        facts = facts.with_columns(action=pl.when(younger).then(pl.lit(SELF_SERVICE)).otherwise(pl.lit(OFFER_HELP)))
    held_to = conditions(FEE if about["action"] == FEE else OFFER_HELP, policy, on)
    held = asked(facts, held_to, Stage.PROPOSAL)
    before = all_reviews(workspace)
    free = ~candidates["customer_id"].is_in(_under_review(before, about, on, policy)["customer_id"].implode())
    named = candidates.with_columns(action=facts["action"]).with_columns(
        review_id=pl.Series(
            [review_id(*_key(row, known.moment)) for row in facts.iter_rows(named=True)], dtype=pl.String
        )
    )
    new = named.filter(passing(held) & free).join(before, on="review_id", how="anti").sort("review_id")
    told = funnel(held, held_to)
    last = int((passing(held) & free).sum())
    says, source = "no review of it is open, approved, or was refused lately", "policy: law.refused_rest_days"
    told = told.vstack(
        pl.DataFrame([(UNDER_REVIEW, says, source, int((~free).sum()), last)], told.schema, orient="row")
    )
    if new.height:
        content = {
            "action": about["action"],
            "item_code": about.get("item_code"),
            "as_of": known.moment.isoformat(),
            "branch": branch,
            "rows": new.height,
            "rows_sha256": _hash_of(new),
            "policy_hash": policy.hash,
        }
        append(workspace, PROPOSED, by=who(), why="for review by another person", content=content)
        keep(workspace, REVIEWS, new)
    actions = (FEE,) if about["action"] == FEE else (SELF_SERVICE, OFFER_HELP)
    counts = {name: new.filter(pl.col("action") == name).height for name in actions}
    return Proposed(
        about["action"], about.get("item_code"), known.moment, about.get("starts_on"), people.height, counts, told
    )


def _candidates(people: pl.DataFrame, about: dict[str, Any], on: dt.date, known: Known) -> pl.DataFrame:
    """Lay a review out for everyone; who does not pass gets none."""
    said = {**about, "as_of": known.moment, "author": who(), "proposed_on": on}
    columns = [
        name if name in people.columns else pl.lit(said.get(name), dtype).alias(name)
        for name, dtype in REVIEWS.schema.items()
    ]
    return people.select(columns)


def _key(row: dict[str, Any], moment: dt.date) -> tuple[str, str | None, dt.date, str]:
    return row["action"], row["item_code"], moment, row["customer_id"]


def _under_review(before: pl.DataFrame, about: dict[str, Any], on: dt.date, policy: Policy) -> pl.DataFrame:
    """Find who has a review of the same that is open or stands, or was refused or withdrawn lately."""
    fee = about["action"] == FEE
    same = pl.col("item_code") == about["item_code"] if fee else pl.col("action") != FEE
    ended = pl.coalesce("withdrawn_on", pl.when(pl.col("decision") != "approved").then(pl.col("decided_on")))
    rested = (ended + pl.duration(days=policy.law.refused_rest_days) <= on).fill_null(False)
    return before.filter(same & ~rested)


def _hash_of(rows: pl.DataFrame) -> str:
    return hashlib.sha256("".join(row_hash(row) for row in rows.iter_rows(named=True)).encode()).hexdigest()
