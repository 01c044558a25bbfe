"""What each tier gets: the six dimensions of service, by tier and sub-state."""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from segment.exceptions import ValueFault
from segment.policy.decisions import Tier
from segment.policy.section import Day, Money, Section, Share
from segment.policy.waiting import Waiting

SUB_STATES: dict[str, tuple[str, ...]] = {
    "high_value": ("early_warning", "in_arrears"),
    "valuable": ("growth", "early_warning", "in_arrears"),
    "break_even": ("main_bank_elsewhere", "potential", "no_potential", "new", "in_arrears"),
    "loss_making": ("direct", "covers_direct", "credit", "in_arrears"),
}
"""Sub-states that may have a plan of their own; all others have their tier's."""

LEGAL_MINIMUM = ("counter_access", "basic_account", "complaints")
"""What no plan may take away."""

IN_ARREARS = "in_arrears"
_MARKETING = {
    "bundles": (),
    "tariff_items": (),
    "programmes": (),
    "waiver_share": (0.0, 0.0),
    "competitor_reaction": "",
}
"""What no customer in arrears has of the tier's own plan (DOMAIN.md 3.10)."""

_REQUIRED = ("tracked_by", "counter_wait_minutes", "complaint_days", "decision_days", "staff")

Range = tuple[Share, Share]
Elasticity = Annotated[float, Field(le=0.0)]


class TariffItem(Section):
    """An item of the tariff that the head office has published; no branch makes or changes one.

    Attributes
    ----------
    name : str
        As published.
    price : float
        The same for everybody.
    unit_cost : float
        What one charged service costs the bank.
    charged_a_year : float
        Times a customer is charged in twelve months, on average.
    public_since : datetime.date
        Since when it has been public.
    """

    name: str
    price: Money
    unit_cost: Money = 0.0
    charged_a_year: Money
    public_since: Day


class PlanChange(Section):
    """What a sub-state gets in place of its tier's; what is not named stays the tier's.

    Attributes
    ----------
    tracked_by : str
        Who keeps an eye on these customers.
    customers_per_adviser : int
        How many an adviser can track; none is assigned without it.
    contact_every_days : int
        Longest time without a contact from the bank's side.
    target_customers : int
        How many of the group a branch chooses to track and contact so, where `service.branch_targets` names no other
        number; all of them without it.
    fast_lane : bool
        Served before others.
    counter_wait_minutes, complaint_days, decision_days : float
        Longest wait at the counter, for the answer to a complaint, for a decision.
    counter_access, basic_account, complaints : bool
        The legal minimum: true in every plan.
    tariff_items : tuple of str
        Of `service.tariff`, for which a waiver may be given.
    waiver_share : tuple of two floats
        Least and largest share of the published price that may be waived.
    elasticity : tuple of three floats
        Of demand with the price: low, mid and high, none above zero.
    competitor_reaction : str
        What competitors are expected to do.
    competitor_takes_back : float
        Share of the demand that a waiver brings which their answer takes back.
    bundles : tuple of str
        Of `upgrade.bundles`, each separable: no customer must take the whole.
    programmes : tuple of str
        Other offers.
    staff : str
        Who serves.
    skills : tuple of str
        What they must be able to do.
    """

    retired: ClassVar[frozenset[str]] = frozenset({"budget_floor_share"})

    tracked_by: str | None = None
    customers_per_adviser: int | None = Field(default=None, ge=1)
    contact_every_days: int | None = Field(default=None, ge=1)
    target_customers: int | None = Field(default=None, ge=0)
    fast_lane: bool = False
    counter_wait_minutes: float | None = Field(default=None, gt=0)
    complaint_days: float | None = Field(default=None, gt=0)
    decision_days: float | None = Field(default=None, gt=0)
    counter_access: bool = True
    basic_account: bool = True
    complaints: bool = True
    tariff_items: tuple[str, ...] = ()
    waiver_share: Range = (0.0, 0.0)
    elasticity: tuple[Elasticity, Elasticity, Elasticity] = (0.0, 0.0, 0.0)
    competitor_reaction: str = ""
    competitor_takes_back: Share = 0.5
    bundles: tuple[str, ...] = ()
    programmes: tuple[str, ...] = ()
    staff: str | None = None
    skills: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _lawful(self) -> Self:
        taken = [name for name in LEGAL_MINIMUM if not getattr(self, name)]
        if taken:
            raise ValueFault.of("errors.policy.legal_minimum", taken=taken)
        if self.waiver_share[0] > self.waiver_share[1]:
            raise ValueFault.of("errors.policy.waiver_share")
        if list(self.elasticity) != sorted(self.elasticity, reverse=True):
            raise ValueFault.of("errors.policy.elasticity")
        return self


class TierPlan(PlanChange):
    """What a tier gets, and what its sub-states get in place of it.

    Attributes
    ----------
    sub_states : dict
        Changes by sub-state.
    """

    sub_states: dict[str, PlanChange] = {}

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = [name for name in _REQUIRED if getattr(self, name) is None]
        if missing:
            raise ValueFault.of("errors.policy.plan_incomplete", missing=missing)
        late = self.sub_states.get(IN_ARREARS)
        if late is not None and (late.bundles or late.tariff_items):
            raise ValueFault.of("errors.policy.arrears_offer")
        return self

    def of(self, sub_state: str) -> PlanChange:
        """Plan of a sub-state: its own words where it has some, else the tier's.

        Parameters
        ----------
        sub_state : str
            Of the tier; any other has the tier's plan.

        Returns
        -------
        PlanChange
            Complete.
        """
        base = {name: getattr(self, name) for name in PlanChange.model_fields}
        base |= _MARKETING if sub_state == IN_ARREARS else {}
        change = self.sub_states.get(sub_state)
        if change is None:
            return PlanChange(**base)
        own = {name: getattr(change, name) for name in change.model_fields_set}
        return PlanChange(**{**base, **own})


class Service(Section):
    """The service plan.

    Attributes
    ----------
    budget_per_customer : float
        A branch's budget of twelve months for each of its customers, where `branch_budgets` names none.
    branch_budgets : dict of str to float
        Budgets of branches.
    budget_by_head : float
        Share of a branch's budget that goes by head; the rest goes by what customers bring.
    budget_most_per_head : float
        Most that a customer gets, in means of the branch: one large customer leaves the others theirs.
    branch_targets : dict of str to dict of str to int
        Target customers of a branch, by tier or `tier.sub_state`.
    waiting : Waiting
        What promises are checked against.
    least_public_days : int
        Days for which a tariff item must have been public.
    tariff : dict
        The items that plans may name.
    plans : dict
        One plan for each of the four tiers.
    """

    budget_per_customer: Money
    branch_budgets: dict[str, Money] = {}
    budget_by_head: Share = 0.5
    budget_most_per_head: float = Field(default=5.0, ge=1.0)
    branch_targets: dict[str, dict[str, Annotated[int, Field(ge=0)]]] = {}
    waiting: Waiting = Waiting()
    least_public_days: int = Field(default=90, ge=90)
    tariff: dict[str, TariffItem] = {}
    plans: dict[Tier, TierPlan]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        missing = [tier for tier in SUB_STATES if tier not in self.plans]
        if missing:
            raise ValueFault.of("errors.policy.tier_without_plan", missing=missing)
        for tier, plan in self.plans.items():
            strange = sorted(set(plan.sub_states) - set(SUB_STATES[tier]))
            if strange:
                raise ValueFault.of("errors.policy.sub_states", tier=tier, states=SUB_STATES[tier], strange=strange)
        known = {*SUB_STATES, *(f"{tier}.{state}" for tier, states in SUB_STATES.items() for state in states)}
        strange = sorted({name for targets in self.branch_targets.values() for name in targets} - known)
        if strange:
            raise ValueFault.of("errors.policy.branch_targets", strange=strange)
        strange = sorted({item for plan in self.parts for item in plan.tariff_items} - set(self.tariff))
        if strange:
            raise ValueFault.of("errors.policy.plan_tariff", strange=strange)
        return self

    def target(self, branch: str, tier: str, sub_state: str) -> int | None:
        """How many of a group a branch chooses to contact; none: all of them.

        Parameters
        ----------
        branch, tier, sub_state : str
            A group of the plan.

        Returns
        -------
        int or None
        """
        chosen = self.branch_targets.get(branch, {})
        number = chosen.get(f"{tier}.{sub_state}", chosen.get(tier))
        if number is not None or tier not in self.plans:
            return number
        return self.plans[tier].of(sub_state).target_customers

    @property
    def parts(self) -> tuple[PlanChange, ...]:
        """Plans of tiers and the changes of their sub-states."""
        return tuple(part for plan in self.plans.values() for part in (plan, *plan.sub_states.values()))
