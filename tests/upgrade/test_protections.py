"""No customer is named to anybody without the protections that the law asks for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl
import pytest

from segment.exceptions import PolicyError, SuppressionError
from segment.ledger.protection import IN_DOUBT
from segment.policy import Policy, load_policy
from segment.policy.jurisdiction import JURISDICTIONS, load_jurisdiction
from segment.policy.law import ProtectionsElsewhere
from segment.policy.toml import validated
from segment.store.stored_tables import OBJECTIONS
from segment.upgrade.protections import Protections, require_protections
from tests.conftest import RETAIL
from tests.upgrade.conftest import LIST_ON, contact_tables

ADULT = dt.date(1980, 1, 1)
RETAIL_POLICY = load_policy(RETAIL)


def tables() -> dict[str, pl.DataFrame]:
    given: Mapping[str, pl.DataFrame] = contact_tables(
        rules=[("c", "opt_out", None, LIST_ON, None)], customers=[("c", ADULT, False, None, None)]
    )
    return {**given, "suppression_sources": pl.DataFrame({"source": ["deaths"], "refreshed_on": [LIST_ON]})}


def without(name: str) -> dict[str, pl.DataFrame]:
    given = tables()
    if name == "birth_dates":
        return {**given, "customers": given["customers"].with_columns(birth_date=pl.lit(None, pl.Date))}
    return {**given, name: given[name].clear()}


def elsewhere(**reasons: str) -> Policy:
    law = RETAIL_POLICY.law.model_copy(update={"protections_elsewhere": ProtectionsElsewhere(**reasons)})
    return RETAIL_POLICY.model_copy(update={"law": law})


def test_what_the_law_asks_for_is_enough() -> None:
    require_protections(tables(), RETAIL_POLICY, LIST_ON)


@pytest.mark.parametrize("code", JURISDICTIONS)
@pytest.mark.parametrize("name", ["contact_rules", "birth_dates", "suppression_sources"])
def test_without_one_nothing_leaves_in_any_jurisdiction_unless_the_policy_says_where_it_is(
    code: str, name: str
) -> None:
    """Source: GDPR art. 21, PIPL art. 24: who objected is not looked past because the objections are not at hand."""
    assert name in load_jurisdiction(code).protections
    bank = RETAIL_POLICY.model_copy(update={"jurisdiction": code})
    with pytest.raises(SuppressionError, match=f"(?s)no row of: {name}.*protections_elsewhere"):
        require_protections(without(name), bank, LIST_ON)
    require_protections(without(name), elsewhere(**{name: "kept in the CRM"}), LIST_ON)


def test_a_reason_and_a_known_name_are_needed() -> None:
    plain = RETAIL_POLICY.model_dump(mode="json")
    for given in ({"contact_rules": ""}, {"robinson_list": "elsewhere"}):
        law = {**plain["law"], "protections_elsewhere": given}
        with pytest.raises(PolicyError, match="protections_elsewhere"):
            validated(Policy, {**plain, "law": law}, "policy", "")


def test_the_hash_of_a_policy_that_says_nothing_of_it_stays() -> None:
    assert elsewhere().hash == RETAIL_POLICY.hash
    assert elsewhere(contact_rules="CRM").hash != RETAIL_POLICY.hash


def test_what_was_looked_at_is_counted() -> None:
    given = tables()
    doubts = pl.DataFrame({"customer_id": ["c", "c", None], "rule": [IN_DOUBT] * 3})
    given["contact_rules"] = pl.concat([given["contact_rules"], doubts], how="diagonal")
    objections = pl.DataFrame(schema=OBJECTIONS.schema)
    found = Protections.of(given, elsewhere(birth_dates="CRM"), LIST_ON, objections)
    assert found.to_dict() == {
        "contact_rules": 1,
        "rows_in_doubt": 3,
        "customers_in_doubt": 1,
        "rows_naming_nobody": 1,
        "birth_dates": 1,
        "birth_dates_missing": 0,
        "suppression_sources": 1,
        "oldest_source_on": LIST_ON.isoformat(),
        "objections": 0,
        "outcomes": 0,
        "kept_elsewhere": {"birth_dates": "CRM"},
    }
    doubts, elsewhere_said = found.messages()
    assert (doubts.code, doubts.figures) == ("results.in_doubt", {"rows": 3, "customers": 1, "nobody": 1})
    assert (elsewhere_said.code, elsewhere_said.figures) == ("results.kept_elsewhere", {"names": ["birth_dates"]})
    assert Protections.of(tables(), RETAIL_POLICY, LIST_ON, objections).messages() == []
