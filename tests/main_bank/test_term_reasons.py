from __future__ import annotations

import numpy as np

from segment.main_bank import MainBankClassifier
from segment.main_bank.scorecard import SIGNALS, TERMS
from segment.main_bank.term_reasons import FORWARDED, REASONS, SELDOM, explain
from segment.policy import Policy
from segment.sentences import LANGUAGES, Sentences
from tests.main_bank.archetypes import ARCHETYPES, PRESENT, frame


def why(expert: MainBankClassifier, name: str, **kwargs: object) -> tuple[str, ...]:
    (signals,) = (person.signals for person in ARCHETYPES if person.name == name)
    return expert.explain(frame(signals), **kwargs).codes[0]  # type: ignore[arg-type]


def test_every_term_has_a_reason_on_the_side_of_its_weight(policy: Policy) -> None:
    for name in TERMS:
        side = "elsewhere" if getattr(policy.main_bank.weights, name) > 0 else "here"
        assert REASONS[name].side == side


def test_contributions_and_the_intercept_sum_to_the_log_odds(expert: MainBankClassifier) -> None:
    everyone = frame(*(person.signals for person in ARCHETYPES if not person.name.startswith("sleeping")))
    chance = expert.predict_proba(everyone)[:, 1]
    logit = expert.explain(everyone).contributions.sum(axis=1) + expert.intercept_
    np.testing.assert_allclose(np.log(chance / (1 - chance)), logit)


def test_the_most_important_reason_stands_first(expert: MainBankClassifier) -> None:
    assert why(expert, "mortgage only, fed just in time") == (
        "FED_FROM_OTHER_BANK",
        "LOAN_FED_JUST_IN_TIME",
        "NO_SALARY_HERE",
    )


def test_a_forwarded_salary_is_not_called_absent(expert: MainBankClassifier) -> None:
    codes = why(expert, "salary paid here by the employer's choice, forwarded at once", side="elsewhere")
    assert codes == ("SWEPT_AWAY", "SALARY_MOVES_ON")


def test_a_salary_that_came_once_is_called_seldom(expert: MainBankClassifier) -> None:
    once = frame(PRESENT | {"salary_months": 1 / 6, "spend_weeks": 1.0})
    (codes,) = expert.explain(once, side="elsewhere").codes
    assert Sentences().reasons(codes) == ["A salary or pension seldom arrives here"]


def test_reasons_can_be_asked_for_one_side(expert: MainBankClassifier) -> None:
    assert why(expert, "second account that pays the other bank's card", side="elsewhere", most=2) == (
        "NO_SALARY_HERE",
        "FED_FROM_OTHER_BANK",
    )
    assert why(expert, "second account that pays the other bank's card", side="here") == ()


def test_a_sentence_that_is_not_true_of_the_customer_is_not_said(expert: MainBankClassifier) -> None:
    a_third = frame(PRESENT | {"salary_months": 1.0, "sweep_share": 0.35})
    assert "SWEPT_AWAY" not in expert.explain(a_third, most=10).codes[0]


def test_a_sleeping_account_has_no_reasons(expert: MainBankClassifier) -> None:
    assert why(expert, "sleeping account") == ()


def test_sentences_are_plain_words_for_every_code(expert: MainBankClassifier) -> None:
    explained = expert.explain(frame(*(person.signals for person in ARCHETYPES)), most=20, least=0.0)
    known = {reason.code for reason in (*REASONS.values(), FORWARDED, SELDOM)}
    assert {code for codes in explained.codes for code in codes} <= known
    for language in LANGUAGES:
        assert all(Sentences(language).reasons(known))


def test_explain_of_a_case_computed_by_hand() -> None:
    signals = np.full((1, len(SIGNALS)), np.nan)
    signals[0, SIGNALS.index("sweep_share")] = 0.9
    contributions = np.nan_to_num(np.column_stack([signals, [0.0]]))
    (codes,) = explain(signals, contributions, np.ones(1), most=3, least=0.2, side=None).codes
    assert Sentences().reasons(codes) == ["Most incoming money moves out again within days"]
