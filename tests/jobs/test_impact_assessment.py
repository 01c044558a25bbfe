"""The draft says what is done with whose data and why, and nothing is published without its reference."""

from __future__ import annotations

from pathlib import Path

import pytest

from segment.exceptions import PolicyError
from segment.features.catalogue import PROTECTED, catalogue
from segment.jobs.impact_assessment import AUDIT_ONLY, impact_assessment, require_impact_assessment
from segment.jobs.refresh import publish, refresh
from segment.ledger import TABLES
from segment.policy import Policy, load_policy
from segment.tracking import Tracking
from segment.warehouse import Workspace, published_moments
from tests.conftest import AS_OF, RETAIL

BERKA = RETAIL.with_name("berka.toml")


def without_reference(jurisdiction: str = "cn") -> Policy:
    policy = load_policy(RETAIL)
    law = policy.law.model_copy(update={"impact_assessment": None})
    return policy.model_copy(update={"law": law, "jurisdiction": jurisdiction})


@pytest.mark.parametrize("way", [refresh, publish])
def test_the_first_run_publishes_nothing_without_the_assessments_reference(tmp_path: Path, way: object) -> None:
    """PIPL 55-56: before automated decision-making; GDPR art. 35 and UK GDPR art. 35: before profiling."""
    workspace = Workspace(tmp_path / "w")
    about = (AS_OF, workspace, without_reference(), Tracking(workspace.root))
    with pytest.raises(PolicyError, match=r"In China an impact assessment comes before.*law\.impact_assessment"):
        refresh(str(tmp_path / "no ledger"), *about) if way is refresh else publish(*about)
    assert published_moments(workspace.tiers) == []
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
