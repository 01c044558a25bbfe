from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from segment.banks.simulator.calendar import months_until
from segment.banks.simulator.draws import CustomerStream
from segment.banks.simulator.parameters import STUDENT, Parameters
from segment.banks.simulator.people import Population, draw_branches, draw_people


@pytest.fixture(scope="module")
def people() -> Population:
    general = np.random.default_rng(4)
    branches, months = draw_branches(general, 30, 0.25), months_until(date(2025, 12, 1), 36)
    return draw_people(CustomerStream(4, 0), general, Parameters().people, 20_000, branches, months)


def test_partners_are_each_others_partners_and_share_a_household(people: Population) -> None:
    paired = np.flatnonzero(people.partner >= 0)
    assert abs(len(paired) / people.count - 0.45) < 0.03
    np.testing.assert_array_equal(people.partner[people.partner[paired]], paired)
    np.testing.assert_array_equal(people.household[people.partner[paired]], people.household[paired])
    assert (people.female[paired] != people.female[people.partner[paired]]).all()


def test_some_marry_a_customer_later_about_three_in_two_hundred_a_year(people: Population) -> None:
    later = np.flatnonzero(people.wedding < 36)
    later = later[people.wedding[later] >= 0]
    assert (people.partner[later] < 0).all()
    np.testing.assert_array_equal(people.wedding[people.betrothed[later]], people.wedding[later])
    assert abs(len(later) / people.count / 3 - 0.015) < 0.003


def test_most_students_live_in_the_household_of_a_parent_at_the_same_outlet(people: Population) -> None:
    students = np.flatnonzero((people.occupation == STUDENT) & (people.betrothed < 0))
    known = students[people.parent[students] >= 0]
    assert abs(len(known) / len(students) - 0.70) < 0.05
    np.testing.assert_array_equal(people.branch[known], people.branch[people.parent[known]])
    np.testing.assert_array_equal(people.household[known], people.household[people.parent[known]])
    age = -people.birth_day / 365.25
    assert (age[people.parent[known]] - age[known]).min() > 17


def test_most_couples_bank_at_one_outlet(people: Population) -> None:
    paired = np.flatnonzero(people.partner >= 0)
    assert 0.68 < (people.branch[paired] == people.branch[people.partner[paired]]).mean() < 0.78


def test_digital_preference_falls_with_age_and_stays_a_share(people: Population) -> None:
    age = people.age_on(months_until(date(2025, 12, 1), 36)[0].first)
    assert people.digital[age < 35].mean() > 0.8 > 0.3 > people.digital[age > 68].mean()
    assert people.digital.min() >= 0.02
    assert people.digital.max() <= 0.99


def test_only_workers_have_an_employer_and_every_employer_one_payday(people: Population) -> None:
    assert ((people.employer >= 0) == (people.occupation == 0)).all()
    works = people.employer >= 0
    for employer in np.unique(people.employer)[1:20]:
        assert len(np.unique(people.payday[works & (people.employer == employer)])) == 1


def test_no_one_joins_after_the_last_month_or_before_the_age_of_fourteen(people: Population) -> None:
    months = months_until(date(2025, 12, 1), 36)
    assert people.joined.max() < months[-1].last
    assert ((people.joined - people.birth_day) / 365.25).min() > 14
    new = (people.joined >= months[0].first).mean()
    assert abs(new - 0.18 / 1.18) < 0.02
