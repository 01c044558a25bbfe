"""What is decided about a customer: tiers, main bank and clusters."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from segment.exceptions import ValueFault
from segment.policy.cost_of_error import CostOfError
from segment.policy.ledger_signals import LedgerSignals
from segment.policy.section import Money, Section, Share
from segment.policy.stability import Stability
from segment.policy.tier_ranges import TierRanges

Tier = Literal["high_value", "valuable", "break_even", "loss_making"]


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
    winsor_least_customers : int
        Peer groups with fewer customers in a month are cut at the bank's quantiles.
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
        Where borders decide: how far beyond a border own figures must lie to overrule the cluster.
    notable_of_mean_cost : float
        A line of the accounting of so much in twelve months may be named among the reasons of a tier.
    high_value_per_manager : int, optional
        Most high-value customers a relationship manager can serve; the rest of them are valuable.
    household_floor : bool
        Nobody stands more than one tier below the tier of the household taken as one customer.
    leave_out_staff : bool
        Staff are not tiered.
    decide_by : str
        `clusters`: the tier of the customer's cluster, which is least costly for the odds of its customers together,
        unless the own odds speak clearly against it; `expected_cost`: the tier that is least costly for the own odds;
        `borders`: the tier that the blended contribution falls into.
    early_warning_from : float
        Probability of a lower tier from which the reasons of a high-value or valuable customer say so.
    departure_warning_from : float
        Probability to leave within six months, and to move the main bank away, from which the bank is warned too.
    credit_share_of_loss : float
        From this share on, of what a loss-making customer loses, credit makes it a loss by credit (`loss_credit`).
    cost_of_error : table
        What serving a customer wrongly costs.
    stability : table
        How long a tier is kept, and who may set it by hand.
    ranges : table
        Shares of customers per tier that raise no alarm.
    """

    own_weight: Share
    winsor_quantile: Annotated[float, Field(ge=0, lt=0.5)]
    winsor_least_customers: int = Field(default=200, ge=1)
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
    notable_of_mean_cost: Money = 0.25
    high_value_per_manager: int | None = Field(default=None, ge=1)
    household_floor: bool = False
    leave_out_staff: bool
    decide_by: Literal["clusters", "expected_cost", "borders"] = "borders"
    early_warning_from: Share = 0.5
    departure_warning_from: Share = 0.035
    credit_share_of_loss: Share = 0.5
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
        Probability from which, with a proven link, the state is `main_elsewhere`, while neither labels nor
        `elsewhere_share` say what probabilities are worth.
    elsewhere_share : float, optional
        Share of the customers who use their account that bank mainly elsewhere, by a survey or a figure of the market.
        The level of the probabilities follows it, as far as labels do not say otherwise.
    flag_precision : float
        Share of those called `main_elsewhere` that is to be so, by their own probabilities: it sets the cut where
        labels or `elsewhere_share` give the level.
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
    expert_labels : float
        Labels of each kind that the expert's weights weigh as much as: what n labels of each say weighs
        n / (n + expert_labels).
    label_error : float
        Share of labels that are wrong.
    label_months : int
        By which a label may lie from the snapshot that it is learned with; older ones than that are not used.
    most_response_weight : float
        Largest weight of a label of somebody who seldom answers.
    alive_from : float
        Sum of the signals that need an act from which the absence of others means something.
    saving_up_to, forwarded_from : float
        Share of large inflows moved to an own account elsewhere up to which that is saving, and from which the income
        merely passes through.
    level_from_customers : int
        Customers whom the expert's level weighs as much as beside the one at which `base_rate` of the bank's own come
        out above it.
    round_amount : float
        Round amounts are multiples of it.
    survey_elsewhere : float
        Labels elsewhere for each label here up to which they are answers to a survey; those beyond are a list of some.
    flag_beta : float
        How much recall counts beside precision where the cut is set (F measure): below 1 precision counts more.
    signals : table
        How bookings become signals.
    gates : table
        What learned probabilities must reach.
    """

    retired: ClassVar[frozenset[str]] = frozenset({"learn_from_labels", "learn_freely_from_labels"})

    elsewhere_from: Share
    elsewhere_share: float | None = Field(default=None, gt=0, lt=1)
    flag_precision: float = Field(default=0.85, ge=0.5, lt=1)
    here_up_to: Share
    here_salary_months_from: Share
    here_inflow_share_from: Share
    base_rate: Share
    least_known_signals: Share
    monthly_floor: Money
    expected_income_month: Money
    prior_sd: float = Field(gt=0)
    expert_labels: float = Field(default=50.0, gt=0)
    label_error: float = Field(default=0.07, ge=0, lt=0.5)
    label_months: int = Field(default=12, ge=0)
    most_response_weight: float = Field(default=10.0, ge=1)
    alive_from: float = Field(default=0.25, gt=0)
    saving_up_to: Share = 0.30
    forwarded_from: Share = 0.60
    level_from_customers: int = Field(default=200, ge=1)
    round_amount: float = Field(default=100.0, gt=0)
    flag_beta: float = Field(default=0.4, gt=0)
    survey_elsewhere: float = Field(default=3.0, gt=0)
    signals: LedgerSignals = LedgerSignals()
    weights: MainBankWeights
    links: MainBankLinks
    gates: MainBankGates = MainBankGates()

    @model_validator(mode="after")
    def _here_below_elsewhere(self) -> Self:
        if self.here_up_to >= self.elsewhere_from:
            raise ValueFault.of("errors.policy.here_elsewhere")
        if self.saving_up_to >= self.forwarded_from:
            raise ValueFault.of("errors.policy.saving_forwarded")
        return self


class Clustering(Section):
    """The search for clusters.

    Attributes
    ----------
    clusters, behaviour_weight, guard_margin : list
        Values to try: number of clusters, how much behaviour counts beside the odds of the tiers, and how much dearer
        the cluster's tier may be than the cheapest by a customer's own odds (in `cost_of_error`) before these decide.
    most_guarded : float
        Share of the customers of earlier dates whom their own odds may overrule, while some setting keeps to it.
    bootstraps : int
        Samples that stability is measured on.
    sample : int
        Customers that clusters are learned from, at most.
    """

    retired: ClassVar[frozenset[str]] = frozenset({"least_customers", "border_sharpness"})

    clusters: tuple[int, ...] = Field(min_length=1)
    behaviour_weight: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=1)
    guard_margin: tuple[Annotated[float, Field(ge=0)], ...] = Field(default=(0.25,), min_length=1)
    most_guarded: Share = 0.04
    bootstraps: int = Field(ge=2)
    sample: int = Field(ge=100)
