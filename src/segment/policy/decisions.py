"""What is decided about a customer: tiers, main bank, wallet and clusters."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from segment.policy.cost_of_error import CostOfError
from segment.policy.section import Money, Section, Share
from segment.policy.stability import Stability

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

    Attributes
    ----------
    own_weight : float
        Weight of the last twelve months in B.
    winsor_quantile : float
        Months are cut at this quantile and at one less it, within the peer group, for tiers only.
    epsilon_of_mean_cost : float
        So small a B is break-even, whatever the cost: cents never decide.
    coverage_low, coverage_high : float
        Cost coverage 1 + B / cost between these is break-even too,
    band_cap_of_mean_cost : float
        but only up to so large a B: a big borrower with a thin margin is no break-even customer.
    high_multiple, high_coverage : float
        High-value takes so many times the branch's reference, and so much coverage.
    reference_floor_of_mean_cost : float
        Least reference of a branch, so that a loss-making one still has a yardstick.
    shrinkage_customers : float
        Customers that the peers' mean weighs as much as, where the branches' own figures cannot say.
    pooled_below_customers : int
        Branches with fewer take the peers' mean entirely.
    growth_probability, growth_coverage : float
        Break-even becomes valuable where the next twelve months cover the cost so well with this probability.
    new_below_months, provisional_below_months : int
        Younger relations are new (break-even, never loss-making) or provisional (blended with the peers).
    seasoning_months : float
        A provisional customer's own figures weigh m / (m + this) after m months.
    dormant_after_months : int
        Without anything begun by the customer for so long.
    guard_margin_of_mean_cost : float
        How far beyond a border own figures must lie to overrule the cluster.
    high_value_per_manager : int, optional
        Most high-value customers a relationship manager can serve; the rest of them are valuable.
    leave_out_staff : bool
        Staff are not tiered.
    decide_by : str
        `borders`: the tier that the blended contribution falls into; `expected_cost`: the tier whose expected cost of
        serving the customer wrongly is least, given the odds of the next twelve months.
    early_warning_from : float
        Probability of a lower tier from which the reasons of a high-value or valuable customer say so.
    cost_of_error : table
        What serving a customer wrongly costs.
    stability : table
        How long a tier is kept, and who may set it by hand.
    ranges : table
        Shares of customers per tier that raise no alarm.
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
    decide_by: Literal["borders", "expected_cost"] = "borders"
    early_warning_from: Share = 0.5
    cost_of_error: CostOfError = CostOfError()
    stability: Stability = Stability()
    ranges: TierRanges


class MainBankWeights(Section):
    """Log-odds of the scorecard, one per signal; positive speaks for a main bank elsewhere.

    A policy written before a signal was known gives it no weight.
    """

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
    spend_gap: float = 0.0
    securities_out: float = 0.0
    no_salary: float


class MainBankLinks(Section):
    """Smallest value of a signal that proves a bank elsewhere."""

    own_in_share: Share
    sweep_share: Share
    just_in_time_loan: Share
    other_bank_card: Share
    other_bank_loan: Share
    drain: Share
    own_in_share_12m: Share = 0.1


class MainBankGates(Section):
    """What learned probabilities must reach on labels that they were not learned from.

    Where they do not, the scorecard's answers stand and are marked as an expert's.

    Attributes
    ----------
    least_labels : int
        Labels needed to say.
    roc_auc_from : float
        Least area under the ROC curve.
    calibration_error_up_to : float
        Largest expected calibration error, ten bins of equal count.
    slope : list
        Least and largest slope of the calibration.
    """

    least_labels: int = Field(default=300, ge=1)
    roc_auc_from: Share = 0.75
    calibration_error_up_to: Share = 0.05
    slope: tuple[float, float] = (0.8, 1.25)


class MainBank(Section):
    """When a customer's main account is taken to be at another bank.

    Attributes
    ----------
    elsewhere_from : float
        Probability from which, with a proven link, the state is `main_elsewhere`.
    here_up_to, here_salary_months_from, here_inflow_share_from : float
        Up to this probability, with salaries in so many months or so much of the income here, it is `main_here`.
    base_rate : float
        Answer where too little is known.
    least_known_signals : float
        Share of the signals that must be known.
    monthly_floor : float
        Smallest money a month whose share says something.
    expected_income_month : float
        Income a customer is expected to have, where the bank's own salaries cannot say.
    prior_sd : float
        How far labels may move a weight, in log-odds.
    learn_from_labels : int
        Labels of each kind from which the weights are learned.
    learn_freely_from_labels : int
        Labels of each kind from which a learner that owes nothing to the weights may take over.
    label_error : float
        Share of labels that are wrong.
    most_response_weight : float
        Largest weight of a label of somebody who seldom answers.
    alive_from : float
        Sum of the signals that need an act from which the absence of others means something.
    saving_up_to, forwarded_from : float
        Share of large inflows moved to an own account elsewhere up to which that is saving, and from which the income
        merely passes through.
    level_from_customers : int
        Customers from which the scorecard's level is set so that `base_rate` of them come out above it.
    round_amount : float
        Round amounts are multiples of it.
    gates : table
        What learned probabilities must reach.
    """

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
    learn_freely_from_labels: int = Field(default=200, ge=1)
    label_error: float = Field(default=0.07, ge=0, lt=0.5)
    most_response_weight: float = Field(default=10.0, ge=1)
    alive_from: float = Field(default=0.25, gt=0)
    saving_up_to: Share = 0.30
    forwarded_from: Share = 0.60
    level_from_customers: int = Field(default=200, ge=1)
    round_amount: float = Field(default=100.0, gt=0)
    weights: MainBankWeights
    links: MainBankLinks
    gates: MainBankGates = MainBankGates()

    @model_validator(mode="after")
    def _here_below_elsewhere(self) -> Self:
        if self.here_up_to >= self.elsewhere_from:
            raise ValueError("`here_up_to` must be below `elsewhere_from`")
        if self.saving_up_to >= self.forwarded_from:
            raise ValueError("`saving_up_to` must be below `forwarded_from`")
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
    quantiles : list
        Of the wallet; the first is what is published.
    main_here_up_to : float
        Customers up to this probability teach what a whole wallet is.
    main_here_share : float
        Part of the deposits, wealth and spending of such customers that is here; the rest of their wallet is elsewhere.
    worth_moving_of_reference : float
        Wallet elsewhere that is worth moving, in multiples of the branch's reference contribution, unless a smaller one
        already pays for a contact.
    worth_moving_chance : float
        Chance of such a wallet from which a customer is served as having one.
    worth_moving_top_share : float
        Of the candidates, those with the largest wallets elsewhere are worth moving too.
    """

    main_here_up_to: Share
    main_here_share: float = Field(gt=0, le=1)
    least_main_here: int = Field(ge=20)
    quantiles: tuple[Annotated[float, Field(gt=0, lt=1)], Annotated[float, Field(gt=0, lt=1)]]
    deposit_margin_annual: float = Field(ge=0, le=1)
    loan_margin_annual: float = Field(ge=0, le=1)
    card_margin_annual: float = Field(ge=0, le=1)
    loan_years_left: float = Field(ge=0)
    worth_moving_of_reference: Money
    worth_moving_chance: float = Field(gt=0, lt=1)
    worth_moving_top_share: Share


class Clustering(Section):
    """The search for clusters.

    Attributes
    ----------
    clusters, border_sharpness, behaviour_weight : list
        Values to try: number of clusters, how sharply they see the borders, how much behaviour counts.
    bootstraps : int
        Samples that stability is measured on.
    sample : int
        Customers that clusters are learned from, at most.
    least_customers : int
        Fewer are not clustered.
    """

    clusters: tuple[int, ...] = Field(min_length=1)
    border_sharpness: tuple[float, ...] = Field(min_length=1)
    behaviour_weight: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=1)
    bootstraps: int = Field(ge=2)
    sample: int = Field(ge=100)
    least_customers: int = Field(ge=10)
