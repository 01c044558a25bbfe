"""Who is contacted, with what, and at what cost."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from segment.exceptions import ValueFault
from segment.policy.contact_rules import ContactRules
from segment.policy.decisions import Tier
from segment.policy.section import Money, Section, Share
from segment.policy.trigger_rules import Triggers


class Bundle(Section):
    """Something to offer.

    Attributes
    ----------
    name : str
        What marketing calls it.
    for_tiers : tuple
        Tiers it may be offered to.
    for_main_bank_elsewhere : bool or None
        True: only flagged customers; False: only others; None: both.
    needs_products, lacks_products : tuple of str
        Product families that the customer must hold, or must not hold.
    needs_suitability : bool
        True: by other channels than the adviser, who assesses it, only to customers with a wealth product, whose
        suitability is on file.
    moved_share : float
        Share of the potential expected to come when the customer accepts.
    incentive : float
        Paid once when the customer accepts.
    offers_credit : bool or None
        Whether it holds a card or a loan; None: not said. Where the law lets no offer of credit follow from a model
        without a fair-lending review, only a bundle that says false is offered.
    """

    name: str
    for_tiers: tuple[Tier, ...]
    for_main_bank_elsewhere: bool | None = None
    needs_products: tuple[str, ...] = ()
    lacks_products: tuple[str, ...] = ()
    needs_suitability: bool = False
    moved_share: Share
    incentive: Money
    offers_credit: bool | None = None


class ContactChannel(Section):
    """How a customer is reached.

    Attributes
    ----------
    cost : float
        Of a contact.
    conversion_probability : float
        Odds that the customer moves, before any outcome is known.
    adviser_minutes : float
        Of an adviser's time for a contact.
    most_contacts : int, optional
        Of a list by this channel; no limit by default.
    least_net_value : float, optional
        Floor of a contact by this channel; by default as many of its costs as ``upgrade.floor_in_costs`` says.
    """

    cost: Money
    conversion_probability: Share
    adviser_minutes: float = Field(default=0.0, ge=0.0)
    most_contacts: int | None = Field(default=None, ge=0)
    least_net_value: float | None = None


class ChannelLever(Section):
    """Work moved from one channel to a cheaper one.

    Attributes
    ----------
    name : str
        Plain words, such as ``"cash desk to machine"``.
    events : {"transactions", "service_events"}
        What is moved. An adviser's meetings are service events.
    from_channel, to_channel : str
        Whence and where.
    most_share : float
        Share of the customer's events that can be moved, in whole events.
    chance : float
        Odds that the customer goes along.
    """

    name: str = Field(min_length=1)
    events: Literal["transactions", "service_events"]
    from_channel: Literal["counter", "phone", "adviser"]
    to_channel: Literal["atm", "mobile", "online", "phone"]
    most_share: Share
    chance: Share

    @model_validator(mode="after")
    def _two_channels_that_carry_the_events(self) -> Self:
        if self.from_channel == self.to_channel:
            raise ValueFault.of("errors.policy.same_channel")
        if self.from_channel == "adviser" and self.events == "transactions":
            raise ValueFault.of("errors.policy.adviser_books")
        return self


class SalaryLever(Section):
    """A salary that comes here: balance on the current account and payments by its card.

    Attributes
    ----------
    name : str
        Plain words.
    product : str
        The current account; customers without an everyday account are not asked.
    balance_of_income : float
        Extra average balance, in months of the policy's ``main_bank.expected_income_month``.
    card_share : float
        Share of that income paid by card.
    card_payments_month : int
        Number of those payments.
    chance : float
        Odds that the customer goes along.
    """

    name: str = Field(min_length=1)
    product: str = Field(min_length=1)
    balance_of_income: float = Field(ge=0.0, le=12.0)
    card_share: Share
    card_payments_month: int = Field(ge=1, le=200)
    chance: Share


class ClosingLever(Section):
    """Accounts without balance or fee for twelve months, closed at the customer's wish.

    Attributes
    ----------
    name : str
        Plain words.
    families : tuple of str
        Families of the products whose accounts may be closed.
    chance : float
        Odds that the customer goes along.
    """

    name: str = Field(min_length=1)
    families: tuple[Literal["deposit", "wealth"], ...] = Field(min_length=1)
    chance: Share


class Levers(Section):
    """Changes that lift a loss-making or break-even customer.

    Attributes
    ----------
    no_machines_from_years : int
        From this age on, and where the age is not known, nobody is asked to use a machine, an app or a web page
        instead of a person. The law's age holds where it is lower.
    least_gain_12m : float
        Smaller changes are not named.
    channels : dict of str to ChannelLever
        By code.
    salary : SalaryLever or None
        None: not offered.
    closing : ClosingLever or None
        None: not offered.
    """

    no_machines_from_years: int = Field(default=60, ge=0)
    least_gain_12m: Money = 10.0
    channels: dict[str, ChannelLever] = {}
    salary: SalaryLever | None = None
    closing: ClosingLever | None = None

    @model_validator(mode="after")
    def _no_event_is_moved_twice(self) -> Self:
        moved: dict[tuple[str, str], float] = {}
        for lever in self.channels.values():
            source = (lever.events, lever.from_channel)
            moved[source] = moved.get(source, 0.0) + lever.most_share
        if any(share > 1.0 + 1e-9 for share in moved.values()):
            raise ValueFault.of("errors.policy.most_share")
        return self


class Upgrade(Section):
    """Upgrade-potential lists.

    Attributes
    ----------
    spontaneous_probability : float
        Odds that a customer moves without any contact.
    hold_out_share : float
        Share of all households that is in no programme's contact arm, beside each programme's own control arm.
    least_net_gain : float
        Floor of every contact: an offer with no more expected net value is not made.
    floor_in_costs : float
        Floor of a contact by a channel that names none of its own, in costs of such a contact.
    list_minutes_per_branch : float
        Of staff's work with a list, beside its contacts: briefing, follow-up, measuring.
    value_horizon_months : int
        Months that what an offer brings counts for.
    discount_annual : float
        What a gain is worth less for each year that it comes later.
    ramp_months : int
        Over which what a moved main account brings grows: salary first, bills, then balances.
    unknown_tenure_years : int
        Age of a relation whose beginning is not recorded.
    keeps_out : tuple of str
        Contact rules that keep a customer off a list.
    complaint_rest_days, refusal_rest_days, contact_rest_days : int
        Days without a contact after a complaint has ended, an offer was declined, a contact was made.
    minor_below_years : int
        Younger customers are on no list.
    list_expires_after_days : int
        A list's life; a rule in force on any day of it keeps out.
    suppression_source_max_age_days : int
        A list is not made where a source was refreshed longer ago.
    default_capacity_per_branch : int
        Customers to contact in a branch where no capacity is given.
    adviser_hours_week : float
        Of a relationship manager for a list's contacts.
    pool_hours_week : float
        Of a branch without a relationship manager.
    branch_budget : float, optional
        Most that a list's contacts may cost in a branch; no limit by default.
    branch_budgets : dict of str to float
        The same for branches that have a budget of their own.
    small_branch_candidates, small_branch_floor : int
        A branch with at most so many candidates has at least so many places, or its candidates' share of the list's
        capacity where that is less.
    levers : Levers
        What would lift a loss-making or break-even customer.
    triggers : Triggers
        Dated events that set a contact off.
    contact_rules : ContactRules
        How often a customer may be contacted, and what a list's file must hold to.
    """

    spontaneous_probability: Share
    hold_out_share: Share
    least_net_gain: float
    floor_in_costs: float = Field(default=2.0, ge=0.0)
    list_minutes_per_branch: float = Field(default=0.0, ge=0.0)
    value_horizon_months: int = Field(default=36, ge=1, le=120)
    discount_annual: float = Field(default=0.08, ge=0.0, le=1.0)
    ramp_months: int = Field(default=6, ge=1)
    unknown_tenure_years: int = Field(default=10, ge=1)
    list_expires_after_days: int = Field(ge=1, le=45)
    suppression_source_max_age_days: int = Field(ge=0)
    keeps_out: tuple[str, ...] = Field(min_length=1)
    complaint_rest_days: int = Field(ge=0)
    refusal_rest_days: int = Field(ge=0)
    contact_rest_days: int = Field(ge=0)
    minor_below_years: int = Field(ge=0)
    default_capacity_per_branch: int = Field(ge=1)
    adviser_hours_week: float = Field(ge=0.0, le=168.0)
    pool_hours_week: float = Field(ge=0.0)
    branch_budget: Money | None = None
    branch_budgets: dict[str, Money] = {}
    small_branch_candidates: int = Field(default=0, ge=0)
    small_branch_floor: int = Field(default=0, ge=0)
    channels: dict[Literal["adviser", "phone", "mobile", "online"], ContactChannel] = Field(min_length=1)
    bundles: dict[str, Bundle] = Field(min_length=1)
    levers: Levers = Levers()
    triggers: Triggers = Triggers()
    contact_rules: ContactRules = ContactRules()

    @property
    def adviser_minutes(self) -> dict[str, float]:
        """Minutes of an adviser that a contact takes, by channel."""
        return {name: channel.adviser_minutes for name, channel in self.channels.items()}

    def floor(self, channel: str) -> float:
        """Net value that a contact must pass.

        Parameters
        ----------
        channel : str
            By which the customer is reached.

        Returns
        -------
        float
        """
        by = self.channels[channel]  # type: ignore[index]
        own = self.floor_in_costs * by.cost if by.least_net_value is None else by.least_net_value
        return max(self.least_net_gain, own)
