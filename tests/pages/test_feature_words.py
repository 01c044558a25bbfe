"""Every feature is said in both languages, and in English as the catalogue of features has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from segment.features import catalogue
from segment.pages.feature_words import feature_words
from segment.policy import load_policy
from segment.sentences import Sentences
from tests.conftest import RETAIL
from tests.pages.reading import assert_no_english, text_of


@pytest.mark.parametrize("path", [RETAIL, RETAIL.with_name("berka.toml")], ids=lambda path: path.stem)
def test_every_feature_has_its_meaning_unit_and_source_in_both_languages(path: Path) -> None:
    for feature in catalogue(load_policy(path)):
        stored = (feature.name, feature.unit, feature.meaning, feature.source)
        assert feature_words(stored, Sentences())[1:3] == [feature.unit, feature.meaning]
        _, *chinese = feature_words(stored, Sentences("zh"))
        assert all(any("一" <= letter <= "鿿" for letter in word) for word in chinese), feature.name
        assert "「" not in "".join(chinese), feature.name
        assert_no_english(" ‖ ".join(chinese))


def test_a_sum_names_its_measure_and_its_months_by_hand() -> None:
    stored = ("flow_salary_3m", "currency", "", "months")
    meaning = "Bookings of the kind salary, signed from the customer's side, sum of the last 3 months."
    words = feature_words((stored[0], stored[1], meaning, stored[3]), Sentences("zh"))
    assert words == ["`flow_salary_3m`", "货币", "工资类记账，正负号从客户角度，最近3个月合计。", "客户各月"]


def test_a_meaning_of_an_older_release_stands_as_it_was_written() -> None:
    old = ("flow_salary_3m", "currency", "Salaries of three months.", "months")
    assert feature_words(old, Sentences("zh"))[2] == "「Salaries of three months.」"
    gone = ("no_such_feature", "stones", "What nobody knows.", "months")
    assert feature_words(gone, Sentences())[1:3] == ["stones", "What nobody knows."]
    assert "Salaries" not in text_of(feature_words(old, Sentences("zh", "html"))[2])
