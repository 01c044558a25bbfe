from __future__ import annotations

import numpy as np
import pytest

from segment.main_bank import MainBankClassifier
from segment.main_bank.evidence import links, states
from segment.main_bank.scorecard import SIGNALS
from segment.policy import Policy
from tests.main_bank.archetypes import ARCHETYPES, PRESENT, SLEEPING, Archetype, frame

BORDERS = {"elsewhere_from": 0.6, "here_up_to": 0.25, "here_salary_months_from": 0.67, "here_inflow_share_from": 0.6}


def state(
    probability: float, *, linked: bool = False, enough: bool = True, salary: float = 0.0, inflow: float = 0.0
) -> str:
    signals = frame({"salary_months": salary, "inflow_share": inflow}).to_numpy()
    answer = states(signals, np.array([probability]), np.array([linked]), np.array([enough]), **BORDERS)
    return str(answer[0])


@pytest.mark.parametrize("person", ARCHETYPES, ids=lambda person: person.name)
def test_every_archetype_gets_the_answer_of_a_sensible_banker(expert: MainBankClassifier, person: Archetype) -> None:
    assert expert.states(frame(person.signals)).tolist() == [person.state]


def test_archetypes_rank_as_their_evidence_does(expert: MainBankClassifier) -> None:
    chance = expert.predict_proba(frame(*(person.signals for person in ARCHETYPES)))[:, 1]
    ranks = np.array([person.rank for person in ARCHETYPES])
    for rank in range(4):
        assert chance[ranks <= rank].max() < chance[ranks > rank].min()


@pytest.mark.parametrize(
    ("kwargs", "expected"),
    [
        ({"probability": 0.60, "linked": True}, "main_elsewhere"),
        ({"probability": 0.599, "linked": True}, "split"),
        ({"probability": 0.99, "linked": False}, "unknown"),
        ({"probability": 0.25, "salary": 0.67}, "main_here"),
        ({"probability": 0.25, "salary": 0.66}, "unknown"),
        ({"probability": 0.25, "inflow": 0.60}, "main_here"),
        ({"probability": 0.251, "salary": 1.0}, "unknown"),
        ({"probability": 0.10, "linked": True}, "split"),
        ({"probability": 0.10, "linked": True, "salary": 1.0}, "main_here"),
        ({"probability": 0.99, "linked": True, "enough": False}, "unknown"),
        ({"probability": 0.01, "salary": 1.0, "enough": False}, "unknown"),
    ],
)
def test_borders_of_the_four_states_are_inclusive_and_ask_for_proof(kwargs: dict[str, float], expected: str) -> None:
    assert state(**kwargs) == expected


@pytest.mark.parametrize(
    "name", ["own_in_share", "sweep_share", "just_in_time_loan", "other_bank_card", "other_bank_loan", "drain"]
)
def test_a_link_is_proven_from_its_threshold_on(policy: Policy, expert: MainBankClassifier, name: str) -> None:
    least = getattr(policy.main_bank.links, name)
    people = frame({name: least}, {name: least - 1e-6}, {name: np.nan})
    assert links(people.to_numpy(), expert.links or {}).any(axis=1).tolist() == [True, False, False]


def test_a_signal_at_0_proves_nothing_whatever_the_threshold() -> None:
    assert not links(frame({"drain": 0.0}).to_numpy(), {"drain": 0.0}).any()


def test_a_sleeping_account_with_absence_only_is_unknown(expert: MainBankClassifier) -> None:
    assert expert.states(frame(SLEEPING)).tolist() == ["unknown"]


def test_absence_of_a_salary_alone_is_never_main_elsewhere(expert: MainBankClassifier) -> None:
    absent = PRESENT | {"spend_weeks": 0.25, "single_product": 1.0}
    assert expert.predict_proba(frame(absent))[0, 1] > 0.6
    assert expert.states(frame(absent)).tolist() == ["unknown"]


def test_links_of_a_case_computed_by_hand() -> None:
    sweeps = np.full((2, len(SIGNALS)), np.nan)
    sweeps[:, SIGNALS.index("sweep_share")] = 0.29, 0.30
    assert links(sweeps, {"sweep_share": 0.3}).tolist() == [[False], [True]]


def test_states_of_a_case_computed_by_hand() -> None:
    borders = {"elsewhere_from": 0.6, "here_up_to": 0.25}
    borders |= {"here_salary_months_from": 0.67, "here_inflow_share_from": 0.6}
    nothing = np.full((2, len(SIGNALS)), np.nan)
    yes, linked = np.array([True, True]), np.array([True, False])
    assert states(nothing, np.array([0.6, 0.6]), linked, yes, **borders).tolist() == ["main_elsewhere", "unknown"]
