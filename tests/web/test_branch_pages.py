"""Plans, reviews, tiers by hand, objections, lists in the making, views, effects and names, as people use them."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import ListError
from segment.jobs.lists.release import release
from segment.jobs.lists.upgrade_list import upgrade_list
from segment.jobs.publish.build_serving_copy import build_serving_copy
from segment.jobs.reviews.propose import propose
from segment.jobs.reviews.review_evidence import list_reviews
from segment.jobs.rights.objections import objecting
from segment.login import acting_as
from segment.store.record_kinds import RecordKind
from segment.store.records import read_records
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS, OBJECTIONS
from segment.web.background import Background, TooBusy
from segment.web.directory_names import Names
from segment.web.site import Site
from tests.conftest import AS_OF
from tests.web.conftest import Person, joined


@pytest.fixture(scope="module", autouse=True)
def _built(site: Site) -> None:
    build_serving_copy(site.workspace)


def one_of(site: Site, branch: str = "B001") -> str:
    rows = site.builder.copy().rows("SELECT customer_id FROM customers WHERE branch_id = ? AND tier <> ?", [branch, ""])
    return str(rows[0][0])


def waited(person: Person, path: str) -> str:
    for _ in range(600):
        page = person.get(path).text
        if 'http-equiv="refresh"' not in page:
            return page
        time.sleep(0.1)
    raise AssertionError("it never ended")


def test_a_plan_shows_every_dimension_of_the_branch_alone(people: dict[str, Person]) -> None:
    page = people["branch_manager"].get("/plan").text
    for title in ("Service", "Process", "Price", "Staff"):
        assert title in page
    assert people["branch_manager"].get("/plan?branch=B002").status_code == 403


def test_a_proposal_is_decided_by_another_person_on_the_evidence(site: Site, people: dict[str, Person]) -> None:
    with acting_as("marketing one"):
        propose(None, AS_OF, site.workspace, site.policy, branch="B001")
    name = list_reviews(site.workspace, "pending", "B001")["review_id"][0]
    form = {"review_id": name, "decision": "refused", "reason": "known to the branch"}
    assert "another person" in people["marketing"].get(f"/reviews/{name}").text
    assert people["marketing"].post("/reviews/decide", form).status_code == 422
    shown = people["branch_manager"].get(f"/reviews/{name}").text
    assert "DOMAIN" in shown
    assert "&amp;#" not in shown
    assert people["branch_manager"].post("/reviews/decide", {**form, "reason": ""}).status_code == 422
    assert people["branch_manager"].post("/reviews/decide", form).status_code == 303
    assert list_reviews(site.workspace, "refused")["review_id"].to_list() == [name]


def test_a_tier_is_set_by_hand_and_taken_back(site: Site, people: dict[str, Person]) -> None:
    customer, manager = one_of(site), people["branch_manager"]
    until = (site.today() + dt.timedelta(days=30)).isoformat()
    form = {"customer_id": customer, "tier": "valuable", "role": "branch_manager", "expires_on": until}
    assert manager.post("/overrides", form).status_code == 422
    assert manager.post("/overrides", {**form, "reason": "moves here in May"}).status_code == 303
    assert customer in manager.get("/overrides").text
    record = read_records(site.workspace, RecordKind.TIER_OVERRIDDEN)[-1]
    assert record.by == "branch_manager one"
    assert manager.post("/overrides/withdraw", {"record": str(record.number), "reason": "did not"}).status_code == 303
    assert customer not in manager.get("/overrides").text


def test_an_objection_is_in_force_when_it_is_saved(site: Site, people: dict[str, Person]) -> None:
    customer = one_of(site)
    said = people["adviser"].post("/objections", {"customer_id": customer, "against": "marketing"})
    assert "in force since" in said.text
    assert customer in objecting(read_rows(site.workspace, OBJECTIONS), "marketing").to_list()
    people["adviser"].post("/objections", {"customer_id": customer, "against": "marketing", "withdraw": "1"})
    assert customer not in objecting(read_rows(site.workspace, OBJECTIONS), "marketing").to_list()


def test_what_a_list_would_bring_is_shown_before_it_is_made_beside_the_requests(
    site: Site, people: dict[str, Person]
) -> None:
    marketing = people["marketing"]
    before = read_rows(site.workspace, LIST_ROWS).height
    shown = marketing.get("/lists/try?branch=B001&programme=main_account&capacity=5")
    assert (shown.status_code, "<polyline" in shown.text) == (200, True)
    assert read_rows(site.workspace, LIST_ROWS).height == before
    assert marketing.get("/lists/try?programme=none").status_code == 422
    begun = marketing.post("/lists", {"branch": "B001", "programme": "main_account", "capacity": "5", "anyway": "1"})
    place = begun.headers["location"]
    assert people["analyst"].get(place).status_code == 422
    assert "List " in waited(marketing, place)
    rows = read_rows(site.workspace, LIST_ROWS)
    assert set(rows["programme"]) == {"main_account"}
    assert rows.filter(pl.col("arm") == "contact").height <= 5
    listed = set(rows.filter(pl.col("arm") == "contact")["customer_id"])
    page = marketing.get("/customers?programme=main_account").text
    assert all(customer in page for customer in listed)
    assert not any(customer in page for customer in rows.filter(pl.col("arm") == "control")["customer_id"])


def test_work_that_fails_says_why_and_no_more_goes_on_than_may() -> None:
    background, waits = Background(), [True]

    def fail() -> list[str]:
        raise ListError("Nobody is left.")

    def wait() -> list[str]:
        while waits[0]:
            time.sleep(0.01)
        return ["done"]

    first, second = background.start("a", wait), background.start("a", wait)
    with pytest.raises(TooBusy):
        background.start("b", fail)
    waits[0] = False
    while any(background.find("a", name).ended is None for name in (first, second)):  # type: ignore[union-attr]
        time.sleep(0.01)
    failed = background.start("a", fail)
    while background.find("a", failed).ended is None:  # type: ignore[union-attr]
        time.sleep(0.01)
    work = background.find("a", failed)
    assert work is not None
    assert work.fault == "Nobody is left."
    assert background.find("b", failed) is None


def test_a_view_is_saved_by_name_and_is_its_owners_alone(people: dict[str, Person]) -> None:
    manager = people["branch_manager"]
    assert manager.post("/views", {"name": "mine", "address": "tier=valuable&flag=1"}).status_code == 303
    page = manager.get("/customers").text
    assert "/customers?tier=valuable&amp;flag=1" in page
    assert ">mine<" not in people["analyst"].get("/customers").text
    assert manager.post("/views", {"name": "bad", "address": "tier=none"}).status_code == 422
    manager.post("/views/delete", {"name": "mine"})
    assert ">mine<" not in manager.get("/customers").text


def test_effects_and_runs_and_card_and_audit_are_pages_in_both_languages(people: dict[str, Person]) -> None:
    for path in ("/effects", "/runs", "/model", "/audit"):
        page = people["analyst"].get(path)
        assert page.status_code == 200, path
        chinese = people["analyst"].get(path, headers={"accept-language": "zh"})
        assert 'lang="zh"' in chinese.text, path
    card = people["analyst"].get("/model/card")
    assert card.headers["content-disposition"].startswith("attachment")


def test_names_stand_beside_ids_and_nowhere_else(site: Site, tmp_path: Path) -> None:
    customer, path = one_of(site), tmp_path / "names.csv"
    path.write_text(f"customer_id,name,phone\n{customer},Ada Osei,555 0101\n", encoding="utf-8")
    named = replace(site, names=Names(path))
    person = joined(named, "adviser of names", "branch_manager", "B001")
    assert "Ada Osei" in person.get(f"/customers/{customer}").text
    path.write_text(f"customer_id,name,phone\n{customer},Ada Mensah,555 0101\n", encoding="utf-8")
    assert "Ada Mensah" in person.get(f"/customers/{customer}").text
    for file in site.workspace.root.rglob("*"):
        assert not file.is_file() or b"Ada " not in file.read_bytes()


def test_a_list_leaves_after_another_person_approved_it_where_the_policy_asks(site: Site, tmp_path: Path) -> None:
    rules = site.policy.upgrade.contact_rules.model_copy(update={"approved_by_another": True})
    upgrade = site.policy.upgrade.model_copy(update={"contact_rules": rules})
    policy = site.policy.model_copy(update={"upgrade": upgrade})
    with acting_as("maker"):
        made = upgrade_list(AS_OF, site.workspace, policy, branch="B001")
        with pytest.raises(ListError, match="must be approved before it leaves"):
            release(
                made.to_contact, tmp_path / "list.csv", list_id=made.list_id, workspace=site.workspace, policy=policy,
                list_on=made.list_on, as_of=AS_OF,
            )  # fmt: skip
    assert list(tmp_path.iterdir()) == []
