"""Groups without a verdict are said with their size; a group of fewer than ten is not even named."""

from __future__ import annotations

from typing import Any

import polars as pl

from segment.audit.findings import limitations
from segment.audit.not_compared import not_compared
from segment.audit.selection_rates import group_rates
from segment.messages import Message
from tests.pages.small_audit import audit_facts

LEAST = 50


def facts(sizes: dict[str, int], **changes: Any) -> dict[str, Any]:
    words = pl.DataFrame({"sex": [word for word, size in sizes.items() for _ in range(size)]})
    decided = pl.DataFrame({"high_value": pl.Series([True, False] * (words.height // 2) + [True] * (words.height % 2))})
    rates = group_rates(words, decided, {"high_value": "benefit"}, LEAST)
    return audit_facts(rates=rates.to_dicts(), errors=[], calibration=[], proxies=[], **changes)


def said(facts: dict[str, Any]) -> dict[str, dict[str, object]]:
    messages = not_compared(facts, lambda attribute, group: {"attribute": attribute, "group": group})
    return {message.code: dict(message.figures) for message in messages}


def test_groups_at_the_border_are_compared_below_it_said() -> None:
    assert said(facts({"f": LEAST, "m": LEAST})) == {}
    (small,) = said(facts({"f": LEAST, "m": LEAST, "x": LEAST - 1}))["audit.open.small"]["groups"]  # type: ignore[misc]
    assert small == Message("audit.small_group", {"attribute": "sex", "group": "x", "customers": LEAST - 1})


def test_groups_of_fewer_than_ten_are_said_without_name_and_where_few_in_all_without_number() -> None:
    (few,) = said(facts({"f": LEAST, "m": LEAST, "a": 3, "b": 4}))["audit.open.small"]["groups"]  # type: ignore[misc]
    assert few == Message("audit.smallest_group", {"attribute": "sex", "group": "2 of fewer than 10"})
    (more,) = said(facts({"f": LEAST, "m": LEAST, "a": 6, "b": 4}))["audit.open.small"]["groups"]  # type: ignore[misc]
    assert more.figures["customers"] == 10


def test_one_large_group_alone_has_nobody_to_be_compared_with() -> None:
    found = said(facts({"f": LEAST, "m": LEAST - 1}))
    assert found["audit.open.one_group"] == {"customers": LEAST, "attributes": ["sex"]}


def test_errors_forecasts_and_proxies_without_a_verdict_are_counted() -> None:
    three = facts({"f": 60, "m": 60, "x": 60})
    fitted = [{"attribute": "sex", "group": "f", "verdict": "within", "coverage_verdict": "within"}]
    asked = [{"attribute": "sex", "group": "f"}]
    errors = [{"attribute": "sex", "group": word, "rate": rate} for word, rate in (("f", 0.2), ("m", None))]
    found = said(three | {"calibration": fitted, "proxies": asked, "errors": errors})
    assert {code: figures["groups"] for code, figures in found.items()} == {
        "audit.open.small_errors": 1, "audit.open.small_fit": 2, "audit.open.small_proxies": 2,
    }  # fmt: skip


def test_of_two_groups_one_test_speaks_for_both() -> None:
    two = facts({"f": 60, "m": 60}) | {"proxies": [{"attribute": "sex", "group": "f"}]}
    assert said(two) == {}


def test_they_stand_among_what_an_audit_leaves_open() -> None:
    assert "audit.open.small" in {each.code for each in limitations(audit_facts()) if isinstance(each, Message)}
