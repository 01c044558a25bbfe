"""Only who passes every condition is proposed, once, for a person's review, and nobody is named on record."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest

from segment.dates import next_month
from segment.exceptions import DayError, NotPublishedError, RefusedError, ReviewError, SuppressionError
from segment.features.store import month_file
from segment.files import write_parquet
from segment.jobs.reviews.propose import Proposed
from segment.jobs.reviews.propose import propose as run
from segment.jobs.reviews.review_evidence import list_reviews
from segment.ledger.protection import IN_DOUBT
from segment.policy import Policy
from segment.policy.law import ProtectionsElsewhere
from segment.store.record_kinds import RecordKind
from segment.store.records import check_chain, read_records
from segment.store.row_store import upsert_rows
from segment.store.stored_tables import OBJECTIONS
from segment.warehouse.tiers_table import publish_tiers
from segment.workspace import Workspace
from tests.jobs.reviews.small_bank import AS_OF, ITEM, MOMENTS, NAMES, ON, person, protect, put, tiers

As = Callable[[str], None]
SetClock = Callable[[dt.date], None]


def propose(workspace: Workspace, policy: Policy, **changes: Any) -> Proposed:
    return run(ITEM, AS_OF, workspace, policy, **{"on": ON, **changes})


def kept_out(made: Proposed) -> dict[str, int]:
    return {one["condition"]: one["kept_out"] for one in made.funnel.iter_rows(named=True) if one["kept_out"]}


def test_who_passes_everything_waits_for_a_review_and_the_older_customer_does_not(
    workspace: Workspace, policy: Policy, as_user: As
) -> None:
    """State Council 2020/45; CBIRC 2021/40: nobody of 60 is among them."""
    made = propose(workspace, policy)
    assert (made.customers, made.proposed, kept_out(made)) == (11, {"fee": 10}, {"not_older": 1})
    rows = list_reviews(workspace, "pending")
    assert set(rows["customer_id"]) == set(NAMES) - {"o1"}
    assert rows.select("price", "author", "starts_on", "reversible_until").row(0) == (
        5.0, "ann", dt.date(2026, 6, 1), dt.date(2026, 7, 31),
    )  # fmt: skip
    assert rows["alternative"][0] == policy.law.fee_items[ITEM].alternative


def test_proposing_twice_changes_nothing(workspace: Workspace, policy: Policy, as_user: As) -> None:
    propose(workspace, policy)
    before, told = list_reviews(workspace), len(read_records(workspace))
    again = propose(workspace, policy)
    assert (again.proposed, kept_out(again)["not_under_review"]) == ({"fee": 0}, 10)
    assert list_reviews(workspace).equals(before)
    assert len(read_records(workspace)) == told


def test_a_record_counts_and_names_no_customer(workspace: Workspace, policy: Policy, as_user: As) -> None:
    propose(workspace, policy)
    [record] = read_records(workspace, RecordKind.REVIEW_PROPOSED)
    assert (record.by, record.content["rows"], record.content["item_code"]) == ("ann", 10, ITEM)
    told = json.dumps(record.to_dict())
    assert not [name for name in NAMES if f'"{name}"' in told]
    assert check_chain(workspace) == 1


@pytest.mark.parametrize(
    ("rule", "condition"),
    [
        ("vulnerable", "not_vulnerable"),
        ("basic_account", "not_basic_account"),
        ("fee_exempt", "not_fee_exempt"),
        ("deceased", "not_deceased"),
        ("profiling_objection", "no_objection"),
        ("complaint", "no_open_matter"),
    ],
)
def test_a_rule_of_the_ledger_keeps_its_customer_out(
    workspace: Workspace, policy: Policy, as_user: As, rule: str, condition: str
) -> None:
    """UK Consumer Duty; Payment Accounts Directive 2014/92; CBIRC Order 2022/9; PIPL art. 24."""
    protect(workspace, "c3", rule)
    made = propose(workspace, policy)
    assert (made.proposed, kept_out(made)[condition]) == ({"fee": 9}, 1)
    assert "c3" not in list_reviews(workspace)["customer_id"].to_list()


def test_an_objection_handed_in_today_keeps_its_customer_out(workspace: Workspace, policy: Policy, as_user: As) -> None:
    """GDPR art. 21; UK GDPR art. 21; PIPL art. 24: an objection to profiling counts at once."""
    made = [("c3", "profiling", ON, None)]
    upsert_rows(workspace, OBJECTIONS, pl.DataFrame(made, schema=OBJECTIONS.schema, orient="row"))
    assert kept_out(propose(workspace, policy))["no_objection"] == 1


@pytest.mark.parametrize("kind", ["salary", "pension", "benefit"])
def test_an_income_of_eleven_months_ago_keeps_its_customer_out(
    workspace: Workspace, policy: Policy, as_user: As, kind: str
) -> None:
    """2011 notice (34 items): payroll, pension and benefit accounts are free."""
    path = month_file(workspace.customer_months, next_month(AS_OF, -11))
    paid = pl.when(pl.col("customer_id") == "c3").then(900.0).otherwise(0.0)
    write_parquet(pl.read_parquet(path).with_columns(paid.alias(f"flow_{kind}")), path)
    made = propose(workspace, policy)
    assert (made.proposed, kept_out(made)["not_on_benefits"]) == ({"fee": 9}, 1)


def test_a_lost_month_a_lost_rule_table_and_a_person_nobody_knows_let_no_fee_through(
    workspace: Workspace, policy: Policy, as_user: As
) -> None:
    """Fee guardrail (DOMAIN.md 5): missing knowledge is no leave."""
    put(workspace, "customers", [person(name) for name in NAMES if name != "c3"])
    assert propose(workspace, policy, branch="b1").proposed == {"fee": 9}
    put(workspace, "contact_rules", [])
    elsewhere = ProtectionsElsewhere(contact_rules="the CRM")  # no fee follows from rules that nobody sees here
    policy = policy.model_copy(update={"law": policy.law.model_copy(update={"protections_elsewhere": elsewhere})})
    assert kept_out(propose(workspace, policy))["not_vulnerable"] == 11
    month_file(workspace.customer_months, next_month(AS_OF, -5)).unlink()
    assert kept_out(propose(workspace, policy))["not_on_benefits"] == 11


def test_a_refresh_that_was_missed_breaks_the_row(workspace: Workspace, policy: Policy, as_user: As) -> None:
    """Fee guardrail (DOMAIN.md 5): at least three consecutive refreshes."""
    publish_tiers(tiers(MOMENTS[1], {"c3": {"direct_contribution_12m": 1.0}}), workspace.tiers)
    made = propose(workspace, policy)
    assert (made.proposed, kept_out(made)["lasting_loss"]) == ({"fee": 9}, 1)


@pytest.mark.parametrize(
    ("item", "condition"),
    [
        ({"public_since": ON - dt.timedelta(days=89)}, "tariff_public"),
        ({"legal_basis": None}, "legal_basis"),
        ({"item_code": "another"}, "one_price"),
        ({"price": 0.0}, "one_price"),
    ],
)
def test_an_item_that_is_not_in_force_is_proposed_to_nobody(
    workspace: Workspace, policy: Policy, as_user: As, item: dict[str, Any], condition: str
) -> None:
    """Service-price Measures 2014; CBRC 2012 rectification notice; DOMAIN.md 8."""
    told = {"item_code": ITEM, "price": 5.0, "public_since": dt.date(2022, 1, 1), "legal_basis": "head office"}
    put(workspace, "tariff_items", [told | item])
    made = propose(workspace, policy)
    assert (made.proposed, kept_out(made)[condition]) == ({"fee": 0}, 11)
    assert read_records(workspace) == []


def test_a_fee_that_starts_before_notice_can_be_given_is_proposed_to_nobody(
    workspace: Workspace, policy: Policy, as_user: As
) -> None:
    """Service-price Measures 2014: three months."""
    made = propose(workspace, policy, starts_on=ON + dt.timedelta(days=89))
    assert (made.proposed, kept_out(made)["time_for_notice"]) == ({"fee": 0}, 11)


def test_who_covers_direct_cost_is_asked_to_shift_and_the_older_is_offered_help(
    workspace: Workspace, policy: Policy, as_user: As
) -> None:
    """DOMAIN.md 0 (1): never a fee where direct cost is covered. State Council 2020/45; CBIRC 2021/40: no diversion."""
    covers = {name: {"direct_contribution_12m": 3.0} for name in ("c1", "o1")}
    publish_tiers(tiers(AS_OF, covers), workspace.tiers)
    assert propose(workspace, policy).proposed == {"fee": 9}
    made = run(None, AS_OF, workspace, policy, on=ON)
    assert made.proposed == {"self_service": 10, "offer_help": 1}
    found = {row["customer_id"]: row for row in list_reviews(workspace).iter_rows(named=True) if row["action"] != "fee"}
    assert (found["c1"]["action"], found["o1"]["action"]) == ("self_service", "offer_help")
    assert {(row["item_code"], row["price"]) for row in found.values()} == {(None, None)}


def test_a_tier_that_a_person_set_is_no_ground(workspace: Workspace, policy: Policy, as_user: As) -> None:
    """GDPR art. 22; SCHUFA C-634/21: the figures must show the loss, whatever a person wrote into the tiers."""
    by_hand = {
        "c3": {"override_role": "branch_manager"},
        **{name: {"override_role": None} for name in NAMES if name != "c3"},
    }
    publish_tiers(tiers(AS_OF, by_hand), workspace.tiers)
    made = propose(workspace, policy)
    assert (made.proposed, kept_out(made)["own_figures"]) == ({"fee": 9}, 1)
    assert run(None, AS_OF, workspace, policy, on=ON).proposed == {"self_service": 9, "offer_help": 1}


def test_a_minor_is_not_asked_to_shift(workspace: Workspace, policy: Policy, as_user: As) -> None:
    people = [person(name, **({"birth_date": dt.date(2012, 1, 1)} if name == "c1" else {})) for name in NAMES]
    put(workspace, "customers", people)
    assert run(None, AS_OF, workspace, policy, on=ON).proposed == {"self_service": 9, "offer_help": 1}


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"on": dt.date(2026, 1, 9)}, SuppressionError, "Stale: deaths"),
        ({"on": dt.date(2026, 3, 5)}, ReviewError, "up to 62 days before. They are of: 2025-12-31"),
        ({"on": dt.date(2025, 12, 30)}, ReviewError, "must be of 2025-12-30 or up to"),
        ({"on": dt.date(2999, 1, 1)}, DayError, "The day must have come"),
        ({"branch": "b9"}, NotPublishedError, "branch must have customers"),
    ],
)
def test_what_is_stale_or_not_yet_so_stops_the_proposal(
    workspace: Workspace,
    policy: Policy,
    as_user: As,
    clock: SetClock,
    changes: dict[str, Any],
    error: type[RefusedError],
    message: str,
) -> None:
    day = changes.get("on", ON)
    clock(min(day, dt.date(2026, 6, 30)))
    with pytest.raises(error, match=message):
        propose(workspace, policy, **changes)
    assert list_reviews(workspace).is_empty()


def test_older_figures_than_the_newest_and_items_of_nobody_are_refused(workspace: Workspace, policy: Policy) -> None:
    """CBRC 2012 rectification notice: no branch may make a fee item."""
    with pytest.raises(ReviewError, match="those of 2025-12-31. Got 2025-11-30"):
        run(ITEM, MOMENTS[1], workspace, policy, on=ON)
    with pytest.raises(ReviewError, match=r"`own_idea` does not; named: counter_transfer"):
        run("own_idea", AS_OF, workspace, policy, on=ON)


def test_who_is_in_doubt_is_proposed_nothing_and_the_record_says_what_was_looked_at(
    workspace: Workspace, policy: Policy
) -> None:
    protect(workspace, "c0", IN_DOUBT)
    made = propose(workspace, policy)
    assert kept_out(made)["no_open_matter"] == 1
    assert "1 customers are kept out until they are mended" in str(made)
    told = read_records(workspace, RecordKind.REVIEW_PROPOSED)[0].content["protections"]
    assert (told["customers_in_doubt"], told["contact_rules"], told["birth_dates"]) == (1, 1, len(NAMES))


def test_nothing_is_proposed_without_the_protections_of_the_law(workspace: Workspace, policy: Policy) -> None:
    put(workspace, "contact_rules", [])
    for proposed in (lambda: propose(workspace, policy), lambda: run(None, AS_OF, workspace, policy, on=ON)):
        with pytest.raises(SuppressionError, match="no row of: contact_rules"):
            proposed()


@pytest.mark.parametrize(("state", "condition"), [("in_arrears", "not_in_arrears"), ("loss_credit", "loss_by_service")])
@pytest.mark.parametrize("item", [ITEM, None])
def test_neither_a_fee_nor_a_machine_is_proposed_in_arrears_or_for_a_loss_by_credit(
    workspace: Workspace, policy: Policy, as_user: As, state: str, condition: str, item: str | None
) -> None:
    """DOMAIN.md 3.10."""
    publish_tiers(tiers(AS_OF, {"c0": {"sub_state": state}}), workspace.tiers)
    made = run(item, AS_OF, workspace, policy, on=ON)
    assert kept_out(made)[condition] == 1
    assert "c0" not in set(list_reviews(workspace)["customer_id"])


def test_no_fee_for_transfers_goes_to_who_made_none_at_the_counter(
    workspace: Workspace, policy: Policy, as_user: As
) -> None:
    for number in range(12):
        path = month_file(workspace.customer_months, next_month(AS_OF, -number))
        own = pl.col("customer_id") == "c0"
        rows = pl.read_parquet(path)
        rows = rows.with_columns(counter_transfers=pl.when(own).then(0.0).otherwise("counter_transfers"))
        write_parquet(rows, path)
    assert kept_out(propose(workspace, policy)) == {"not_older": 1, "uses_service": 1}


def test_months_of_an_earlier_release_let_no_fee_and_no_machine_through(
    workspace: Workspace, policy: Policy, as_user: As
) -> None:
    path = month_file(workspace.customer_months, AS_OF.replace(day=1))
    write_parquet(pl.read_parquet(path).drop("counter_transfers"), path)
    assert propose(workspace, policy).proposed == {"fee": 0}
    assert run(None, AS_OF, workspace, policy, on=ON).proposed == {"self_service": 0, "offer_help": 0}
