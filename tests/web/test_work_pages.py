"""A branch's week and a customer's page, as a manager and an adviser use them."""

from __future__ import annotations

import re

import polars as pl
import pytest

from segment.jobs.lists.approve_list import approve_list
from segment.jobs.lists.upgrade_list import upgrade_list
from segment.jobs.publish.build_serving_copy import build_serving_copy
from segment.login import acting_as
from segment.store.record_kinds import RecordKind
from segment.store.records import read_records
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS, OUTCOMES
from segment.web.site import Site
from tests.conftest import AS_OF
from tests.web.conftest import Person, joined

CUSTOMER = re.compile(r'href="/customers/([^"]+)"')


@pytest.fixture(scope="module")
def listed(site: Site) -> pl.DataFrame:
    """The rows of a list that a marketing person made; the first branch's part was approved by its manager."""
    build_serving_copy(site.workspace)
    with acting_as("marketing one"):
        made = upgrade_list(AS_OF, site.workspace, site.policy)
    with acting_as("branch_manager one"):
        approve_list(site.workspace, made.list_id, "B001")
    return made.to_contact


def test_the_week_names_each_contact_of_the_branch_and_nobody_else(
    listed: pl.DataFrame, site: Site, people: dict[str, Person]
) -> None:
    page = people["branch_manager"].get("/week")
    assert page.status_code == 200
    assert set(CUSTOMER.findall(page.text)) == set(listed.filter(pl.col("branch_id") == "B001")["customer_id"])
    record = read_records(site.workspace, RecordKind.TABLE_OPENED)[-1]
    assert (record.by, record.content["branch"]) == ("branch_manager one", "B001")


def test_the_week_says_the_event_that_set_a_contact_off(
    listed: pl.DataFrame, site: Site, people: dict[str, Person]
) -> None:
    rows = listed.filter(pl.col("trigger").is_not_null() & (pl.col("branch_id") == "B001"))
    page = people["branch_manager"].get("/week").text
    assert [reason for reason in rows["reason_1"] if reason not in page] == []


def test_nobody_of_the_control_group_is_told_apart(listed: pl.DataFrame, site: Site, people: dict[str, Person]) -> None:
    rows = read_rows(site.workspace, LIST_ROWS).filter((pl.col("arm") == "control") & (pl.col("branch_id") == "B001"))
    assert rows.height
    page = people["branch_manager"].get("/week").text
    assert [name for name in rows["customer_id"] if name in page] == []
    own = people["branch_manager"].get(f"/customers/{rows['customer_id'][0]}").text
    assert "No list has named this customer" in own


def test_an_outcome_is_kept_in_one_click_and_taken_back(
    listed: pl.DataFrame, site: Site, people: dict[str, Person]
) -> None:
    manager, row = people["branch_manager"], listed.filter(pl.col("branch_id") == "B001").row(0, named=True)
    form = {"list_id": row["list_id"], "customer_id": row["customer_id"], "outcome": "do_not_contact"}
    said = manager.post("/week/outcome", form)
    assert said.status_code == 303
    kept = read_rows(site.workspace, OUTCOMES)
    assert kept.select("response", "do_not_contact").rows() == [("declined", True)]
    page = manager.get(said.headers["location"])
    assert "The outcome is kept." in page.text
    click = said.headers["location"].rsplit("=", 1)[1]
    other = joined(site, "second manager", "branch_manager", "B001")
    assert other.post("/week/undo", {"click": click, "branch": "B001"}).status_code == 422
    assert manager.post("/week/undo", {"click": click, "branch": "B001"}).status_code == 303
    assert read_rows(site.workspace, OUTCOMES).is_empty()
    kinds = [record.kind for record in read_records(site.workspace)[-2:]]
    assert RecordKind.OUTCOME_WITHDRAWN in kinds


def test_a_customers_page_says_why_and_is_on_record_without_a_name(
    listed: pl.DataFrame, site: Site, people: dict[str, Person]
) -> None:
    name = listed.filter(pl.col("branch_id") == "B001")["customer_id"][0]
    page = people["adviser"].get(f"/customers/{name}", headers={"accept-language": "zh"})
    assert page.status_code == 200
    assert all(part in page.text for part in ("为何属于此层级", "<svg", "每月贡献"))
    record = read_records(site.workspace, RecordKind.CUSTOMER_OPENED)[-1]
    assert (record.by, record.content["role"]) == ("adviser one", "adviser")
    assert name not in str(record.to_dict())


def test_a_customer_of_another_branch_is_as_unknown_as_nobody(listed: pl.DataFrame, people: dict[str, Person]) -> None:
    foreign = listed.filter(pl.col("branch_id") != "B001")["customer_id"][0]
    for role in ("adviser", "branch_manager"):
        pages = [people[role].get(f"/customers/{name}") for name in (foreign, "C-nobody")]
        assert [page.status_code for page in pages] == [403, 403]
        assert pages[0].text.replace(foreign, "") == pages[1].text.replace("C-nobody", "")
