"""Persons and households: the hidden truth about who they are (DOMAIN.md 6.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segment.banks.simulator.calendar import Month
from segment.banks.simulator.draws import NEVER, NONE, BoolArray, CustomerStream, FloatArray, Generator, IntArray
from segment.banks.simulator.parameters import PENSIONER, STUDENT, WORKER, PeopleParameters

PAYDAYS = (5, 10, 15, 25, 31)
"""Salary days of the month; 31 stands for the last."""

PARENTS_BAND = 3
"""Age band of the parents of students: 45 to 56."""


@dataclass
class Branches:
    """Outlets: where they are, and how well off the people around them are."""

    region: IntArray
    kind: IntArray
    income_effect: FloatArray

    @property
    def count(self) -> int:
        """Number of outlets."""
        return len(self.region)


@dataclass
class Employers:
    """Who pays the workers: few large ones and many small."""

    share: FloatArray
    payday: IntArray

    def of_size(self, rank: int) -> int:
        """The employer that comes at a rank by the number of its people, 0 being the largest."""
        order = np.argsort(-self.share, kind="stable")
        return int(order[min(rank, len(order) - 1)])


@dataclass
class Population:
    """One entry per customer, in the order of the customer ids; incomes are a year's, after tax."""

    # `habit` is a large number from which small lasting habits follow: a day of the month, a biller, a bank.
    age_band: IntArray
    birth_day: IntArray
    female: BoolArray
    group: BoolArray
    branch: IntArray
    region: IntArray
    partner: IntArray
    betrothed: IntArray  # whom one marries, if it is another customer
    wedding: IntArray  # month index of that
    parent: IntArray  # of a student whose family banks here
    has_child: BoolArray
    household: IntArray
    occupation: IntArray
    income: FloatArray
    wealth: FloatArray
    wealth_ratio: FloatArray
    digital: FloatArray
    heaviness: FloatArray
    price_sensitivity: FloatArray
    risk: FloatArray
    employer: IntArray
    employers: Employers
    payday: IntArray
    thirteenth: BoolArray
    raise_month: IntArray
    joined: IntArray
    left: IntArray
    died: IntArray
    workless_until: IntArray
    staff: BoolArray
    habit: IntArray

    @property
    def count(self) -> int:
        """Number of customers, past and future."""
        return len(self.income)

    def age_on(self, day: int) -> FloatArray:
        """Age in years on a day."""
        return (day - self.birth_day) / 365.25


def draw_branches(general: Generator, count: int, income_sigma: float) -> Branches:
    """Draw outlets: kind 0 urban, 1 suburban, 2 rural, 3 business."""
    effect = np.exp(general.normal(0.0, income_sigma, count))
    return Branches(
        region=np.sort(general.integers(0, max(2, count // 6), count)),
        kind=general.choice(4, count, p=[0.40, 0.30, 0.22, 0.08]),
        # outlets differ, and one bank is about as well off as the next
        income_effect=effect / effect.mean() * np.exp(income_sigma**2 / 2),
    )


def draw_employers(general: Generator, customers: int) -> Employers:
    """Draw employers: the larger the rarer."""
    count = max(5, customers // 60)
    weight = np.bincount(np.arange(1, 200 * count + 1) % count, np.arange(1, 200 * count + 1) ** -1.4)
    return Employers(weight / weight.sum(), np.array(PAYDAYS)[general.integers(0, len(PAYDAYS), count)])


def _incomes(rng: CustomerStream, p: PeopleParameters, everyone: IntArray, factor: FloatArray) -> FloatArray:
    income = p.income_median * rng.lognormal(everyone, 0.0, p.income_sigma) * factor
    top = rng.chance(everyone, p.pareto_share)
    tail = np.quantile(income, 0.90) * rng.random(everyone) ** (-1.0 / p.pareto_alpha)
    drawn: FloatArray = np.minimum(np.where(top, tail, income), p.income_cap)
    return drawn


def _pairs(
    rng: CustomerStream, p: PeopleParameters, age: FloatArray, branch: IntArray, months: int
) -> tuple[IntArray, IntArray]:
    """Pair adults of similar age, who often bank at one outlet; some marry later. Returns the other and the wedding."""
    everyone = np.arange(len(age))
    later = p.marriage_annual * months / 12
    adults = np.flatnonzero((age >= 24) & rng.chance(everyone, (p.couple_share + later) / 0.9))
    adults = adults[np.argsort(age[adults] + rng.normal(adults, 0.0, 1.5), kind="stable")]
    first, second = adults[: len(adults) // 2 * 2 : 2], adults[1 : len(adults) // 2 * 2 : 2]
    other = np.full(len(age), NONE, dtype=np.int64)
    other[first], other[second] = second, first
    same = rng.chance(first, p.couple_same_branch)
    branch[second[same]] = branch[first[same]]
    wedding = np.full(len(age), NEVER, dtype=np.int64)
    wedding[first] = np.where(rng.chance(first, later / (p.couple_share + later)), rng.integers(first, 0, months), NONE)
    wedding[second] = wedding[first]
    return other, wedding


def _parents(rng: CustomerStream, p: PeopleParameters, single: IntArray, band: IntArray, branch: IntArray) -> IntArray:
    """Find the families of single students: most bank here, at the same outlet."""
    families = np.flatnonzero(band == PARENTS_BAND)
    parent = np.full(len(band), NONE, dtype=np.int64)
    known = single[rng.chance(single, p.student_family_here if len(families) else 0.0)]
    parent[known] = families[rng.integers(known, 0, len(families))]
    branch[known] = branch[parent[known]]
    return parent


def _joined(
    rng: CustomerStream, p: PeopleParameters, everyone: IntArray, age: FloatArray, months: list[Month]
) -> IntArray:
    """Days of joining: most before the first month, the rest spread over the months simulated."""
    start, end = months[0].first, months[-1].last
    growth = p.joined_annual * len(months) / 12.0
    new = rng.chance(everyone, growth / (1.0 + growth))
    long_ago = -np.log(rng.random(everyone)) * 8.0 * 365
    since = np.minimum(long_ago + 30, np.maximum(age - 16.0, 0.5) * 365)
    old_day = (start - since).astype(np.int64)
    return np.where(new, rng.integers(everyone, start, end - 3), old_day)


def _digital(rng: CustomerStream, p: PeopleParameters, age: FloatArray, group: BoolArray) -> FloatArray:
    """Digital preference falls with age, and is correlated with a hidden attribute that audits must find."""
    base = 1.0 / (1.0 + np.exp((age - p.digital_midpoint_age) / p.digital_scale_age))
    noisy = base + rng.normal(np.arange(len(age)), 0.0, p.digital_noise)
    # a shift of d between two equal groups gives a correlation of (d/2) / sqrt(var + d²/4)
    half = p.group_digital_correlation * noisy.std() / np.sqrt(1.0 - p.group_digital_correlation**2)
    shifted: FloatArray = np.clip(noisy + np.where(group, half, -half), 0.02, 0.99)
    return shifted


def draw_people(
    rng: CustomerStream, general: Generator, p: PeopleParameters, count: int, branches: Branches, months: list[Month]
) -> Population:
    """Draw every customer who is ever with the bank in the months simulated."""
    everyone = np.arange(count)
    band = rng.pick(everyone, p.age_probabilities)
    low, high = np.array(p.age_bands, dtype=np.float64)[band].T
    age = low + (high - low) * rng.random(everyone)
    branch = rng.pick(everyone, general.dirichlet(np.full(branches.count, 6.0)))
    other, wedding = _pairs(rng, p, age, branch, len(months))
    occupation = rng.pick(everyone, np.array(p.occupation_by_age)[band])
    parent = _parents(rng, p, np.flatnonzero((occupation == STUDENT) & (other == NONE)), band, branch)
    factor = np.array(p.income_age_factor)[band] * branches.income_effect[branch]
    income = _incomes(rng, p, everyone, factor * np.where(occupation == STUDENT, 0.6, 1.0))
    ratio = p.wealth_to_income_median * rng.lognormal(everyone, 0.0, p.wealth_to_income_sigma)
    ratio = np.minimum(ratio * np.array(p.wealth_age_factor)[band], p.wealth_cap / income)
    group = rng.chance(everyone, 0.5)
    employers = draw_employers(general, count)
    employer = np.where(occupation == WORKER, rng.pick(everyone, employers.share), NONE)
    female = rng.chance(everyone, 0.5)
    second = np.flatnonzero((other >= 0) & (other < everyone))
    female[second] = ~female[other[second]]
    partner = np.where(wedding == NONE, other, NONE)
    household = np.where(partner >= 0, np.minimum(partner, everyone), everyone)
    household = np.where(parent >= 0, household[parent], household)
    return Population(
        age_band=band,
        birth_day=(months[0].first - age * 365.25).astype(np.int64),
        female=female,
        group=group,
        branch=branch,
        region=branches.region[branch],
        partner=partner,
        betrothed=other,
        wedding=wedding,
        parent=parent,
        has_child=np.zeros(count, dtype=np.bool_),
        household=household,
        occupation=occupation,
        income=income,
        wealth=income * ratio,
        wealth_ratio=ratio,
        digital=_digital(rng, p, age, group),
        heaviness=rng.gamma(everyone, p.heaviness_shape, 1.0 / p.heaviness_shape),
        price_sensitivity=rng.random(everyone),
        risk=rng.lognormal(everyone, -0.125, 0.5),
        employer=employer,
        employers=employers,
        payday=np.where(occupation == PENSIONER, rng.integers(everyone, 10, 21), employers.payday[employer]),
        thirteenth=rng.chance(everyone, p.thirteenth_salary_share),
        raise_month=rng.integers(everyone, 1, 13),
        joined=_joined(rng, p, everyone, age, months),
        left=np.full(count, NEVER, dtype=np.int64),
        died=np.full(count, NEVER, dtype=np.int64),
        workless_until=np.full(count, -NEVER, dtype=np.int64),
        staff=rng.chance(everyone, p.staff_share),
        habit=rng.integers(everyone, 0, 1 << 30),
    )
