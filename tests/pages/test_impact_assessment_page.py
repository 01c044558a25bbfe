"""The draft says what is done with whose data and why, and nothing is published without its reference."""

from __future__ import annotations

from pathlib import Path

import pytest

from segment.exceptions import PolicyError
from segment.features.catalogue import catalogue
from segment.jobs.publish.refresh import refresh
from segment.law.impact_assessment import require_impact_assessment
from segment.ledger import TABLES
from segment.pages.impact_assessment_page import AUDIT_ONLY, impact_assessment
from segment.policy import Policy, load_policy
from segment.policy.jurisdiction import JURISDICTIONS, load_jurisdiction
from segment.sentences import LANGUAGES, Form, Language, Sentences
from segment.sentences import catalogue as texts_of
from segment.tracking.registry import Tracking
from segment.warehouse.tiers_table import published_dates
from segment.workspace import Workspace
from tests.conftest import AS_OF, RETAIL
from tests.pages.reading import assert_no_english
from tests.test_protected_columns import PROTECTED

FORMS: tuple[Form, ...] = ("html", "md")
BERKA = RETAIL.with_name("berka.toml")


def without_reference(jurisdiction: str = "cn") -> Policy:
    policy = load_policy(RETAIL)
    law = policy.law.model_copy(update={"impact_assessment": None})
    return policy.model_copy(update={"law": law, "jurisdiction": jurisdiction})


@pytest.mark.parametrize("ledger", ["no ledger", None])
def test_the_first_run_publishes_nothing_without_the_assessments_reference(tmp_path: Path, ledger: str | None) -> None:
    """PIPL 55-56: before automated decision-making; GDPR art. 35 and UK GDPR art. 35: before profiling."""
    workspace = Workspace(tmp_path / "w")
    about = (AS_OF, workspace, without_reference(), Tracking(workspace.root))
    with pytest.raises(PolicyError, match=r"In China an impact assessment comes before.*law\.impact_assessment"):
        refresh(ledger and str(tmp_path / ledger), *about)
    assert published_dates(workspace.tiers) == []
    assert not workspace.customer_months.exists()


@pytest.mark.parametrize(("jurisdiction", "stops"), [("cn", True), ("eu", True), ("uk", True), ("us", False)])
def test_the_law_says_where_it_is_needed(jurisdiction: str, stops: bool) -> None:
    """PIPL 55-56, GDPR art. 35, UK GDPR art. 35."""
    if stops:
        with pytest.raises(PolicyError, match="an impact assessment comes before tiers are published"):
            require_impact_assessment(without_reference(jurisdiction))
    else:
        require_impact_assessment(without_reference(jurisdiction))


@pytest.mark.parametrize("path", [RETAIL, BERKA], ids=lambda path: path.stem)
def test_the_references_that_come_with_the_package_are_marked_as_examples(path: Path) -> None:
    assert str(load_policy(path).law.impact_assessment).startswith("EXAMPLE-")
    require_impact_assessment(load_policy(path))


def test_the_draft_names_every_table_and_column_with_its_reason() -> None:
    """GDPR art. 6: a purpose for the data; PIPL 55-56: purpose, necessity, effects and risks, measures."""
    text = impact_assessment(load_policy(RETAIL))
    for table in TABLES.values():
        [line] = [one for one in text.splitlines() if one.startswith(f"| `{table.name}` ")]
        assert all(f"`{column.name}`" in line for column in table.columns)
        assert len(line.split("|")[3].strip()) > 10
    for heading in ("Purposes", "Data, and why each is needed", "Effects and risks", "Measures that the law asks for"):
        assert f"## {heading}" in text


def test_the_draft_holds_each_rule_programme_and_fee_of_the_policy() -> None:
    policy = load_policy(RETAIL)
    text = impact_assessment(policy)
    wanted = [*(rule.does for rule in policy.law_in_force.rules), *(one.name for one in policy.programmes.values())]
    wanted += [*policy.law.fee_items, policy.hash, "EXAMPLE-PIIA-2026-01", "3 years at least", "within 24 hours"]
    assert [words for words in wanted if words not in text] == []
    assert "`[service]`" in text
    assert "Service plan" not in impact_assessment(load_policy(BERKA))


def test_what_the_draft_calls_audit_only_is_never_a_feature() -> None:
    """GDPR art. 6: data for audits serve audits alone."""
    assert set(AUDIT_ONLY) == set(PROTECTED)
    names = {one.name for one in catalogue(load_policy(RETAIL))}
    assert not names & set(AUDIT_ONLY)


@pytest.mark.parametrize("form", FORMS)
def test_the_draft_in_chinese_has_no_english_sentence_of_its_own(form: Form) -> None:
    policy = load_policy(RETAIL)
    law = policy.law_in_force
    page = impact_assessment(policy, form, "zh")
    assert_no_english(page)
    assert Sentences("zh", form)("words.quoted") in page
    assert Sentences("en", form)("words.quoted") not in impact_assessment(policy, form)
    english = impact_assessment(policy, form)
    assert page.count("|") == english.count("|")
    assert page.count("<td>") == english.count("<td>")
    wanted = [
        policy.hash,
        "EXAMPLE-PIIA-2026-01",
        policy.owner,
        str(law.retention_years),
        law.objection_contact,
    ]
    assert [text for text in wanted if text not in page] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_and_jurisdiction_has_words(language: Language) -> None:
    texts = texts_of("assessment", language)
    assert {key for key in texts if key.startswith("assessment.need.")} == {f"assessment.need.{n}" for n in TABLES}
    for code in ("cn", "eu", "uk", "us"):
        name = texts[f"assessment.jurisdiction.{code}"]
        assert language == "zh" or name == load_jurisdiction(code).name
        assert name in impact_assessment(without_reference(code), language=language)


def test_names_of_a_policy_are_escaped_on_a_page() -> None:
    policy = load_policy(RETAIL).model_copy(update={"owner": "<b>Ann</b>"})
    assert "&lt;b&gt;Ann&lt;/b&gt;" in impact_assessment(policy, "html")


@pytest.mark.parametrize("code", JURISDICTIONS)
def test_the_catalogues_say_each_rule_as_the_law_has_it(code: str) -> None:
    law, english = load_jurisdiction(code), texts_of("law", "en")
    for rule in law.rules:
        key = f"law.rule.{code}.{rule.code}"
        assert [english[f"{key}.{part}"] for part in ("source", "says", "does")] == [rule.source, rule.says, rule.does]
    assert english[f"law.contact.{code}"] == law.objection_contact
    assert english["law.human_review"] == type(load_policy(RETAIL).law).model_fields["human_review"].default


def test_a_contact_of_the_banks_own_is_quoted_on_a_page_of_another_language(tmp_path: Path) -> None:
    changed = tmp_path / "changed.toml"
    lines = RETAIL.read_text(encoding="utf-8").splitlines()
    own = 'data_protection_contact = "Ann Keeper, floor 3"'
    lines = [own if line.startswith("data_protection_contact") else line for line in lines]
    changed.write_text("\n".join(lines), encoding="utf-8")
    policy = load_policy(changed)
    assert "「Ann Keeper, floor 3」" in impact_assessment(policy, language="zh")
    assert "<q>Ann Keeper, floor 3</q>" in impact_assessment(policy, "html", "zh")
    assert "to Ann Keeper, floor 3 and" in impact_assessment(policy)
