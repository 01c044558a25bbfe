"""The report of a check, in both languages."""

from __future__ import annotations

from dataclasses import replace

from segment.ledger.check_report import BrokenRule, CheckReport, Notice, TableReport
from segment.ledger.notices import take_notice
from segment.ledger.rules import ROW_RULES
from segment.ledger.unknown_words import UnknownWord
from segment.pages.check_page import check_content, check_text
from tests.ledger.small_ledger import small_ledger as make_small_ledger
from tests.pages.reading import assert_no_english


def report_of_everything() -> CheckReport:
    """Every rule is broken, and every notice of the tables taken."""
    ledger = make_small_ledger()
    counted = dict.fromkeys((name for name in _notice_names()), 7)
    notices = take_notice(
        ledger, dict.fromkeys(("contact_rules", "campaign_outcomes", "suppression_sources"), 3), counted
    )
    broken = tuple(BrokenRule(t, rule.name, rule.meaning, 1) for t, rules in ROW_RULES.items() for rule in rules)
    words = (UnknownWord("accounts", "product", "cuenta", 9, "current"), UnknownWord("accounts", "product", None, 2))
    table = TableReport("accounts", present=True, rows=1_000, kept=989, quarantined=11, bad_share=0.011, sha256="ab12")
    tables = (replace(table, absent_columns=("x",), extra_columns=("",)), TableReport("tariff_items", present=False))
    return CheckReport("bank", None, 0.01, tables, broken, notices, unknown_words=words)


def _notice_names() -> list[str]:
    from segment.ledger.notices import _NOTICES

    return [count.__name__ for _, count in _NOTICES]


def test_a_chinese_report_has_no_english_sentence() -> None:
    report = report_of_everything()
    assert len(report.notices) == len(_notice_names()) + 3
    assert_no_english(check_text(report, "zh"))
    english = check_text(report)
    assert "orphan_customer (`customer_id` stands in `customers`)" in english
    assert "Over the limit of 1%: `accounts` (1.10%)." in english


def test_columns_stand_below_one_another_in_both_languages() -> None:
    from rich.cells import cell_len

    for language in ("en", "zh"):
        lines = check_text(report_of_everything(), language).splitlines()  # type: ignore[arg-type]
        head, row = lines[2:4]
        before_dates = cell_len(head) - cell_len("  dates" if language == "en" else "  日期")
        assert cell_len(row) == before_dates


def test_another_program_reads_english_sentences() -> None:
    content = check_content(report_of_everything())
    meanings = [found["meaning"] for found in (*content["broken"], *content["notices"])]  # type: ignore[misc]
    assert all(isinstance(meaning, str) for meaning in meanings)
    assert "`amount` is not 0" in meanings
    assert Notice.__name__ not in str(content)
