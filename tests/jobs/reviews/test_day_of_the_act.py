"""What counts is the day of the act by the clock: one that is given loosens nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.exceptions import DayError, ReviewError, SuppressionError
from segment.jobs.reviews.decide import decide, withdraw
from segment.jobs.reviews.fee_notices import take_notices
from segment.jobs.reviews.hand_over import hand_over
from segment.jobs.reviews.propose import propose
from segment.jobs.reviews.review_evidence import evidence, list_reviews
from segment.policy import Policy
from segment.store.row_store import upsert_rows
from segment.store.stored_tables import OBJECTIONS
from segment.warehouse.workspace_clock import TRIAL_MARK
from segment.workspace import Workspace
from tests.jobs.reviews.small_bank import AS_OF, ITEM, ON, notices, protect, put, retail, review_ids

DAY = dt.timedelta(days=1)
LATE = ON + DAY
POLICY = retail()


@pytest.fixture
def ready(workspace: Workspace, policy: Policy, as_user: Callable[[str], None], tmp_path: Path) -> Workspace:
    """An announced and accepted fee of c0 that could be charged on `ON`."""
    propose(ITEM, AS_OF, workspace, policy)
    as_user("bob")
    name = review_ids(workspace)["c0"]
    decide(workspace, policy, name, "approved", "clear")
    take_notices(notices(tmp_path, review_ids(workspace), [("c0", ON, "letters/7", ON)]), workspace, policy)
    return workspace


def object_on(workspace: Workspace, day: dt.date) -> None:
    made = pl.DataFrame([("c0", "profiling", day, None)], schema=OBJECTIONS.schema, orient="row")
    upsert_rows(workspace, OBJECTIONS, made)


def test_a_fee_leaves_on_the_day_itself_and_few_days_back(ready: Workspace, policy: Policy, tmp_path: Path) -> None:
    assert hand_over("charge", tmp_path / "charge.csv", ready, policy, on=ON).rows == 1


@pytest.mark.parametrize("rule", ["vulnerable", "complaint", "deceased", "basic_account", "fee_exempt"])
def test_a_rule_since_today_keeps_a_fee_of_yesterday_back(
    ready: Workspace, policy: Policy, tmp_path: Path, clock: Callable[[dt.date], None], rule: str
) -> None:
    """UK Consumer Duty; CBIRC Order 2022/9: protection counts when the act is done, whatever day is written on it."""
    clock(LATE)
    protect(ready, "c0", rule, starts_on=LATE)
    with pytest.raises(ReviewError, match="none holds every condition"):
        hand_over("charge", tmp_path / "charge.csv", ready, policy, on=ON)


def test_an_objection_of_today_keeps_a_fee_of_yesterday_back(
    ready: Workspace, policy: Policy, tmp_path: Path, clock: Callable[[dt.date], None]
) -> None:
    """GDPR art. 21; PIPL art. 24."""
    clock(LATE)
    object_on(ready, LATE)
    with pytest.raises(ReviewError, match="stopped by: no_objection 1"):
        hand_over("charge", tmp_path / "charge.csv", ready, policy, on=ON)


def test_a_birthday_of_today_and_an_objection_taken_back_today_count_too(
    ready: Workspace, policy: Policy, tmp_path: Path, clock: Callable[[dt.date], None]
) -> None:
    """The stricter of the two days wins: what stood on the day given counts as well."""
    clock(LATE)
    taken_back = pl.DataFrame([("c0", "profiling", ON, LATE)], schema=OBJECTIONS.schema, orient="row")
    upsert_rows(ready, OBJECTIONS, taken_back)
    with pytest.raises(ReviewError, match="stopped by: no_objection 1"):
        hand_over("charge", tmp_path / "charge.csv", ready, policy, on=ON)
    assert hand_over("charge", tmp_path / "charge.csv", ready, policy).rows == 1


def test_sources_and_tiers_are_fresh_today_or_nothing_leaves(
    ready: Workspace, policy: Policy, tmp_path: Path, clock: Callable[[dt.date], None]
) -> None:
    """DOMAIN.md 3.2: a stale source stops."""
    clock(ON + 4 * DAY)
    with pytest.raises(SuppressionError, match="Stale: deaths"):
        hand_over("charge", tmp_path / "charge.csv", ready, policy, on=ON + DAY)
    put(ready, "suppression_sources", [{"source": "deaths", "refreshed_on": dt.date(2026, 3, 5)}])
    clock(dt.date(2026, 3, 5))
    with pytest.raises(ReviewError, match="newest published tiers must be of 2026-03-0"):
        hand_over("charge", tmp_path / "charge.csv", ready, policy, on=dt.date(2026, 3, 4))


@pytest.mark.parametrize(("day", "said"), [(ON + DAY, "must have come"), (ON - 4 * DAY, "up to 3 days back")])
def test_every_act_of_a_review_refuses_a_day_to_come_and_one_far_back(
    ready: Workspace, policy: Policy, tmp_path: Path, day: dt.date, said: str
) -> None:
    name = review_ids(ready)["c1"]
    acts: list[Callable[[], object]] = [
        lambda: propose(ITEM, AS_OF, ready, policy, on=day),
        lambda: propose(None, AS_OF, ready, policy, on=day),
        lambda: evidence(ready, policy, name, on=day),
        lambda: decide(ready, policy, name, "approved", "clear", on=day),
        lambda: withdraw(ready, policy, name, "a mistake", on=day),
        lambda: take_notices(tmp_path / "told.csv", ready, policy, on=day),
        *(lambda purpose=purpose: hand_over(purpose, tmp_path / "x.csv", ready, policy, on=day)  # type: ignore[misc]
          for purpose in ("notice", "charge", "refund", "contact")),
    ]  # fmt: skip
    for act in acts:
        with pytest.raises(DayError, match=said):
            act()
    assert not (tmp_path / "x.csv").exists()


def test_an_approval_of_yesterday_asks_of_today_too(
    ready: Workspace, policy: Policy, clock: Callable[[dt.date], None]
) -> None:
    clock(LATE)
    protect(ready, "c1", "vulnerable", starts_on=LATE)
    with pytest.raises(ReviewError, match="not_vulnerable"):
        decide(ready, policy, review_ids(ready)["c1"], "approved", "clear", on=ON)
    assert not evidence(ready, policy, review_ids(ready)["c1"], on=ON).holds


@pytest.mark.parametrize("purpose", ["notice", "charge", "refund"])
def test_no_fee_leaves_a_trial_workspace(ready: Workspace, policy: Policy, tmp_path: Path, purpose: str) -> None:
    ready.ledger_kind.write_text(f'{{"ledger": "trial", "day": "{ON}"}}', encoding="utf-8")
    with pytest.raises(ReviewError, match="No fee leaves a trial workspace"):
        hand_over(purpose, tmp_path / "x.csv", ready, policy)
    assert not (tmp_path / "x.csv").exists()


def test_an_offer_of_a_trial_workspace_says_that_it_is_not_for_contact(
    workspace: Workspace, policy: Policy, tmp_path: Path, as_user: Callable[[str], None]
) -> None:
    workspace.ledger_kind.write_text(f'{{"ledger": "trial", "day": "{ON}"}}', encoding="utf-8")
    propose(None, AS_OF, workspace, policy)
    offer = list_reviews(workspace).filter(pl.col("action") == "self_service")["review_id"][0]
    as_user("bob")
    decide(workspace, policy, offer, "approved", "clear")
    made = hand_over("contact", tmp_path / "x.csv", workspace, policy)
    assert pl.read_csv(made.path)["watermark"].str.starts_with(TRIAL_MARK).all()
    assert TRIAL_MARK in made.manifest.read_text(encoding="utf-8")
