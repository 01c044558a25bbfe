"""What the page's copy holds of one customer is what the workspace holds, and no fresher rule is ever missed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from segment.contribution import LINE_NAMES
from segment.exceptions import NotPublishedError
from segment.features.store import month_file, months_written, scan_months
from segment.jobs.lists.suppressions import ContactSources, find_suppressions
from segment.jobs.publish import customer_drawers
from segment.jobs.publish.build_serving_copy import build_serving_copy
from segment.jobs.publish.customer_drawers import MONTHS, read_drawer
from segment.jobs.rights.customer_view import customer_view
from segment.jobs.rights.explain import explain
from segment.jobs.service.service_plan import service_plan
from segment.warehouse.published_tiers import published_tiers
from segment.warehouse.reference_tables import COLUMNS, read_reference
from segment.warehouse.serving_copy import ServingCopy
from segment.warehouse.serving_ledger import SERVED, own_tables
from segment.warehouse.tiers_table import publish_tiers, published_dates, read_tiers
from tests.conftest import AS_OF, Bank


@pytest.fixture
def copy(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> ServingCopy:
    """A copy of a dozen drawers, filled with months some at a time."""
    monkeypatch.setattr(customer_drawers, "CUSTOMERS", 50)
    monkeypatch.setattr(customer_drawers, "AT_ONCE", 5)
    built = build_serving_copy(bank.workspace)
    assert built is not None
    assert built.rows("SELECT COUNT(DISTINCT drawer) FROM drawers")[0][0] > 10
    return built


def some(bank: Bank) -> list[str]:
    """A customer of each tier and standing."""
    tiers = published_tiers(bank.workspace, AS_OF)
    return tiers.unique(["tier", "standing"], keep="first", maintain_order=True)["customer_id"].to_list()


def tier_history(table: Path, name: str) -> pl.DataFrame:
    """`as_of` and `tier` in every published date in which a customer stands, newest first."""
    dates = reversed(published_dates(table))
    rows = [read_tiers(table, date).filter(pl.col("customer_id") == name).select("as_of", "tier") for date in dates]
    return pl.concat([row.with_columns(pl.col("tier").cast(pl.String)) for row in rows])


def test_the_page_shows_what_explain_tells(bank: Bank, copy: ServingCopy) -> None:
    levers = 0
    for name in some(bank):
        told, shown = (
            explain(name, AS_OF, bank.workspace, bank.policy),
            customer_view(name, copy, bank.workspace, bank.policy).facts,
        )
        assert vars(shown).items() <= vars(told).items()
        levers += len(shown.levers)
    assert levers


def test_a_drawer_holds_the_months_and_tiers_of_its_customers(bank: Bank, copy: ServingCopy) -> None:
    files = [
        month_file(bank.workspace.customer_months, month)
        for month in months_written(bank.workspace.customer_months, AS_OF)[-MONTHS:]
    ]
    months = scan_months(files).select("customer_id", "month", *LINE_NAMES).collect()
    for name in some(bank):
        drawer = read_drawer(copy, name)
        own = months.filter(pl.col("customer_id") == name).drop("customer_id").sort("month")
        assert_frame_equal(drawer.months, own)
        assert_frame_equal(drawer.history, tier_history(bank.workspace.tiers, name))
        assert drawer.published["customer_id"].to_list() == [name]


def test_an_earlier_date_stands_in_the_history_and_a_customer_who_was_not_there_in_none(bank: Bank) -> None:
    tiers = published_tiers(bank.workspace, AS_OF)
    before = (
        tiers.filter(pl.col("tier").is_not_null())
        .head(300)
        .with_columns(
            as_of=pl.lit(dt.date(2024, 12, 31)), tier=pl.lit("valuable", dtype=pl.String).cast(tiers.schema["tier"])
        )
    )
    publish_tiers(before, bank.workspace.tiers)
    copy = build_serving_copy(bank.workspace)
    assert copy is not None
    was, came = before["customer_id"][0], tiers["customer_id"][-1]
    assert read_drawer(copy, was).history["tier"].to_list()[-1] == "valuable"
    for name in (was, came):
        assert_frame_equal(read_drawer(copy, name).history, tier_history(bank.workspace.tiers, name))


def test_small_tables_are_those_of_the_extract(bank: Bank, copy: ServingCopy) -> None:
    names = some(bank)
    held, whole = own_tables(copy, bank.workspace, names), own_tables(None, bank.workspace, names)
    assert held.given == whole.given
    for name in SERVED:
        texts = whole.tables[name].with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String))
        assert_frame_equal(
            held.tables[name].select(COLUMNS[name]),
            texts.select(COLUMNS[name]),
            check_row_order=False,
            check_dtypes=False,
        )
    assert held.tables["customers"].height == len(names) < read_reference(bank.workspace)["customers"].height


def test_a_rule_extracted_since_is_seen_though_the_copy_is_older(bank: Bank, copy: ServingCopy) -> None:
    name = next(
        name for name in some(bank) if own_tables(copy, bank.workspace, [name]).tables["contact_rules"].is_empty()
    )
    rows = pl.DataFrame(
        {"customer_id": [name], "channel": ["phone"], "bundle": [None]}, schema_overrides={"bundle": pl.String}
    )

    def kept_out() -> set[str]:
        sources = ContactSources.read_of([name], bank.workspace, copy)
        return set(find_suppressions(sources, bank.policy, [AS_OF]).codes_of(rows)["code"])

    assert "deceased" not in kept_out()
    file = bank.workspace.reference / "contact_rules.parquet"
    rules = pl.read_parquet(file, glob=False)
    new = pl.DataFrame({"customer_id": [name], "rule": ["deceased"], "starts_on": [dt.date(2020, 1, 1)]})
    pl.concat([rules.cast({"rule": pl.String}), new], how="diagonal").write_parquet(file)
    assert kept_out() == {"deceased"}


def test_some_customers_are_kept_out_by_the_same_rules_as_everybody(bank: Bank, copy: ServingCopy) -> None:
    everybody = published_tiers(bank.workspace, AS_OF)["customer_id"]
    rows = pl.DataFrame({"customer_id": everybody}).with_columns(
        channel=pl.lit("phone"), bundle=pl.lit(None, dtype=pl.String)
    )
    asked = rows.gather_every(3)
    of_all = find_suppressions(ContactSources.read(bank.workspace), bank.policy, [AS_OF]).codes_of(asked)
    sources = ContactSources.read_of(asked["customer_id"], bank.workspace, copy)
    of_some = find_suppressions(sources, bank.policy, [AS_OF]).codes_of(asked)
    assert of_all.height > 10
    assert_frame_equal(of_some.sort("customer_id"), of_all.sort("customer_id"))


def test_the_plan_of_a_branch_is_the_same_from_the_copy(bank: Bank, copy: ServingCopy) -> None:
    for branch in published_tiers(bank.workspace, AS_OF)["branch_id"].unique().sort():
        whole = service_plan(AS_OF, bank.workspace, bank.policy, branch)
        of_copy = service_plan(AS_OF, bank.workspace, bank.policy, branch, copy)
        assert_frame_equal(of_copy.table, whole.table)
        assert_frame_equal(of_copy.followed, whole.followed)
        assert of_copy.branches == whole.branches
    with pytest.raises(NotPublishedError, match="must have customers"):
        service_plan(AS_OF, bank.workspace, bank.policy, "nowhere", copy)
