"""What the law keeps is not erased, and who asks is told until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import ErasureError
from segment.jobs.rights.erase import erase
from segment.jobs.rights.legal_hold import holds, rules_in_force
from segment.store.records import read_records
from segment.store.row_store import read_rows, upsert_rows
from segment.store.stored_tables import OBJECTIONS, REVIEWS
from segment.store.tombstones import Erased
from segment.warehouse.reference_tables import read_reference
from segment.workspace import Workspace
from tests.jobs.lists.made_lists import bank, listed, retail

ON = dt.date(2026, 1, 15)
POLICY = retail()


def held_by(workspace: Workspace, customer: str, on: dt.date) -> dict[str, dt.date | None]:
    rules = rules_in_force(read_reference(workspace)["contact_rules"], POLICY, on)
    return holds(rules, read_rows(workspace, REVIEWS), customer, on)


def review(workspace: Workspace, decision: str | None, **changes: dt.date) -> None:
    names = {"review_id": "r1", "customer_id": "c1", "branch_id": "B", "action": "fee", "item_code": "item"}
    row = {**names, "as_of": ON, "author": "Ann", "proposed_on": ON, "decision": decision, "reviewer": "Bea", **changes}
    upsert_rows(workspace, REVIEWS, pl.DataFrame([row], schema=REVIEWS.schema))


def lawsuit(root: Path, ends_on: dt.date | None, rule: str = "litigation") -> Workspace:
    workspace = bank(root, rules=[("c1", rule, None, dt.date(2025, 1, 1), ends_on)])
    listed(workspace)
    return workspace


@pytest.fixture(autouse=True)
def _on_the_day(clock: Callable[[dt.date], None]) -> None:
    clock(ON)


@pytest.mark.parametrize("rule", ["litigation", "aml_hold"])
@pytest.mark.parametrize(("ends_on", "said"), [(dt.date(2026, 6, 30), "until 2026-06-30"), (None, "no day is known")])
def test_gdpr_17_3_a_lawsuit_or_an_aml_hold_stops_an_erasure_and_says_until_when(
    tmp_path: Path, rule: str, ends_on: dt.date | None, said: str
) -> None:
    workspace = lawsuit(tmp_path, ends_on, rule)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.parquet")}
    with pytest.raises(ErasureError, match=f"{rule} .*{said}") as refused:
        erase(workspace, POLICY, "c1", reason="Asked for.", on=ON)
    assert "c1" not in str(refused.value)
    assert {path: path.read_bytes() for path in before} == before
    assert len(Erased.of(workspace)) == 0
    assert [one.kind for one in read_records(workspace)] == ["customer_erasure_refused"]


def test_gdpr_17_3_a_lawsuit_that_has_ended_or_not_begun_stops_nothing(tmp_path: Path) -> None:
    over = lawsuit(tmp_path / "over", ON - dt.timedelta(days=1))
    assert held_by(over, "c1", ON) == {}
    assert held_by(over, "c1", dt.date(2024, 12, 31)) == {}
    assert held_by(over, "c2", dt.date(2025, 6, 1)) == {}
    assert erase(over, POLICY, "c1", reason="Asked for.", on=ON).certificate.rows == {"list_rows": 1, "reference": 2}


def test_gdpr_22_3_and_pipl_24_a_review_is_brought_to_its_end_first(tmp_path: Path) -> None:
    workspace = bank(tmp_path)
    review(workspace, None)
    with pytest.raises(ErasureError, match="open review"):
        erase(workspace, POLICY, "c1", reason="Asked for.", on=ON)
    review(workspace, "approved")
    erase(workspace, POLICY, "c1", reason="Asked for.", on=ON)
    (kept,) = read_rows(workspace, REVIEWS).to_dicts()
    assert (kept["decision"], kept["customer_id"] != "c1") == ("approved", True)


def test_domain_5_a_fee_that_can_be_taken_back_and_a_refund_that_is_due_keep_their_payer(tmp_path: Path) -> None:
    workspace, last = bank(tmp_path), ON + dt.timedelta(days=60)
    review(workspace, "approved", handed_over_on=ON, reversible_until=last)
    assert held_by(workspace, "c1", last) == {"fee that can be taken back": last}
    assert held_by(workspace, "c1", last + dt.timedelta(days=1)) == {}
    review(workspace, "approved", handed_over_on=ON, reversible_until=last, withdrawn_on=ON)
    assert held_by(workspace, "c1", last) == {"refund of a fee": None}
    review(workspace, "approved", handed_over_on=ON, reversible_until=last, withdrawn_on=ON, refunded_on=ON)
    assert held_by(workspace, "c1", last) == {}


def test_a_customer_who_is_erased_cannot_be_handed_in_again(tmp_path: Path) -> None:
    workspace = bank(tmp_path)
    erase(workspace, POLICY, "c1", reason="Asked for.", on=ON)
    rows = pl.DataFrame(
        [(name, "profiling", ON, None) for name in ("c1", "c2")], schema=OBJECTIONS.schema, orient="row"
    )
    assert upsert_rows(workspace, OBJECTIONS, rows).added == 1
    assert read_rows(workspace, OBJECTIONS)["customer_id"].to_list() == ["c2"]


def test_a_file_that_somebody_put_into_the_workspace_is_named_and_the_erasure_goes_on_after_it(tmp_path: Path) -> None:
    customers = [(f"CUSTOMER-{number}", dt.date(1980, 1, 1), False, None) for number in range(3)]
    workspace = bank(tmp_path, customers=customers)
    note = tmp_path / "notes.txt"
    note.write_text("call CUSTOMER-1 back")
    with pytest.raises(ErasureError, match=r"notes\.txt") as refused:
        erase(workspace, POLICY, "CUSTOMER-1", reason="Asked for.", on=ON)
    assert "CUSTOMER-1" not in str(refused.value)
    note.unlink()
    assert erase(workspace, POLICY, "CUSTOMER-1", reason="Asked for.", on=ON).certificate.rows == {"reference": 1}
    assert [one.kind for one in read_records(workspace)] == ["customer_erasure_begun", "customer_erased"]
