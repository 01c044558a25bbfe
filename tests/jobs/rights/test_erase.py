"""Erased is erased: from every file and every version, for this person and for nobody else."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
from deltalake import DeltaTable

from segment.exceptions import ErasureError
from segment.jobs.build.extract import extract
from segment.jobs.lists.upgrade_list import upgrade_list
from segment.jobs.lists.verify_list import verify_list
from segment.jobs.publish.overrides import list_overrides
from segment.jobs.publish.refresh import refresh
from segment.jobs.publish.rollback import roll_back_tiers
from segment.jobs.publish.verify import verify
from segment.jobs.rights.certificate import verify_erasure
from segment.jobs.rights.erase import erase
from segment.store.records import check_chain, read_records
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS, REVIEWS, TABLES
from segment.warehouse.published_tiers import published_tiers
from segment.warehouse.tiers_table import published_version, read_tiers
from tests.conftest import AS_OF, Bank
from tests.jobs.rights.conftest import REASON, Gone
from tests.jobs.rights.planted import Planted, places_of

STORES = (
    "customer_months/2025-12.parquet",
    "snapshots/2025-12-31.parquet",
    "snapshots/.2025-12-31-cut0ff.parquet",
    "reference/customers.parquet",
    "reference/holdings.parquet",
    "quarantine/service_events.parquet",
    "ledger_parts/frames/bad.parquet",
    "protected/customers.parquet",
    "store.db",
)


@pytest.mark.slow
def test_the_customer_stands_everywhere_before(planted: Planted) -> None:
    found = places_of(planted.bank.workspace.root, planted.customer)
    assert set(STORES) <= set(found)
    for part in ("tiers/as_of=2025-12-31/", "quarantine/outcomes/"):
        assert any(place.startswith(part) for place in found), part


@pytest.mark.slow
def test_gdpr_17_and_pipl_47_no_byte_and_no_cell_holds_the_customer_after(gone: Gone) -> None:
    assert places_of(gone.after.workspace.root, gone.before.customer) == []


def test_every_version_holds_everybody_else_as_before_and_says_the_same_of_itself(gone: Gone) -> None:
    before, after = gone.before.bank.workspace.tiers, gone.after.workspace.tiers
    assert published_version(after) == published_version(before) == 1
    others = pl.col("customer_id") != gone.before.customer
    for version in (0, 1):
        was, now = read_tiers(before, AS_OF, version), read_tiers(after, AS_OF, version)
        assert was.height == now.height + 1
        assert was.filter(others).equals(now)
    told = [[{**one, "operationMetrics": None} for one in DeltaTable(table).history()] for table in (before, after)]
    assert told[0] == told[1]


def test_nobody_elses_row_of_any_table_changes(gone: Gone) -> None:
    for path in gone.before.bank.workspace.root.rglob("*.parquet"):
        place = path.relative_to(gone.before.bank.workspace.root)
        if place.parts[0] in ("tiers", "ledger_parts", "reconciliations"):
            continue
        was, now = pl.read_parquet(path), pl.read_parquet(gone.after.workspace.root / place)
        if "customer_id" in was.columns and place.name != "reviews.parquet":
            was, other = (
                was.filter(pl.col("customer_id") != gone.before.customer),
                [c for c in was.columns if c != "household"],
            )
            assert was.select(other).equals(now.select(other)), place
    lists = read_rows(gone.after.workspace, LIST_ROWS)
    assert lists["household"].null_count() == 0
    for table in TABLES:
        was, now = read_rows(gone.before.bank.workspace, table), read_rows(gone.after.workspace, table)
        if table is not REVIEWS:
            others = [name for name in was.columns if name != "household"]
            assert was.filter(pl.col("customer_id") != gone.before.customer).select(others).equals(now.select(others))


def test_a_joint_account_stays_with_its_other_holder(gone: Gone) -> None:
    was, now = (pl.read_parquet(one.workspace.reference / "holdings.parquet") for one in (gone.before.bank, gone.after))
    assert now.equals(was.filter(pl.col("customer_id") != gone.before.customer))
    accounts = pl.read_parquet(gone.after.workspace.reference / "accounts.parquet")
    assert set(now["account_id"]) <= set(accounts["account_id"])
    alone = set(was["account_id"]) - set(now["account_id"])
    assert alone
    assert not alone & set(accounts["account_id"])


def test_pipl_56_decisions_outlive_the_name_and_the_chain_of_records_holds(gone: Gone) -> None:
    workspace = gone.after.workspace
    assert check_chain(workspace) == len(read_records(workspace))
    (review,) = read_rows(workspace, REVIEWS).to_dicts()
    assert (review["decision"], review["customer_id"]) == ("refused", gone.done.certificate.subject)
    assert list_overrides(workspace, AS_OF).is_empty()
    assert {one.kind for one in read_records(workspace)} >= {"tier_override", "records_emptied", "customer_erased"}


def test_the_certificate_counts_and_names_what_cannot_be_reached(gone: Gone) -> None:
    told = gone.done.certificate
    assert told.rows["tiers"] == 2
    assert told.rows["customer_months"] > 0
    assert all(one.before == one.after for one in (*told.others.values(), *told.versions.values()))
    assert [one.file for one in told.released] == ["list.csv"]
    assert told.search.found == ()
    assert "list.csv" in str(gone.done)


def test_a_certificate_is_held_to_its_record_and_the_search_repeated(gone: Gone, tmp_path: object) -> None:
    proved = verify_erasure(gone.after.workspace, gone.before.customer, gone.done.path)
    assert proved.holds
    other = verify_erasure(gone.after.workspace, "C0000777", gone.done.path)
    assert (other.of_this_customer, other.tombstone, other.holds) == (False, False, False)


def test_a_released_file_that_held_the_customer_must_not_be_used(gone: Gone) -> None:
    found = verify_list(gone.before.released.path, gone.after.workspace, gone.after.policy, AS_OF)
    assert (found.erased, found.same_file, found.usable) == (1, True, False)
    assert "Delete the file" in str(found)


def test_erasing_twice_changes_nothing(gone: Gone) -> None:
    root = gone.after.workspace.root
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file() and "lock" not in path.name}
    again = erase(gone.after.workspace, gone.after.policy, gone.before.customer, reason=REASON)
    assert again.again
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.slow
def test_the_next_extract_list_and_publication_leave_the_customer_out_and_say_so(
    gone: Gone, copy_of: Callable[[Bank], Bank]
) -> None:
    bank = copy_of(gone.after)
    done = extract(str(bank.ledger), AS_OF, bank.workspace, bank.policy, n_jobs=1)
    assert (done.erased, done.unreconciled) == (1, 0)
    assert "Left out because erased: 1." in str(done)
    refresh(None, AS_OF, bank.workspace, bank.policy, bank.tracking())
    upgrade_list(AS_OF, bank.workspace, bank.policy)
    assert places_of(bank.workspace.root, gone.before.customer) == []


def test_tiers_can_still_be_rolled_back(gone: Gone, copy_of: Callable[[Bank], Bank]) -> None:
    bank = copy_of(gone.after)
    before = published_tiers(bank.workspace, AS_OF, version=0)
    assert roll_back_tiers(bank.workspace, "A mistake.", version=0).version == 2
    assert published_tiers(bank.workspace, AS_OF).equals(before)
    assert places_of(bank.workspace.root, gone.before.customer) == []


def test_what_the_customer_brought_stands_as_a_line_of_its_own_and_the_proof_holds(gone: Gone) -> None:
    checks = {one.name: one for one in verify(gone.after.workspace, gone.after.policy, gone.after.tracking()).checks}
    assert (checks["sums"].holds, checks["replay"].holds) == (True, True)
    assert "1 customers brought who were erased" in checks["replay"].message
    tables = [pl.read_parquet(path) for path in gone.after.workspace.reconciliations.glob("*.parquet")]
    assert pl.concat(tables)["erased"].abs().sum() > 0


@pytest.mark.parametrize("reason", ["", "Because of {}."])
def test_a_reason_is_given_and_names_nobody(gone: Gone, reason: str) -> None:
    with pytest.raises(ErasureError, match="reason") as refused:
        erase(gone.after.workspace, gone.after.policy, gone.before.customer, reason=reason.format(gone.before.customer))
    assert gone.before.customer not in str(refused.value)


def test_nobody_can_be_erased_whom_no_file_holds(gone: Gone) -> None:
    with pytest.raises(ErasureError, match="None holds this one") as refused:
        erase(gone.after.workspace, gone.after.policy, "C9999999", reason=REASON)
    assert "C9999999" not in str(refused.value)
