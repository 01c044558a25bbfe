"""The way of a fee by commands alone: proposed, looked at, decided, told, charged, taken back, reported."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segment.jobs.reviews.review_evidence import list_reviews
from segment.workspace import Workspace
from tests.conftest import RETAIL, Said
from tests.jobs.reviews.small_bank import AS_OF, ITEM, NAMES, ON, bank, protect

Run = Callable[..., Said]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return bank(tmp_path / "w")


@pytest.fixture
def run(segment: Run, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, clock: Callable[[dt.date], None]) -> Run:
    clock(ON)

    def by(user: str, *arguments: Any) -> Said:
        monkeypatch.setattr("segment.settings.login_name", lambda: user)
        monkeypatch.setenv("SEGMENT_POLICY", str(RETAIL))
        return segment(*arguments, workspace=workspace.root)

    return by


def propose(run: Run, *more: Any) -> Said:
    return run("ann", "propose-fee", ITEM, "--as-of", AS_OF, "--on", ON, *more)


def test_a_fee_goes_its_whole_way(run: Run, workspace: Workspace, tmp_path: Path) -> None:
    """Fee guardrail (DOMAIN.md 5): proposed, reviewed by another, told, accepted, charged, reversible."""
    said = propose(run)
    assert said.code == 0
    assert "11 customers as of 2025-12-31; new reviews: fee 10. A fee would start on 2026-06-01." in said.out
    name = list_reviews(workspace)["review_id"][0]
    shown = run("bob", "review", name, "--on", ON)
    for words in (
        "direct contribution 12m",
        "not_sole_account",
        "NDRC-CBRC 2014/268",
        "account_cost",
        "by app",
    ):
        assert words in shown.out
    decided = run("bob", "review", name, "--approve", "--reason", "clear", "--on", ON)
    assert f"Review {name}: approved by bob" in decided.out
    assert run("bob", "review-export", "--for", "notice", "--out", tmp_path / "tell.csv", "--on", ON).code == 0
    told = tmp_path / "told.csv"
    told.write_text(f"review_id,notice_on,notice_evidence,accepted_on\n{name},{ON},letters/7,{ON}\n")
    assert "1 reviews with a new notice" in run("bob", "review-notices", told, "--on", ON).out
    out = tmp_path / "charge.csv"
    assert "1 actions in the file" in run("bob", "review-export", "--for", "charge", "--out", out, "--on", ON).out
    assert pl.read_csv(out).height == 1
    assert "withdrawn by cy" in run("cy", "review-withdraw", name, "--reason", "told by mistake", "--on", ON).out
    report = json.loads(run("cy", "reviews", "--report", "--json").out)
    assert (report["overturn_rate"], report["counts"][0]["withdrawn"]) == (0.0, 1)


def test_the_funnel_as_json_counts_each_condition(run: Run) -> None:
    told = json.loads(propose(run, "--json").out)
    assert told["proposed"] == {"fee": 10}
    assert {one["condition"]: one["kept_out"] for one in told["funnel"]}["not_older"] == 1


def test_reviews_are_listed_by_state_and_branch(run: Run) -> None:
    propose(run)
    assert len(json.loads(run("bob", "reviews", "--state", "pending", "--json").out)) == 10
    assert json.loads(run("bob", "reviews", "--branch", "b9", "--json").out) == []
    assert "10 reviews" in run("bob", "reviews").out
    said = run("bob", "reviews", "--state", "lost")
    assert (said.code, "pending, approved, refused, alternative, withdrawn" in said.err) == (2, True)


def test_a_shift_is_proposed_and_older_customers_are_offered_help(run: Run) -> None:
    """State Council 2020/45; CBIRC 2021/40."""
    said = run("ann", "propose-self-service", "--as-of", AS_OF, "--on", ON)
    assert "new reviews: self_service 10, offer_help 1." in said.out


def test_an_alarm_is_printed_where_nothing_is_overturned(run: Run, workspace: Workspace, tmp_path: Path) -> None:
    """GDPR art. 22; SCHUFA C-634/21: 0 % overturns = alarm."""
    propose(run)
    strict = tmp_path / "strict.toml"
    strict.write_text(RETAIL.read_text().replace("enough_decisions = 20", "enough_decisions = 2"))
    for name in list_reviews(workspace)["review_id"][:2]:
        run("bob", "review", name, "--approve", "--reason", "clear", "--on", ON)
    said = run("bob", "reviews", "--report", "--policy", strict)
    alarm = "bob overturned none of 2 proposals; whoever never overturns one in 2 decisions or more does not review."
    assert f"Alarm: {alarm}" in said.out


def test_messages_say_what_must_hold_and_name_no_customer(run: Run, workspace: Workspace, tmp_path: Path) -> None:
    propose(run)
    names = dict(list_reviews(workspace).select("customer_id", "review_id").iter_rows())
    protect(workspace, "c0", "vulnerable")
    tries = {
        "other than the author": run("ann", "review", names["c0"], "--refuse", "--reason", "x", "--on", ON),
        "not_vulnerable": run("bob", "review", names["c0"], "--approve", "--reason", "x", "--on", ON),
        "must have a reason": run("bob", "review", names["c1"], "--refuse", "--on", ON),
        "one decision": run("bob", "review", names["c1"], "--refuse", "--approve", "--on", ON),
        "must be named by its id": run("bob", "review", "R-none", "--on", ON),
        "No review waits": run("bob", "review-export", "--for", "charge", "--out", tmp_path / "x.csv", "--on", ON),
        "`price` does not": run("ann", "propose-fee", "price", "--as-of", AS_OF, "--on", ON),
        "The day must have come": run("ann", "propose-fee", ITEM, "--as-of", AS_OF, "--on", "2099-01-01"),
    }
    for words, said in tries.items():
        assert (said.code, words in said.err) == (2, True), words
        assert not any(f" {name} " in said.err.replace(".", " ") for name in NAMES)
