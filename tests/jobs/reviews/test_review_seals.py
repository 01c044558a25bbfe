"""Every field that a decision rests on is sealed by the record of its last step."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import segment.warehouse.controlled_export as export_module
from segment.exceptions import ReviewError
from segment.jobs.reviews.decide import decide, withdraw
from segment.jobs.reviews.fee_notices import take_notices
from segment.jobs.reviews.hand_over import hand_over
from segment.jobs.reviews.propose import propose
from segment.jobs.reviews.review_evidence import evidence
from segment.policy import Policy
from segment.store.record_kinds import RecordKind
from segment.store.records import read_records
from segment.store.row_store import delete_customers, read_rows, upsert_rows
from segment.store.stored_tables import REVIEWS
from segment.workspace import Workspace
from tests.jobs.reviews.small_bank import AS_OF, ITEM, NAMES, ON, notices, review_ids

OTHER = {
    pl.String: pl.lit("other"),
    pl.Date: pl.lit(ON - dt.timedelta(days=400)),
    pl.Float64: pl.lit(5.5),
}
FIELDS = [name for name in REVIEWS.schema if name != "review_id"]
KNOWN = {"action": pl.lit("self_service"), "customer_id": pl.lit("c9"), "decision": pl.lit("refused")}


@pytest.fixture
def charged(workspace: Workspace, policy: Policy, as_user: Callable[[str], None], tmp_path: Path) -> Workspace:
    """c0 may be charged, c1 was charged, c2 was charged and withdrawn, c3 was withdrawn before."""
    propose(ITEM, AS_OF, workspace, policy)
    as_user("bob")
    ids, first = review_ids(workspace), ("c1", "c2", "c3")
    for name in first:
        decide(workspace, policy, ids[name], "approved", "clear")
    take_notices(notices(tmp_path, ids, [(name, ON, "letters/7", ON) for name in first]), workspace, policy)
    withdraw(workspace, policy, review_ids(workspace)["c3"], "told by mistake")
    assert hand_over("charge", tmp_path / "first.csv", workspace, policy).rows == 2
    withdraw(workspace, policy, review_ids(workspace)["c2"], "cannot pay")
    decide(workspace, policy, review_ids(workspace)["c0"], "approved", "clear")
    take_notices(notices(tmp_path, ids, [("c0", ON, "letters/8", ON)]), workspace, policy)
    return workspace


def change(workspace: Workspace, customer: str, **values: pl.Expr) -> None:
    """Write into the stored table, past every command."""
    row = read_rows(workspace, REVIEWS).filter(pl.col("customer_id") == customer)
    upsert_rows(workspace, REVIEWS, row.with_columns(**values))


def charge(workspace: Workspace, policy: Policy, tmp_path: Path, purpose: str = "charge") -> int:
    return hand_over(purpose, tmp_path / f"{purpose}.csv", workspace, policy).rows


@pytest.mark.parametrize("field", FIELDS)
def test_a_fee_whose_row_was_changed_by_hand_does_not_leave(
    charged: Workspace, policy: Policy, tmp_path: Path, field: str
) -> None:
    """DOMAIN.md 5: a fee leaves by what was decided, announced and accepted on record, by nothing else."""
    name = review_ids(charged)["c0"]
    value = KNOWN.get(field, OTHER[REVIEWS.schema[field]])  # type: ignore[index]
    change(charged, "c0", **{field: value})
    with pytest.raises(ReviewError):
        charge(charged, policy, tmp_path)
    with pytest.raises(ReviewError, match="as its last step on record left it"):
        evidence(charged, policy, name)
    with pytest.raises(ReviewError, match="as its last step on record left it"):
        propose(ITEM, AS_OF, charged, policy)


def test_the_same_fee_leaves_where_nobody_changed_it(charged: Workspace, policy: Policy, tmp_path: Path) -> None:
    assert charge(charged, policy, tmp_path) == 1
    assert pl.read_csv(tmp_path / "charge.csv")["customer_id"].to_list() == ["c0"]
    assert charge(charged, policy, tmp_path, "refund") == 1


@pytest.mark.parametrize(
    ("customer", "undone"),
    [("c1", ["handed_over_on"]), ("c3", ["withdrawn_on", "withdrawn_by", "withdrawn_why"])],
    ids=["charged twice", "withdrawn and charged"],
)
def test_a_step_that_was_undone_by_hand_lets_no_fee_leave_again(
    charged: Workspace, policy: Policy, tmp_path: Path, customer: str, undone: list[str]
) -> None:
    change(charged, customer, **{name: pl.lit(None, REVIEWS.schema[name]) for name in undone})  # type: ignore[arg-type]
    made = hand_over("charge", tmp_path / "charge.csv", charged, policy)
    assert (made.rows, made.stayed) == (1, {"approved": 1})
    assert pl.read_csv(made.path)["customer_id"].to_list() == ["c0"]


def test_an_unaccepted_fee_with_a_date_written_in_does_not_leave(
    charged: Workspace, policy: Policy, tmp_path: Path
) -> None:
    """Service-price Measures 2014: no forced acceptance."""
    ids = review_ids(charged)
    decide(charged, policy, ids["c4"], "approved", "clear")
    take_notices(notices(tmp_path, ids, [("c4", ON, "letters/9", None)]), charged, policy)
    change(charged, "c4", accepted_on=pl.lit(ON))
    assert hand_over("charge", tmp_path / "charge.csv", charged, policy).stayed == {"approved": 1}


def test_a_refund_is_made_once_and_only_of_a_fee_that_was_charged(
    charged: Workspace, policy: Policy, tmp_path: Path
) -> None:
    assert charge(charged, policy, tmp_path, "refund") == 1
    change(charged, "c2", refunded_on=pl.lit(None, pl.Date))
    with pytest.raises(ReviewError, match="stopped by: as_recorded 1"):
        charge(charged, policy, tmp_path, "refund")
    change(charged, "c3", handed_over_on=pl.lit(ON))
    with pytest.raises(ReviewError, match="stopped by: as_recorded 2"):
        charge(charged, policy, tmp_path, "refund")


@pytest.mark.parametrize("act", ["decide", "withdraw", "notice"])
def test_no_step_follows_on_a_row_that_was_changed(
    charged: Workspace, policy: Policy, tmp_path: Path, act: str
) -> None:
    name = review_ids(charged)["c0" if act == "notice" else "c5"]
    change(charged, "c0" if act == "notice" else "c5", price=pl.lit(1.0))
    acts: dict[str, Callable[[], object]] = {
        "decide": lambda: decide(charged, policy, name, "refused", "no"),
        "withdraw": lambda: withdraw(charged, policy, name, "no"),
        "notice": lambda: take_notices(tmp_path / "told.csv", charged, policy),
    }
    before = len(read_records(charged))
    with pytest.raises(ReviewError, match="Of 1 reviews 1 are not"):
        acts[act]()
    assert len(read_records(charged)) == before


def test_a_row_made_by_hand_cannot_be_decided(charged: Workspace, policy: Policy) -> None:
    row = read_rows(charged, REVIEWS).filter(pl.col("customer_id") == "c5")
    upsert_rows(charged, REVIEWS, row.with_columns(review_id=pl.lit("R2025-12-aaaaaaaaaaaa"), price=pl.lit(9.0)))
    with pytest.raises(ReviewError, match="as its last step on record left it"):
        decide(charged, policy, "R2025-12-aaaaaaaaaaaa", "approved", "clear")


def test_seals_name_nobody_and_stand_after_an_erasure(charged: Workspace, policy: Policy) -> None:
    told = json.dumps([record.to_dict() for record in read_records(charged)])
    ids = read_rows(charged, REVIEWS)["review_id"].to_list()
    assert not [name for name in (*NAMES, *ids) if f'"{name}"' in told]
    delete_customers(charged, ["c2"])
    assert propose(ITEM, AS_OF, charged, policy).proposed == {"fee": 0}


def test_a_file_that_found_no_place_leaves_the_seals_as_they_were(
    charged: Workspace, policy: Policy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space")

    with monkeypatch.context() as patched:
        patched.setattr(export_module, "write_json", full)
        with pytest.raises(OSError, match="no space"):
            charge(charged, policy, tmp_path)
    assert len(read_records(charged, RecordKind.REVIEWS_HAND_OVER_FAILED)) == 1
    assert charge(charged, policy, tmp_path) == 1


def test_a_workspace_that_says_it_is_another_kind_breaks_every_seal(
    charged: Workspace, policy: Policy, tmp_path: Path
) -> None:
    charged.ledger_kind.write_text(f'{{"ledger": "trial", "day": "{ON}"}}', encoding="utf-8")
    with pytest.raises(ReviewError, match="as its last step on record left it"):
        decide(charged, policy, review_ids(charged)["c5"], "approved", "clear")
