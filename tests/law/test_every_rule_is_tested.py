"""Every rule of law has a test that names its source."""

from __future__ import annotations

import ast
import datetime as dt
from pathlib import Path

import pytest

from segment.law.conditions import FEE, OFFER_HELP, SELF_SERVICE, conditions
from segment.policy import load_policy
from segment.policy.jurisdiction import JURISDICTIONS, load_jurisdiction
from tests.conftest import RETAIL

TESTS = Path(__file__).parents[1]


def said_by_tests() -> str:
    """Docstrings of all test functions, in one text of single spaces."""
    found = []
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.append(ast.get_docstring(node) or "")
    return " ".join(" ".join(found).split())


@pytest.mark.parametrize("code", JURISDICTIONS)
def test_every_rule_of_a_jurisdiction_is_named_by_a_test(code: str) -> None:
    said = said_by_tests()
    assert [rule.source for rule in load_jurisdiction(code).rules if rule.source not in said] == []


@pytest.mark.parametrize("code", JURISDICTIONS)
def test_every_condition_of_an_action_is_named_by_a_test(code: str) -> None:
    said, policy = said_by_tests(), load_policy(RETAIL).model_copy(update={"jurisdiction": code})
    actions = (FEE, SELF_SERVICE, OFFER_HELP)
    sources = {one.source for action in actions for one in conditions(action, policy, dt.date(2026, 1, 1))}
    cited = {part for source in sources for part in source.split("; ")}
    assert [source for source in sorted(cited) if source not in said] == []
