"""Every figure the simulator draws from, with the section of DOMAIN.md that it comes from."""

# A figure marked "tuned" stands in no source: it was chosen so that the bank meets the targets of DOMAIN.md 6.5, or so
# that signs of another main bank are as mixed as 6.4 asks. Tuples over the state of the relation are in the order of
# `STATES`.

from __future__ import annotations

from dataclasses import dataclass, field, replace

from segment.banks.simulator.act_parameters import ActParameters

STATES = ("main_here", "split", "elsewhere", "dormant")
"""The true state of a relation (DOMAIN.md 6.3)."""

MAIN_HERE, SPLIT, ELSEWHERE, DORMANT = range(4)

OCCUPATIONS = ("worker", "self_employed", "pensioner", "student", "homemaker")
WORKER, SELF_EMPLOYED, PENSIONER, STUDENT, HOMEMAKER = range(5)

Pair = tuple[float, float]
ByState = tuple[float, float, float, float]


@dataclass(frozen=True)
class PeopleParameters:
    """Persons and households (6.2)."""

    age_bands: tuple[tuple[int, int], ...] = ((18, 26), (26, 35), (35, 45), (45, 56), (56, 67), (67, 86))
    age_probabilities: tuple[float, ...] = (0.12, 0.22, 0.22, 0.20, 0.14, 0.10)
    income_age_factor: tuple[float, ...] = (0.6, 0.9, 1.1, 1.1, 0.75, 0.55)
    wealth_age_factor: tuple[float, ...] = (0.25, 0.6, 1.2, 1.2, 1.8, 2.0)
    # rows: age bands; columns: OCCUPATIONS. 72 % workers and 14 % pensioners in all (6.2)
    occupation_by_age: tuple[tuple[float, ...], ...] = (
        (0.66, 0.05, 0.00, 0.27, 0.02),
        (0.87, 0.08, 0.00, 0.00, 0.05),
        (0.85, 0.10, 0.00, 0.00, 0.05),
        (0.84, 0.10, 0.00, 0.00, 0.06),
        (0.52, 0.09, 0.35, 0.00, 0.04),
        (0.02, 0.03, 0.93, 0.00, 0.02),
    )
    income_median: float = 78_000.0
    income_sigma: float = 0.62
    branch_income_sigma: float = 0.25
    pareto_share: float = 0.05
    pareto_alpha: float = 2.0
    income_cap: float = 5e6
    wealth_to_income_median: float = 0.9
    wealth_to_income_sigma: float = 1.3
    wealth_cap: float = 2e7  # 6e7 on the page, for 60,000 customers
    digital_midpoint_age: float = 58.0
    digital_scale_age: float = 7.0
    digital_noise: float = 0.15
    heaviness_shape: float = 0.11  # tuned: .15 on the page, where no month has an end of business days
    heaviness_redraw_annual: float = 0.25
    group_digital_correlation: float = 0.30
    couple_share: float = 0.45
    couple_same_branch: float = 0.70
    couple_joint_account: float = 0.25
    staff_share: float = 0.005
    thirteenth_salary_share: float = 0.60
    raise_max: float = 0.08
    job_loss_monthly: float = 0.004
    joined_annual: float = 0.06
    marriage_annual: float = 0.015  # of customers, with another customer
    student_family_here: float = 0.70


@dataclass(frozen=True)
class RelationParameters:
    """The relation with the bank, and the traces that it leaves (6.3, 6.4)."""

    state_probabilities: ByState = (0.50, 0.10, 0.25, 0.15)
    state_concentration: float = 60.0  # tuned: Dirichlet of the branches
    wallet_share_beta: tuple[Pair, ...] = ((6, 2.5), (3, 3), (1.2, 12), (1, 150))
    activity: ByState = (1.0, 0.6, 0.25, 0.02)
    demand_share_beta: Pair = (2, 4)
    wealth_share_beta: Pair = (1.6, 4)
    wealth_from: float = 50_000.0
    # rows: from, columns: to, in the order of STATES, a year. 2 % of elsewhere come here by themselves; with
    # `away_annual` it is tuned so that about 5 % of all customers change their main bank in a year and the mix stays
    switching_annual: tuple[ByState, ...] = (
        (0.00, 0.010, 0.000, 0.000),
        (0.05, 0.000, 0.000, 0.000),
        (0.02, 0.020, 0.000, 0.015),
        (0.00, 0.000, 0.000, 0.000),
    )
    switch_boost: float = 3.0
    switch_months: tuple[int, int] = (3, 6)
    # who is paid here. The 14 % of `elsewhere` are paid here by the employer's choice and move the money on
    salary_here: ByState = (0.86, 0.45, 0.14, 0.0)  # main-here without: paid in cash or into a second bank
    pension_here: ByState = (0.86, 0.50, 0.14, 0.0)
    business_here: ByState = (0.80, 0.45, 0.12, 0.0)
    side_pay: ByState = (0.0, 0.12, 0.15, 0.0)  # tuned: a second, smaller salary is paid here and stays
    side_pay_part: Pair = (0.15, 0.35)
    spend_share_beta: tuple[Pair, ...] = ((7, 3), (3, 4), (1.3, 7), (1, 200))
    spend_elsewhere_here: float = 0.30  # tuned: main-elsewhere, but the payment app is bound to our card
    spend_here_elsewhere: float = 0.25  # tuned: main-here, but spends from another bank's card
    bills_probability: ByState = (0.72, 0.50, 0.25, 0.0)
    no_link: float = 0.20  # of `elsewhere`: no visible tie to another bank
    feeder: ByState = (0.10, 0.45, 0.94, 0.0)  # .94 of the linked 80 % is .75 of `elsewhere`
    feeder_income_share: Pair = (0.05, 0.30)
    sweep_beta: Pair = (6, 2)
    just_in_time: float = 0.67
    other_card: ByState = (0.14, 0.22, 0.10, 0.0)  # with the next two: 25-30 % of main-here
    fund_app: ByState = (0.10, 0.12, 0.03, 0.0)
    other_savings_bank: ByState = (0.09, 0.15, 0.02, 0.0)
    other_loan: ByState = (0.05, 0.07, 0.04, 0.0)
    same_name_relative: float = 0.06
    landlord: float = 0.03
    cash_paid: float = 0.09
    mortgage_only: float = 0.06  # of `elsewhere`: here for a mortgage alone
    # who ends the relation, and who moves the main bank away; both as means over the inclinations of 3.8
    leave_annual: ByState = (0.010, 0.014, 0.035, 0.045)
    away_annual: ByState = (0.038, 0.038, 0.0, 0.0)
    departures_with_signs: float = 0.60  # [K] of departures that a customer decides on; the rest shows none
    signs_months: tuple[int, int] = (2, 5)
    first_year_leaves: float = 3.0
    well_off_from: float = 131_000.0  # a fifth of the customers
    mean_inclination: float = 1.2
    partner_follows: float = 0.30
    death_annual: float = 0.007


@dataclass(frozen=True)
class ProductParameters:
    """Products held here and elsewhere, and what they pay (1.1, 6.3)."""

    mortgage: ByState = (0.13, 0.10, 0.07, 0.0)
    mortgage_age_factor: tuple[float, ...] = (0.1, 1.3, 1.6, 1.0, 0.25, 0.02)
    mortgage_elsewhere: float = 0.15
    mortgage_to_income: Pair = (2.3, 0.45)  # median, sigma; tuned with the next, to what loss and capital take (6.5)
    consumer: ByState = (0.10, 0.08, 0.04, 0.0)
    consumer_elsewhere: float = 0.08
    consumer_to_income: Pair = (0.35, 0.6)
    consumer_terms: tuple[int, ...] = (12, 24, 36)
    card: ByState = (0.45, 0.35, 0.20, 0.02)
    card_spend_share: float = 0.45
    revolver: float = 0.22
    revolving_to_income: Pair = (0.08, 0.7)
    insurance: ByState = (0.18, 0.10, 0.03, 0.0)
    insurance_to_income: float = 0.03
    rate_current: float = 0.0020
    rate_savings: float = 0.0050
    rate_term: float = 0.0150
    rate_wealth_growth: float = 0.025
    rate_mortgage: float = 0.0330
    rate_consumer: float = 0.0510
    rate_card: float = 0.1290
    margin_demand: float = 0.015
    margin_term: float = 0.003
    margin_savings: float = 0.0128  # of the reference policy
    margin_wealth: float = 0.004
    margin_mortgage: float = 0.010
    margin_consumer: float = 0.030
    margin_card: float = 0.11
    margin_spend: float = 0.0035
    cost_of_a_relation: float = 60.0  # the other bank's cost of an account in use
    default_annual: tuple[float, float, float] = (0.005, 0.020, 0.025)  # mortgage, consumer, card (1.4)


@dataclass(frozen=True)
class MoneyParameters:
    """What people do with their money (6.4)."""

    pay_noise: float = 0.02
    spend_rate: float = 0.97  # tuned: of income, at the personal ratio of wealth to income
    spend_reversion: float = 0.30
    card_part: float = 0.50
    cash_part: float = 0.08
    payments_annual: float = 180.0  # mobile payments a year at full digital preference
    payments_cap: int = 45
    atm_annual: Pair = (6.0, 8.0)  # 6 + 8·(1 − digital)
    foreign_atm: float = 0.20
    lump_monthly: float = 0.05  # tuned with lump_share: balances move by σ .35 a year
    lump_share: Pair = (0.10, 0.60)
    elsewhere_sigma_monthly: float = 0.05
    window_dressing: float = 0.05
    window_dressing_share: Pair = (0.4, 0.9)
    message_fee_month: float = 3.0
    message_fee_share: float = 0.95
    card_fee_annual: float = 10.0
    credit_card_fee_annual: float = 100.0
    credit_card_fee_waived: float = 0.80
    late_fee: float = 20.0


@dataclass(frozen=True)
class ServiceParameters:
    """Visits, calls, meetings and complaints (6.3, 6.4)."""

    visits_annual: Pair = (2.0, 7.0)  # 2 + 7·(1 − digital)
    visit_scale: float = 8.9  # tuned to the cost of heavy users in 6.5
    visits_cap: int = 22  # a month: every business day
    transactions_per_visit: float = 2.0
    counter_service_share: float = 0.30
    adviser_share: float = 0.04
    adviser_minutes: Pair = (2.0, 15.0)  # gamma shape, scale
    meetings_cap: int = 2  # a month
    calls_per_visit: float = 0.4
    calls_cap: int = 15
    logins_annual: float = 40.0
    manager_from: float = 300_000.0
    manager_meetings: float = 3.0  # a year
    complaint_annual: float = 0.01
    complaint_before_departure: float = 0.10  # a month in which the signs show
    open_from: int = 9  # o'clock; a part of the day profile is an hour
    day_profile: tuple[float, ...] = (0.12, 0.17, 0.16, 0.10, 0.09, 0.13, 0.13, 0.10)  # of visits and meetings
    away_from: int = 7  # calls and sessions, evenly between these hours
    away_to: int = 22
    customers_per_counter: int = 250
    open_days_week: int = 5


@dataclass(frozen=True)
class LifeParameters:
    """Life events a year (6.4)."""

    child: float = 0.02
    home: float = 0.025  # aged 26 to 56
    inheritance: float = 0.004
    divorce: float = 0.006
    migration: float = 0.008
    employers_leave: bool = True
    staff_follow: float = 0.60  # of those paid here whose employer leaves: their main bank goes with it
    wedding_gifts_to_income: float = 0.25
    birth_grant_to_income: float = 0.15
    inheritance_to_income: Pair = (1.5, 0.8)


@dataclass(frozen=True)
class RecordParameters:
    """What the bank records about its customers, and how well (2.4, 6.4)."""

    survey_share: float = 0.04
    survey_lean: float = 0.55  # tuned: the mean of what makes people answer
    survey_wrong: float = 0.07
    survey_wallet_known: float = 0.70
    survey_wallet_sigma: float = 0.5
    no_consent: float = 0.12
    opt_out_annual: float = 0.02
    vulnerable: float = 0.02
    basic_account: float = 0.01
    fee_exempt: float = 0.03
    litigation: float = 0.001
    customers_per_branch: int = 300
    fewest_branches: int = 4


@dataclass(frozen=True)
class Parameters:
    """All parameters of a simulated bank."""

    people: PeopleParameters = field(default_factory=PeopleParameters)
    relation: RelationParameters = field(default_factory=RelationParameters)
    product: ProductParameters = field(default_factory=ProductParameters)
    money: MoneyParameters = field(default_factory=MoneyParameters)
    service: ServiceParameters = field(default_factory=ServiceParameters)
    life: LifeParameters = field(default_factory=LifeParameters)
    record: RecordParameters = field(default_factory=RecordParameters)
    acts: ActParameters = field(default_factory=ActParameters)


def _with_service(shape: float, scale: float) -> Parameters:
    """A bank with lower fees, whose customers use another amount of service, less unequally."""
    base = Parameters()
    return replace(
        base,
        people=replace(base.people, heaviness_shape=shape),
        service=replace(base.service, visit_scale=scale),
        money=replace(base.money, message_fee_month=1.0),
    )


SETTINGS: dict[str, Parameters] = {
    "base": Parameters(),
    "thin": _with_service(0.25, 6.7),
    "cn": _with_service(0.25, 3.2),
}
"""The settings of DOMAIN.md 6.5, each calibrated to its row there (`tests/banks/simulator/test_settings.py`)."""
