"""Persons and households: the hidden truth about who they are (DOMAIN.md 6.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from segment.ledger.simulator.calendar import Month
from segment.ledger.simulator.draws import (
    NONE,
    BoolArray,
    FloatArray,
    Generator,
    IntArray,
    chance,
    gamma_mean_one,
    pick,
)
from segment.ledger.simulator.parameters import PENSIONER, STUDENT, WORKER, PeopleParameters

NEVER = 10**6
"""A day that does not come."""

PAYDAYS = (5, 10, 15, 25, 31)
"""Salary days of the month; 31 stands for the last."""


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
class People:
    """One entry per customer, in the order of the customer ids; incomes are a year's, after tax.

    `habit` is a large number from which small lasting habits follow: a day of the month, a biller, a bank.
    """

    age_band: IntArray
    birth_day: IntArray
    female: BoolArray
    group: BoolArray
    branch: IntArray
    partner: IntArray
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


def draw_branches(rng: Generator, count: int, income_sigma: float) -> Branches:
    """Draw outlets: kind 0 urban, 1 suburban, 2 rural, 3 business."""
    return Branches(
        region=np.sort(rng.integers(0, max(2, count // 6), count)),
        kind=pick(rng, [0.40, 0.30, 0.22, 0.08], count),
        income_effect=np.exp(rng.normal(0.0, income_sigma, count)),
    )


def _incomes(rng: Generator, p: PeopleParameters, factor: FloatArray) -> FloatArray:
    count = len(factor)
    income = p.income_median * np.exp(rng.normal(0.0, p.income_sigma, count)) * factor
    top = chance(rng, np.full(count, p.pareto_share))
    tail = np.quantile(income, 0.90) * (1.0 - rng.random(count)) ** (-1.0 / p.pareto_alpha)
    drawn: FloatArray = np.minimum(np.where(top, tail, income), p.income_cap)
    return drawn


def _couples(rng: Generator, p: PeopleParameters, age: FloatArray, branch: IntArray) -> IntArray:
    """Pair adults of similar age; the second often banks at the first's outlet."""
    partner = np.full(len(age), NONE, dtype=np.int64)
    adults = np.flatnonzero((age >= 24) & chance(rng, np.full(len(age), p.couple_share / 0.9)))
    adults = adults[np.argsort(age[adults] + rng.normal(0.0, 1.5, len(adults)), kind="stable")]
    first, second = adults[: len(adults) // 2 * 2 : 2], adults[1 : len(adults) // 2 * 2 : 2]
    partner[first], partner[second] = second, first
    same = chance(rng, np.full(len(first), p.couple_same_branch))
    branch[second[same]] = branch[first[same]]
    return partner


def _joined(rng: Generator, p: PeopleParameters, age: FloatArray, months: list[Month]) -> IntArray:
    """Days of joining: most before the first month, the rest spread over the months simulated."""
    count, start, end = len(age), months[0].first, months[-1].last
    growth = p.joined_annual * len(months) / 12.0
    new = chance(rng, np.full(count, growth / (1.0 + growth)))
    since = np.minimum(rng.exponential(8.0 * 365, count) + 30, np.maximum(age - 16.0, 0.5) * 365)
    old_day = (start - since).astype(np.int64)
    return np.where(new, rng.integers(start, end - 3, count), old_day)


def _digital(rng: Generator, p: PeopleParameters, age: FloatArray, group: BoolArray) -> FloatArray:
    """Digital preference falls with age, and is correlated with a hidden attribute that audits must find."""
    base = 1.0 / (1.0 + np.exp((age - p.digital_midpoint_age) / p.digital_scale_age))
    noisy = base + rng.normal(0.0, p.digital_noise, len(age))
    # a shift of d between two equal groups gives a correlation of (d/2) / sqrt(var + d²/4)
    half = p.group_digital_correlation * noisy.std() / np.sqrt(1.0 - p.group_digital_correlation**2)
    shifted: FloatArray = np.clip(noisy + np.where(group, half, -half), 0.02, 0.99)
    return shifted


def _employers(rng: Generator, occupation: IntArray) -> tuple[IntArray, IntArray]:
    """Employers of workers, few large and many small, and the day of the month on which each person is paid."""
    count = len(occupation)
    employers = max(5, count // 60)
    employer = np.where(occupation == WORKER, rng.zipf(1.4, count) % employers, NONE)
    paydays = np.array(PAYDAYS)[rng.integers(0, len(PAYDAYS), employers)]
    pension_day = rng.integers(10, 21, count)
    return employer, np.where(occupation == PENSIONER, pension_day, paydays[employer])


def draw_people(rng: Generator, p: PeopleParameters, count: int, branches: Branches, months: list[Month]) -> People:
    """Draw every customer who is ever with the bank in the months simulated.

    Parameters
    ----------
    rng : Generator
    p : PeopleParameters
    count : int
    branches : Branches
    months : list of Month

    Returns
    -------
    People
    """
    band = pick(rng, p.age_probabilities, count)
    low, high = np.array(p.age_bands, dtype=np.float64)[band].T
    age = rng.uniform(low, high)
    branch = pick(rng, rng.dirichlet(np.full(branches.count, 6.0)), count)
    partner = _couples(rng, p, age, branch)
    occupation = pick(rng, np.array(p.occupation_by_age)[band], count)
    factor = np.array(p.income_age_factor)[band] * branches.income_effect[branch]
    income = _incomes(rng, p, factor * np.where(occupation == STUDENT, 0.6, 1.0))
    ratio = p.wealth_to_income_median * np.exp(rng.normal(0.0, p.wealth_to_income_sigma, count))
    ratio = np.minimum(ratio * np.array(p.wealth_age_factor)[band], p.wealth_cap / income)
    group = chance(rng, np.full(count, 0.5))
    employer, payday = _employers(rng, occupation)
    female = rng.random(count) < 0.5
    paired = np.flatnonzero(partner > np.arange(count))
    female[partner[paired]] = ~female[paired]
    return People(
        age_band=band,
        birth_day=(months[0].first - age * 365.25).astype(np.int64),
        female=female,
        group=group,
        branch=branch,
        partner=partner,
        household=np.where(partner >= 0, np.minimum(partner, np.arange(count)), np.arange(count)),
        occupation=occupation,
        income=income,
        wealth=income * ratio,
        wealth_ratio=ratio,
        digital=_digital(rng, p, age, group),
        heaviness=gamma_mean_one(rng, p.heaviness_shape, count),
        price_sensitivity=rng.random(count),
        risk=np.exp(rng.normal(-0.125, 0.5, count)),
        employer=employer,
        payday=payday,
        thirteenth=chance(rng, np.full(count, p.thirteenth_salary_share)),
        raise_month=rng.integers(1, 13, count),
        joined=_joined(rng, p, age, months),
        left=np.full(count, NEVER, dtype=np.int64),
        died=np.full(count, NEVER, dtype=np.int64),
        workless_until=np.full(count, -NEVER, dtype=np.int64),
        staff=chance(rng, np.full(count, p.staff_share)),
        habit=rng.integers(0, 1 << 30, count),
    )
