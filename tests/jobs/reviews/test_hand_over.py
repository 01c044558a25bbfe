"""An approved fee leaves only while every condition still holds, told in time, accepted, and with a record first."""

from __future__ import annotations

import datetime as dt
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import segment.warehouse.controlled_export as export_module
from segment.exceptions import BusyError, ExportError, InputFileError, ReviewError
from segment.files import file_hash
from segment.jobs.reviews.decide import decide, withdraw
from segment.jobs.reviews.fee_notices import take_notices
from segment.jobs.reviews.hand_over import HandedOver, hand_over
from segment.jobs.reviews.propose import propose
from segment.jobs.reviews.review_evidence import list_reviews
from segment.policy import Policy
from segment.store.record_kinds import RecordKind
from segment.store.records import check_chain, read_records
from segment.store.row_store import read_rows, upsert_rows
from segment.store.stored_tables import OBJECTIONS, REVIEWS
from segment.warehouse.tiers_table import publish_tiers, read_tiers
from segment.workspace import Workspace
from tests.jobs.reviews.small_bank import (
    AS_OF,
    ITEM,
    NAMES,
    ON,
    notices,
    person,
    protect,
    put,
    retail,
    review_ids,
    tiers,
)

As = Callable[[str], None]
SetClock = Callable[[dt.date], None]
POLICY = retail()
DAY = dt.timedelta(days=1)
TOLD = [("c0", ON, "letters/7", ON), ("c1", ON, "letters/7", ON), ("c2", ON, "letters/7", None)]


@pytest.fixture
def ids(workspace: Workspace, policy: Policy, as_user: As) -> dict[str, str]:
    """Bob approved the fees of c0 to c2; by customer."""
    propose(ITEM, AS_OF, workspace, policy, on=ON)
    as_user("bob")
    found = review_ids(workspace)
    for customer in ("c0", "c1", "c2"):
        decide(workspace, policy, found[customer], "approved", "clear", on=ON)
    return found


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out" / "fees.csv"


@pytest.fixture
def told(workspace: Workspace, ids: dict[str, str], tmp_path: Path) -> dict[str, str]:
    take_notices(notices(tmp_path, ids, TOLD), workspace, POLICY, on=ON)
    return ids


def charge(workspace: Workspace, policy: Policy, out: Path, purpose: str = "charge", **changes: Any) -> HandedOver:
    return hand_over(purpose, out, workspace, policy, **{"on": ON, **changes})


def nothing_at(path: Path) -> bool:
    return not path.parent.exists() or list(path.parent.iterdir()) == []


@pytest.mark.parametrize("ending", [".csv", ".xlsx", ".parquet"])
def test_what_was_told_and_accepted_leaves_with_its_record_first(
    workspace: Workspace, policy: Policy, told: dict[str, str], out: Path, ending: str
) -> None:
    """Service-price Measures 2014: told before, and accepted; c2 has not accepted."""
    made = charge(workspace, policy, out.with_suffix(ending))
    assert (made.rows, made.stayed) == (2, {"accepted": 1})
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.parent.iterdir()} == {0o600}
    [record] = read_records(workspace, RecordKind.REVIEWS_HANDED_OVER)
    assert (record.number, record.content["sha256"]) == (made.record, file_hash(made.path))
    assert (record.content["rows"], record.content["purpose"], record.by) == (2, "charge", "bob")
    assert json.loads(made.manifest.read_text())["record_sha256"] == record.sha256
    whole = json.dumps([one.to_dict() for one in read_records(workspace)])
    assert not [name for name in NAMES if f'"{name}"' in whole]
    assert check_chain(workspace) == len(read_records(workspace))


def test_a_fee_leaves_once_and_holds_what_it_takes(
    workspace: Workspace, policy: Policy, told: dict[str, str], out: Path
) -> None:
    charge(workspace, policy, out)
    rows = pl.read_csv(out)
    assert rows.select("customer_id", "item_code", "price").rows() == sorted(
        [("c0", ITEM, 5.0), ("c1", ITEM, 5.0)], key=lambda row: told[row[0]]
    )
    assert rows["watermark"].str.contains("to charge a fee, handed over by bob at 20").all()
    with pytest.raises(ReviewError, match="Of 1 reviews none holds every condition on 2026-01-05.*accepted 1"):
        charge(workspace, policy, out.with_name("again.csv"))


def revoke(workspace: Workspace, policy: Policy) -> Policy:
    return policy.model_copy(update={"law": policy.law.model_copy(update={"fee_items": {}})})


def objected(workspace: Workspace, _: Policy) -> None:
    made = [("c0", "profiling", ON, None)]
    upsert_rows(workspace, OBJECTIONS, pl.DataFrame(made, schema=OBJECTIONS.schema, orient="row"))


def item(workspace: Workspace, **changes: Any) -> None:
    told = {"item_code": ITEM, "price": 5.0, "public_since": dt.date(2022, 1, 1), "legal_basis": "head office"}
    put(workspace, "tariff_items", [told | changes])


def forged(workspace: Workspace, policy: Policy) -> None:
    """Somebody writes an approval into the table, past the review."""
    rows = read_rows(workspace, REVIEWS).filter(pl.col("customer_id") == "c0")
    upsert_rows(workspace, REVIEWS, rows.with_columns(reviewer=pl.lit("zoe")))


def earns(workspace: Workspace, _: Policy) -> None:
    publish_tiers(tiers(AS_OF, {"c0": {"direct_contribution_12m": 1.0}}), workspace.tiers)


CHANGES: list[tuple[str, str, Callable[[Workspace, Policy], Any], int]] = [
    ("not_vulnerable", "UK Consumer Duty", lambda w, p: protect(w, "c0", "vulnerable"), 1),
    ("not_basic_account", "Payment Accounts Directive 2014/92", lambda w, p: protect(w, "c0", "basic_account"), 1),
    ("not_deceased", "DOMAIN.md 1.7", lambda w, p: protect(w, "c0", "deceased"), 1),
    ("no_open_matter", "CBIRC Order 2022/9", lambda w, p: protect(w, "c0", "complaint"), 1),
    ("no_objection", "GDPR art. 21", objected, 1),
    ("price_as_told", "Service-price Measures 2014", lambda w, p: item(w, price=6.0), 2),
    ("tariff_public", "Service-price Measures 2014", lambda w, p: item(w, public_since=ON), 2),
    ("one_price", "CBRC 2012 rectification notice", lambda w, p: put(w, "tariff_items", []), 2),
    ("alternative", "Fee guardrail", revoke, 2),
    ("approved", "SCHUFA C-634/21", forged, 1),
    ("direct_loss", "DOMAIN.md 0 (1)", earns, 1),
    ("not_staff", "DOMAIN.md 1.7", lambda w, p: put(w, "customers", [person(n, is_staff=n == "c0") for n in NAMES]), 1),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "source", "change", "stay"), CHANGES, ids=[f"{one[0]} by {one[1]}" for one in CHANGES]
)
def test_what_changed_meanwhile_keeps_a_fee_back(
    workspace: Workspace,
    policy: Policy,
    told: dict[str, str],
    out: Path,
    code: str,
    source: str,
    change: Callable[[Workspace, Policy], Any],
    stay: int,
) -> None:
    """Fee guardrail (DOMAIN.md 5): an action with a fee needs all of them, also on the day on which it leaves."""
    changed = change(workspace, policy)
    law = changed if isinstance(changed, Policy) else policy
    if stay == 2:
        with pytest.raises(ReviewError, match=f"stopped by: .*{code}"):
            charge(workspace, law, out)
        assert nothing_at(out)
        assert read_records(workspace, RecordKind.REVIEWS_HANDED_OVER) == []
        return
    made = charge(workspace, law, out)
    assert (made.rows, made.stayed) == (1, {code: 1, "accepted": 1})
    assert pl.read_csv(out)["customer_id"].to_list() == ["c1"]


def test_a_notice_leaves_before_anything_is_charged(
    workspace: Workspace, policy: Policy, ids: dict[str, str], out: Path
) -> None:
    """PSD2 art. 54, Payment Services Regulations 2017, Regulation DD: notice before the change."""
    with pytest.raises(ReviewError, match="No review waits for that"):
        charge(workspace, policy, out)
    assert charge(workspace, policy, out, "notice").rows == 3
    assert list_reviews(workspace, "approved")["handed_over_on"].null_count() == 3


@pytest.mark.parametrize(("day", "left"), [(dt.date(2026, 3, 3), True), (dt.date(2026, 3, 4), False)])
def test_a_notice_that_comes_too_late_is_kept_back(
    workspace: Workspace,
    policy: Policy,
    ids: dict[str, str],
    tmp_path: Path,
    out: Path,
    clock: SetClock,
    day: dt.date,
    left: bool,
) -> None:
    """Service-price Measures 2014: three months before the first fee of 1 June; 3 March is the last day."""
    clock(day)
    put(workspace, "suppression_sources", [{"source": "deaths", "refreshed_on": day}])
    take_notices(notices(tmp_path, ids, [("c0", day, "letters/7", day)]), workspace, POLICY, on=day)
    long = policy.model_copy(update={"law": policy.law.model_copy(update={"figures_most_days": 92})})
    if left:
        assert charge(workspace, long, out, on=day).rows == 1
    else:
        with pytest.raises(ReviewError, match="stopped by: time_for_notice 1"):
            charge(workspace, long, out.with_name("late.csv"), on=day)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("c9", ON, "x", None)], "1 are not of an approved fee"),
        ([("nobody", ON, "x", None)], "1 are not of an approved fee"),
        ([("c0", ON, " ", None)], "1 have no evidence"),
        ([("c0", None, "x", None)], "1 have no day of notice"),
        ([("c0", ON, "x", ON + DAY)], "1 have a day that has not come"),
        ([("c0", ON - DAY, "x", None)], "1 were told before the decision"),
        ([("c0", ON, "x", None), ("c0", ON, "x", None)], "1 stand twice"),
    ],
)
def test_a_file_of_notices_is_taken_in_whole_or_not_at_all(
    workspace: Workspace, ids: dict[str, str], tmp_path: Path, rows: list[Any], message: str
) -> None:
    with pytest.raises(InputFileError, match=message) as fault:
        take_notices(notices(tmp_path, ids, [*rows, ("c1", ON, "letters/7", ON)]), workspace, POLICY, on=ON)
    assert list_reviews(workspace)["notice_on"].null_count() == 10
    assert not any(name in str(fault.value) for name in (*NAMES, *ids.values()))


def test_the_same_notices_change_nothing_and_another_file_is_refused(
    workspace: Workspace, told: dict[str, str], tmp_path: Path
) -> None:
    again = take_notices(notices(tmp_path, told, TOLD), workspace, POLICY, on=ON)
    assert (again.taken.same, again.record) == (3, None)
    assert len(read_records(workspace, RecordKind.FEE_NOTICES_TAKEN)) == 1
    (tmp_path / "odd.csv").write_text("review_id,notice_on\nx,someday\n")
    with pytest.raises(
        InputFileError, match="must have the columns review_id, notice_on, notice_evidence, accepted_on"
    ):
        take_notices(tmp_path / "odd.csv", workspace, POLICY, on=ON)


def test_a_withdrawn_fee_is_not_charged_and_a_charged_one_is_refunded_once(
    workspace: Workspace, policy: Policy, told: dict[str, str], out: Path, clock: SetClock
) -> None:
    """Fee guardrail (DOMAIN.md 5): reversible 60 days."""
    withdraw(workspace, policy, told["c1"], "told by mistake", on=ON)
    assert charge(workspace, policy, out).rows == 1
    clock(dt.date(2026, 6, 20))
    withdraw(workspace, policy, told["c0"], "cannot pay", on=dt.date(2026, 6, 20))
    assert [one.content["to_refund"] for one in read_records(workspace, RecordKind.REVIEW_WITHDRAWN)] == [False, True]
    back = out.with_name("refund.csv")
    assert charge(workspace, policy, back, "refund", on=dt.date(2026, 6, 20)).rows == 1
    assert pl.read_csv(back)["customer_id"].to_list() == ["c0"]
    with pytest.raises(ReviewError, match="No review waits"):
        charge(workspace, policy, back, "refund", on=dt.date(2026, 6, 20))


def test_a_shift_leaves_for_contact_without_a_price_and_not_to_whom_no_list_may_reach(
    workspace: Workspace, policy: Policy, as_user: As, out: Path
) -> None:
    """DOMAIN.md 0 (1): a shift is never a fee. GDPR art. 21: off every list, too."""
    propose(None, AS_OF, workspace, policy, on=ON)
    as_user("bob")
    found = review_ids(workspace)
    for customer in ("c0", "c1", "o1"):
        decide(workspace, policy, found[customer], "approved", "a kind offer", on=ON)
    protect(workspace, "c1", "no_consent")
    with pytest.raises(ReviewError, match="No review waits"):
        charge(workspace, policy, out)
    made = charge(workspace, policy, out, "contact")
    assert (made.rows, made.stayed) == (2, {"no_consent": 1})
    rows = pl.read_csv(out)
    assert sorted(rows.select("customer_id", "action").rows()) == [("c0", "self_service"), ("o1", "offer_help")]
    assert rows["price"].null_count() == 2


@pytest.mark.parametrize("step", ["append_record", "write_json", "write_export"])
def test_where_no_file_comes_of_it_nothing_counts_as_charged(
    workspace: Workspace, policy: Policy, told: dict[str, str], out: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(export_module, step, broken)
    with pytest.raises(OSError, match="no space"):
        charge(workspace, policy, out)
    monkeypatch.undo()
    assert nothing_at(out)
    assert list_reviews(workspace)["handed_over_on"].null_count() == 10
    failed = [one.kind for one in read_records(workspace) if one.kind.startswith("reviews_")]
    assert failed == (["reviews_handed_over", "reviews_hand_over_failed"] if step == "write_json" else [])


def test_an_unknown_purpose_or_ending_is_refused(workspace: Workspace, policy: Policy, out: Path) -> None:
    with pytest.raises(ReviewError, match="one of notice, charge, refund, contact. Got gift"):
        charge(workspace, policy, out, "gift")
    with pytest.raises(ExportError, match="must end in"):
        charge(workspace, policy, out.with_suffix(".doc"))
    assert read_tiers(workspace.tiers, AS_OF).height == 11


def test_an_objection_between_check_and_record_stops_a_fee(
    workspace: Workspace, policy: Policy, told: dict[str, str], out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told
    write = export_module.write_export

    def meanwhile(*arguments: Any, **options: Any) -> None:
        row = ("c0", "profiling", ON, None)
        upsert_rows(workspace, OBJECTIONS, pl.DataFrame([row], schema=OBJECTIONS.schema, orient="row"))
        write(*arguments, **options)

    monkeypatch.setattr(export_module, "write_export", meanwhile)
    with pytest.raises(BusyError, match="Something was handed in meanwhile"):
        charge(workspace, policy, out)
    assert nothing_at(out)
