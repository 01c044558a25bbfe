"""A run's page says the same in both languages, and reads what older releases wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from segment.jobs.publish.publication_gates import rolled_back
from segment.messages import Message
from segment.pages.gate_sentences import gate
from segment.pages.run_page import run_text, write_page
from segment.sentences import Form, Language
from tests.pages.reading import assert_no_english

TIER = Message("gates.tier.valuable")
ALARM = Message("gates.alarm.share", {"tier": TIER, "share": 0.601, "low": 0.15, "high": 0.4})
SHARES = {"high_value": 0.121, "valuable": 0.601, "break_even": 0.2, "loss_making": 0.078}
STANDINGS = {
    "high_value": {"active": 446, "dormant": 3},
    "valuable": {"active": 2239, "provisional": 41},
    "break_even": {"active": 500, "new": 120, "dormant": 105},
    "loss_making": {"active": 241},
    "excluded": {"excluded": 33},
}
GATES = (
    gate("quarantine", False, Message("gates.quarantine", {"quarantined": 115336, "rows": 1605669, "share": 0.0718,
                                                           "limit": 0.01})),
    gate("tier_shares", True, Message("gates.tier_shares.all", {
        "shares": [Message("gates.tier_shares.share", {"tier": TIER, "share": 0.601})]})),
    rolled_back(None),
)  # fmt: skip


def facts(**changes: Any) -> dict[str, Any]:
    line = {"customers_sum": 1264673.4, "unheld": 439.0, "unused_capacity": 0.0, "unexplained": 0.0, "total": 1265112.0}
    steps = ("all_customers", "of_customers_who_left", "commissions_as_booked", "commissions_as_spread", "published")
    moved = [
        {"previous_tier": None, "tier": "valuable", "customers": 1506, "share": 0.271, "contribution_12m": -350219.4},
        {
            "previous_tier": "valuable",
            "tier": "loss_making",
            "customers": None,
            "share": None,
            "contribution_12m": None,
        },
    ]
    notices = [{"table": "accounts", "name": "accounts_without_owner", "meaning": "owned by no customer", "count": 7},
               {"table": "fees", "name": "older", "meaning": "an older notice", "count": 8}]  # fmt: skip
    return {
        "run_id": "refresh-<b>1</b>", "as_of": "2025-12-31", "started_at": "2026-01-02T03:04:05", "status": "published",
        "timings": {"publish": 0.25, "extract": 57.152}, "erased": 12345,
        "published": {"customers": 3728, "shares": SHARES, "main_bank_elsewhere": 489, "table_version": 21,
                      "standings": STANDINGS, "alarms": ["valuable holds"], "alarm_codes": [ALARM.to_dict()]},
        "gates": [one.to_dict() for one in GATES],
        "ledger": {"tables": [{"table": "fees", "rows": 1219992, "quarantined": 99712, "last_on": None}],
                   "broken": [{"table": "fees", "rule": "orphan_branch", "rows": 505}], "notices": notices},
        "proof": {"sha256": "a" * 64, "ledger": {"fees": line}, "bridge": dict.fromkeys(steps, 656178.3)},
        "drift": GATES[2].to_dict(),
        "moves": {"kept": 0.982, "customers": 3694, "rose": 0.018, "fell": 0.001, "returned": 0.0}, "migration": moved,
        "shadow": {"champion": "1", "challenger": "2", "changed": 0.033, "customers": 3700, "rank_correlation": 0.9876},
        "inputs": {"code_version": "0.1.0", "before": None, "tables": {"fees": "b" * 64}},
        "packages": {"polars": "2.1.0"},
    } | changes  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", ["html", "md"])
def test_every_figure_stands_on_the_page(tmp_path: Path, form: Form, language: Language) -> None:
    write_page(facts(), tmp_path / f"page.{form}", language)
    page = (tmp_path / f"page.{form}").read_text(encoding="utf-8")
    named = ("2025-12-31", "03:04:05", "12.1%", "3,728", "489", "21", "60.1%", "15.0%", "115,336", "7.18%", "1,219,992",
             "99,712", "505", "12,345", "1,264,673", "439", "1,265,112", "656,178", "a" * 64, "98.2%", "1,506", "27.1%",
             "-350,219", "3.3%", "0.988", "57.15", "0.25", "0.1.0", "b" * 64, "2.1.0", "orphan_branch")  # fmt: skip
    assert [figure for figure in named if figure not in page] == []
    assert page.count("under 10" if language == "en" else "不足10") == 4
    assert "<b>" not in page or form == "md"


def test_a_chinese_page_has_no_english_sentence(tmp_path: Path) -> None:
    for changes in ({}, {"shadow": {"not_compared": "none", "finding": Message("run.no_challenger").to_dict()}}):
        page = run_text(facts(**changes), "zh")
        assert_no_english(page, "an older notice")
        for words in (
            "已发布。截至2025-12-31",
            "没有所有人的账户",
            "层级占比（`tier_shares`）",
            "这批层级未被撤回",
            "（此前未评级）",
        ):
            assert words in page
        write_page(facts(**changes), tmp_path / "page.html", "zh")
        assert_no_english((tmp_path / "page.html").read_text(encoding="utf-8"), "an older notice")


def test_the_english_page_keeps_its_sentences() -> None:
    page = run_text(facts())
    for line in (
        "# Run refresh-<b>1</b>",
        "Published. As of 2025-12-31, started 2026-01-02T03:04:05.",
        "**Alarm:** valuable holds 60.1% of the customers, outside the policy's 15.0% to 40.0%.",
        "| quarantine | **fails** | 115,336 of 1,605,669 rows broke a rule, 7.18%; the limit is 1.00% |",
        "| accounts | owned by no customer: what they bring is attributed to nobody | 7 |",
        "Left out because their data were erased: 12,345 customers.",
        "| contribution of all customers, as booked | 656,178 |",
        "| (not tiered before) | valuable | 1,506 | 27.1% | -350,219 |",
        "Version 2 would put 3.3% of 3,700 customers into another tier than version 1; their future values have rank "
        "correlation 0.988. Branches: shadow.json.",
    ):
        assert f"\n{line}\n" in f"\n{page}"


def test_standings_stand_apart_and_one_tier_has_one_share() -> None:
    page = run_text(facts())
    for line in (
        "| tier | share of customers | provisional | new | dormant |",
        "| high-value | 12.1% | 0 | 0 | under 10 |",
        "| valuable | 60.1% | 41 | 0 | 0 |",
        "| break-even | 20.0% | 0 | 120 | 105 |",
    ):
        assert f"\n{line}\n" in page
    assert "33 excluded customers have no tier." in page


def test_grades_are_crossed_with_tiers() -> None:
    gold = {"asset_grade": "gold card", "high_value": 116, "valuable": 1, "break_even": 20, "loss_making": 0}
    none = {"asset_grade": None, "high_value": 37, "valuable": 344, "break_even": 1779, "loss_making": 456}
    counts = {"card_without_value": 222, "value_without_card": 381, "on_notice": 17}
    run = facts()
    run["published"] |= {"grades": [gold, none], **counts}
    page = run_text(run)
    for line in (
        "| grade by assets | high-value | valuable | break-even | loss-making |",
        "| gold card | 116 | under 10 | 20 | 0 |",
        "| (no grade) | 37 | 344 | 1,779 | 456 |",
        "Grades by assets: 222 customers hold one without the value, 381 bring the value without one, "
        "17 are to be told that they will lose theirs.",
    ):
        assert f"\n{line}\n" in page
    assert "| 「gold card」 | 116 | 不足10 | 20 | 0 |" in run_text(run, "zh")


def test_a_run_of_an_older_release_knows_no_standings() -> None:
    old = facts()
    del old["published"]["standings"]
    assert "\n| high-value | 12.1% |\n" in run_text(old)


def test_a_gate_let_pass_names_who_did() -> None:
    accepted = [GATES[0].to_dict() | {"accepted_by": "A. Keeper"}]
    assert "| fails, let pass by A. Keeper |" in run_text(facts(gates=accepted))


def test_a_run_that_failed_early_has_a_page_too() -> None:
    names = ("run_id", "as_of", "started_at", "timings")
    run = {name: facts()[name] for name in names} | {"status": "failed", "stopped_by": "First line.\nHint: second."}
    page = run_text(run)
    assert "Not published: it stopped on an error. The last tiers stay." in page
    assert "\nFirst line.\n\nHint: second.\n" in page


def test_a_run_of_an_older_release_shows_its_sentences() -> None:
    old = facts(shadow={"not_compared": "no challenger then"})
    del old["published"]["alarm_codes"]
    for one in (*old["gates"], old["drift"]):
        one["said"] = f"{one['name']} of then"
        del one["finding"]
    page = run_text(old, "zh")
    for words in ("tier_shares of then", "valuable holds", "no challenger then"):
        assert words in page
