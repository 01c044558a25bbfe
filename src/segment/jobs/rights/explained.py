"""What a customer is told, and what whoever serves them sees: codes and figures, no sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from segment.jobs.rights.data_held import DataUsed, Listing
from segment.jobs.rights.held_estimates import EstimatesHeld

Texts = dict[str, str | None]


@dataclass(frozen=True)
class ServiceGiven:
    """What the plan gives a customer in practice."""

    counter_wait_minutes: int | None
    decision_days: int | None
    complaint_days: int | None
    fast_lane: bool
    contact_every_days: int | None
    contact_chosen: bool  # Whether the branch chooses some of the group for it
    tracked_by: str
    waivers: Mapping[str, list[int]]  # Lowest and highest share in percent, by item of the tariff
    offers: list[str]


@dataclass(frozen=True)
class FiguresHeld:
    """A customer's income, cost and contribution, and the lines that they are made of."""

    months_observed: int
    income_12m: float
    cost_12m: float
    contribution_12m: float
    lines: Mapping[str, float]


@dataclass(frozen=True)
class DecidingFigures:
    """What decides the tier: chances of the next year, or a value and the borders that it is held against."""

    value: int  # The year and the forecast, blended
    year_share: int  # Percent; the rest is the forecast's mean
    low: int  # Below it loss-making, up to the next break-even, below the last valuable
    break_even: int
    high: int
    own_tier: str  # In whose range the value lies
    by: str = "borders"  # `group`: the chances of customers alike together; `chances`: the own; `borders`: the value
    chances: Mapping[str, int] = field(default_factory=dict)  # Percent, by tier, the best first
    likeliest: str = ""


@dataclass(frozen=True)
class LeverGain:
    """What a change would bring."""

    name: str
    gain_12m: int
    lifts: bool  # Whether the next tier is reached by it and those beside it


@dataclass(frozen=True)
class CustomerFacts:
    """What was published of a customer, and what would change it: codes and figures."""

    as_of: str
    tier: str
    tier_since: str | None
    previous_tier: str | None
    standing: str
    reasons: list[str]  # Codes of what speaks for the tier
    other_side: list[str]  # Codes of figures that speak against it, and did not decide
    decides: DecidingFigures | None  # Of whom the standing alone, or the peers' figures with it, decide: none
    generic: bool  # Whether service is that of everyone who objects to profiling
    figures: FiguresHeld
    forecast: Mapping[str, int]  # Mean, which decides, and percentiles of the next twelve months' contribution
    estimates: EstimatesHeld
    levers: list[LeverGain]
    currency: str


@dataclass(frozen=True)
class Explained(CustomerFacts):
    """What is held of a customer: codes, figures, dates, lists, rights. Every line is the customer's own."""

    service: ServiceGiven | None
    age_unknown: bool  # Whether changes of channel could not be looked at for want of a birth date
    data: list[DataUsed]
    features: int  # That figures are made into
    not_used: tuple[str, ...]
    lists: list[Listing]
    # Files that left, tiers that persons set, objections that stand, and reviews: a text each, or none
    released: list[Texts]
    overrides: list[Texts]
    objections: list[Texts]
    reviews: list[Texts]
    jurisdiction: str
    contact: str
    review: str  # Who hears a customer
    kept_months: int
    policy_version: str
    model_version: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)
