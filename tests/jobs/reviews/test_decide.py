"""A person other than the author decides, with a reason, and what is approved holds on that day."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest
from filelock import FileLock

import segment.jobs.reviews.review_rows as rows_module
from segment.exceptions import BusyError, ReviewError
from segment.jobs.reviews.decide import decide, withdraw
from segment.jobs.reviews.propose import propose
from segment.jobs.reviews.review_evidence import Evidence, evidence, list_reviews
from segment.jobs.reviews.review_report import review_report
from segment.policy import Policy
from segment.store.record_kinds import RecordKind
from segment.store.records import check_chain, read_records
from segment.store.row_store import delete_customers
from segment.workspace import Workspace
from tests.jobs.reviews.small_bank import AS_OF, ITEM, NAMES, ON, protect

As = Callable[[str], None]
SetClock = Callable[[dt.date], None]
DAY = dt.timedelta(days=1)


@pytest.fixture
def names(workspace: Workspace, policy: Policy, as_user: As) -> list[str]:
    """Ann's proposals, with Bob at the keyboard; the first is of c0."""
    propose(ITEM, AS_OF, workspace, policy, on=ON)
    as_user("bob")
    return list_reviews(workspace).sort("customer_id")["review_id"].to_list()


def said(workspace: Workspace, policy: Policy, name: str, decision: str = "approved", reason: str = "clear") -> str:
    return str(decide(workspace, policy, name, decision, reason, on=ON))


def test_a_decision_is_kept_with_its_reason_and_on_record_without_it(
    workspace: Workspace, policy: Policy, names: list[str]
) -> None:
    """GDPR art. 22; UK GDPR art. 22; SCHUFA C-634/21: a person decides; the record names no customer."""
    said(workspace, policy, names[0], "refused", "c0 cares for her mother")
    row = list_reviews(workspace, "refused").row(0, named=True)
    assert (row["reviewer"], row["decided_on"], row["why"]) == ("bob", ON, "c0 cares for her mother")
    [record] = read_records(workspace, RecordKind.REVIEW_DECIDED)
    assert (record.by, record.content["decision"]) == ("bob", "refused")
    told = json.dumps(record.to_dict())
    assert "mother" not in told
    assert not [name for name in NAMES if f'"{name}"' in told]
    assert check_chain(workspace) == 2


@pytest.mark.parametrize("user", ["ann", " Ann ", "ANN", "a\u200bnn", "ａnn", "аnn"])
def test_the_author_does_not_review(
    workspace: Workspace, policy: Policy, names: list[str], as_user: As, user: str
) -> None:
    """Fee guardrail (DOMAIN.md 5): reviewer ≠ author."""
    as_user(user)
    for decision in ("approved", "refused", "alternative"):
        with pytest.raises(ReviewError, match="other than the author"):
            said(workspace, policy, names[0], decision)


@pytest.mark.parametrize(("reason", "decision", "message"), [(" ", "approved", "reason"), ("x", "maybe", "Got maybe")])
def test_a_decision_has_a_reason_and_is_one_of_three(
    workspace: Workspace, policy: Policy, names: list[str], reason: str, decision: str, message: str
) -> None:
    with pytest.raises(ReviewError, match=message):
        said(workspace, policy, names[0], decision, reason)


def test_a_review_is_decided_once_and_not_before_it_was_proposed(
    workspace: Workspace, policy: Policy, names: list[str]
) -> None:
    said(workspace, policy, names[0], "refused")
    with pytest.raises(ReviewError, match="was refused on 2026-01-05"):
        said(workspace, policy, names[0])
    with pytest.raises(ReviewError, match="after its proposal"):
        decide(workspace, policy, names[1], "refused", "early", on=ON - DAY)
    with pytest.raises(ReviewError, match="must be named by its id"):
        said(workspace, policy, "R-none")


def test_what_changed_since_the_proposal_closes_an_approval_but_not_a_refusal(
    workspace: Workspace, policy: Policy, names: list[str]
) -> None:
    """CBIRC Order 2022/9, UK Consumer Duty: vulnerable customers. The message says what, and of nobody."""
    protect(workspace, "c0", "vulnerable")
    with pytest.raises(ReviewError, match=r"1 do not:\n  - not_vulnerable: .*CBIRC Order 2022/9") as fault:
        said(workspace, policy, names[0])
    assert "c0" not in str(fault.value)
    assert list_reviews(workspace, "pending").height == 10
    assert "alternative by bob" in said(workspace, policy, names[0], "alternative")


def test_the_evidence_holds_what_a_reviewer_needs(workspace: Workspace, policy: Policy, names: list[str]) -> None:
    """GDPR art. 22; SCHUFA C-634/21: meaningful review = the reviewer sees the evidence."""
    found: Evidence = evidence(workspace, policy, names[0], on=ON)
    assert found.holds
    assert found.conditions.height == 29
    assert found.moments["direct_contribution_12m"].to_list() == [-120.0] * 3
    assert found.moments["as_of"].is_sorted(descending=True)
    assert found.lines.filter(line="fee_income").row(0) == ("fee_income", "income", 120.0)
    assert found.lines.filter(line="account_cost")["side"].to_list() == ["cost"]
    assert found.review.alternative == policy.law.fee_items[ITEM].alternative
    protect(workspace, "c0", "complaint")
    assert not evidence(workspace, policy, names[0], on=ON).holds


def test_the_report_counts_by_hand_and_alarms_where_nothing_is_overturned(
    workspace: Workspace, policy: Policy, names: list[str], as_user: As
) -> None:
    """GDPR art. 22; SCHUFA C-634/21: 0 % overturns = alarm."""
    few = policy.model_copy(update={"law": policy.law.model_copy(update={"enough_decisions": 4})})
    for name in names[:4]:
        said(workspace, policy, name)
    made = review_report(workspace, few)
    assert made.overturn_rate == 0.0
    assert [alarm.split(" overturned")[0] for alarm in made.to_dict()["alarms"]] == ["Reviewers", "bob"]
    as_user("cy")
    said(workspace, policy, names[4], "alternative")
    made = review_report(workspace, few)
    assert made.overturn_rate == pytest.approx(1 / 5)
    assert [alarm.split(" overturned")[0] for alarm in made.to_dict()["alarms"]] == ["bob"]
    assert made.counts.row(0) == ("fee", 5, 4, 0, 1, 0, 0, 0)
    assert review_report(workspace, policy).alarms == ()


def test_a_refused_item_rests_before_it_is_proposed_again(
    workspace: Workspace, policy: Policy, names: list[str]
) -> None:
    said(workspace, policy, names[0], "refused")
    short = policy.model_copy(update={"law": policy.law.model_copy(update={"refused_rest_days": 0})})
    assert propose(ITEM, AS_OF, workspace, policy, on=ON).proposed == {"fee": 0}
    # the same moment is the same review: it is decided, and stays so
    assert propose(ITEM, AS_OF, workspace, short, on=ON).proposed == {"fee": 0}


@pytest.mark.parametrize("after", [0, 60, 61])
def test_a_fee_can_be_withdrawn_for_sixty_days(
    workspace: Workspace, policy: Policy, names: list[str], clock: SetClock, after: int
) -> None:
    """Fee guardrail (DOMAIN.md 5): reversible 60 days. UDAAP: an injury that can be avoided."""
    said(workspace, policy, names[0])
    day = dt.date(2026, 6, 1) + after * DAY
    clock(day)
    if after == 61:
        with pytest.raises(ReviewError, match="up to 2026-07-31. Got 2026-08-01"):
            withdraw(workspace, policy, names[0], "too late", on=day)
        return
    assert withdraw(workspace, policy, names[0], "told by mistake", on=day).decision == "withdrawn"
    assert read_records(workspace, RecordKind.REVIEW_WITHDRAWN)[0].content["to_refund"] is False
    with pytest.raises(ReviewError, match=f"This one was on {day}"):
        withdraw(workspace, policy, names[0], "again", on=day)


def test_what_was_refused_needs_no_withdrawal_and_an_open_proposal_may_be_taken_back(
    workspace: Workspace, policy: Policy, names: list[str]
) -> None:
    said(workspace, policy, names[0], "refused")
    with pytest.raises(ReviewError, match="open or approved to be withdrawn. This one was refused"):
        withdraw(workspace, policy, names[0], "why not", on=ON)
    withdraw(workspace, policy, names[1], "proposed by mistake", on=ON)
    with pytest.raises(ReviewError, match="was withdrawn on 2026-01-05"):
        said(workspace, policy, names[1])


def test_two_people_do_not_decide_at_once(
    workspace: Workspace, policy: Policy, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_module, "WAIT_SECONDS", 0.1)
    with FileLock(workspace.root / "reviews.lock"), pytest.raises(BusyError, match="One change of reviews"):
        said(workspace, policy, names[0])


def test_an_erased_customer_has_no_review_and_the_chain_still_holds(
    workspace: Workspace, policy: Policy, names: list[str]
) -> None:
    said(workspace, policy, names[0])
    assert delete_customers(workspace, ["c0"])["reviews"] == 1
    assert "c0" not in list_reviews(workspace)["customer_id"].to_list()
    assert check_chain(workspace) == 2
