"""What is decided about a customer: tiers, main bank, wallet, clusters and who is contacted."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from segment.policy.section import Money, Section, Share

Tier = Literal["high_value", "valuable", "break_even", "loss_making"]
ShareRange = tuple[Share, Share]


class TierRanges(Section):
    """Shares of customers per tier that raise no alarm."""

    high_value: ShareRange
    valuable: ShareRange
    break_even: ShareRange
    loss_making: ShareRange


class Tiers(Section):
    """The borders between tiers, on the blended contribution B of each customer.

    `B = own_weight * last 12 months + (1 - own_weight) * next 12 months predicted`. Shares `_of_mean_cost` are of the
    mean cost of an active, seasoned customer in twelve months.
    """

    own_weight: Share
    winsor_quantile: Annotated[float, Field(ge=0, lt=0.5)]
    epsilon_of_mean_cost: Share
    coverage_low: float = Field(gt=0, le=1)
    coverage_high: float = Field(ge=1)
    band_cap_of_mean_cost: Money
    high_multiple: float = Field(ge=1)
    high_coverage: float = Field(ge=1)
    reference_floor_of_mean_cost: Share
    shrinkage_customers: float = Field(gt=0)
    pooled_below_customers: int = Field(ge=1)
    growth_probability: Share
    growth_coverage: float = Field(ge=1)
    new_below_months: int = Field(ge=1)
    provisional_below_months: int = Field(ge=1)
    seasoning_months: float = Field(gt=0)
    dormant_after_months: int = Field(ge=1)
    guard_margin_of_mean_cost: Share
    high_value_per_manager: int | None = Field(default=None, ge=1)
    leave_out_staff: bool
    ranges: TierRanges


class MainBankWeights(Section):
    """Log-odds of the scorecard, one per signal; positive speaks for a main bank elsewhere."""

    intercept: float
    salary_months: float
    inflow_share: float
    bills: float
    spend_weeks: float
    retained_after_10_days: float
    logins: float
    benefits: float
    own_in_share: float
    sweep_share: float
    just_in_time_loan: float
    other_bank_card: float
    other_bank_loan: float
    drain: float
    single_product: float
    no_salary: float


class MainBankLinks(Section):
    """Smallest value of a signal that proves a bank elsewhere."""

    own_in_share: Share
    sweep_share: Share
    just_in_time_loan: Share
    other_bank_card: Share
    other_bank_loan: Share
    drain: Share


class MainBank(Section):
    """When a customer's main account is taken to be at another bank."""

    elsewhere_from: Share
    here_up_to: Share
    here_salary_months_from: Share
    here_inflow_share_from: Share
    base_rate: Share
    least_known_signals: Share
    monthly_floor: Money
    expected_income_month: Money
    prior_sd: float = Field(gt=0)
    learn_from_labels: int = Field(ge=1)
    weights: MainBankWeights
    links: MainBankLinks

    @model_validator(mode="after")
    def _here_below_elsewhere(self) -> Self:
        if self.here_up_to >= self.elsewhere_from:
            raise ValueError("`here_up_to` must be below `elsewhere_from`")
        return self


class Wallet(Section):
    """The business that a customer gives other banks.

    Attributes
    ----------
    least_main_here : int
        Customers known to be main-here below which the quantile model is not fitted and links alone count.
    deposit_margin_annual, loan_margin_annual, card_margin_annual : float
        What a unit of volume moved here would earn in a year, after the cost that comes with it.
    loan_years_left : float
        Years of instalments that a loan at another bank still runs: its volume is so many years' instalments.
    worth_moving_of_reference : float
        Least wallet elsewhere for the flag, in multiples of the branch's reference contribution.
    """

    main_here_up_to: Share
    least_main_here: int = Field(ge=20)
    quantiles: tuple[Annotated[float, Field(gt=0, lt=1)], Annotated[float, Field(gt=0, lt=1)]]
    deposit_margin_annual: float = Field(ge=0, le=1)
    loan_margin_annual: float = Field(ge=0, le=1)
    card_margin_annual: float = Field(ge=0, le=1)
    loan_years_left: float = Field(ge=0)
    worth_moving_of_reference: Money


class Clustering(Section):
    """The search for clusters."""

    clusters: tuple[int, ...] = Field(min_length=1)
    border_sharpness: tuple[float, ...] = Field(min_length=1)
    behaviour_weight: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=1)
    bootstraps: int = Field(ge=2)
    sample: int = Field(ge=100)
    least_customers: int = Field(ge=10)


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
    moved_share : float
        Share of the potential expected to come when the customer accepts.
    incentive : float
        Paid once when the customer accepts.
    """

    name: str
    for_tiers: tuple[Tier, ...]
    for_main_bank_elsewhere: bool | None = None
    needs_products: tuple[str, ...] = ()
    lacks_products: tuple[str, ...] = ()
    moved_share: Share
    incentive: Money


class ContactChannel(Section):
    """How a customer is reached: cost of a contact and the odds before any outcome is known."""

    cost: Money
    conversion_probability: Share


class Upgrade(Section):
    """Upgrade-potential lists.

    Attributes
    ----------
    spontaneous_probability : float
        Odds that a customer moves without any contact.
    control_share : float
        Share of the eligible customers that is kept back, so that the effect can be measured.
    least_net_gain : float
        A customer whose best offer is expected to bring no more than this is not on the list.
    keeps_out : tuple of str
        Contact rules that keep a customer off a list.
    complaint_rest_days, refusal_rest_days, contact_rest_days : int
        Days without a contact after a complaint has ended, an offer was declined, a contact was made.
    minor_below_years : int
        Younger customers are on no list.
    """

    spontaneous_probability: Share
    control_share: Share
    least_net_gain: float
    list_expires_after_days: int = Field(ge=1, le=45)
    suppression_source_max_age_days: int = Field(ge=0)
    keeps_out: tuple[str, ...] = Field(min_length=1)
    complaint_rest_days: int = Field(ge=0)
    refusal_rest_days: int = Field(ge=0)
    contact_rest_days: int = Field(ge=0)
    minor_below_years: int = Field(ge=0)
    default_capacity_per_branch: int = Field(ge=1)
    channels: dict[Literal["adviser", "phone", "mobile", "online"], ContactChannel] = Field(min_length=1)
    bundles: dict[str, Bundle] = Field(min_length=1)
