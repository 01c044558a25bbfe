"""The law is printed with its sources, and a draft of the impact assessment can be written."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
import typer.main

from segment.cli import app
from segment.policy.jurisdiction import JURISDICTIONS, load_jurisdiction
from tests.conftest import RETAIL, Said

Run = Callable[..., Said]


@pytest.mark.parametrize("code", JURISDICTIONS)
def test_each_rule_is_printed_with_what_it_says_its_source_and_what_is_done(segment: Run, code: str) -> None:
    said = segment("law", "--jurisdiction", code)
    assert said.code == 0
    flat = " ".join(said.out.replace("│", " ").split())
    assert [rule.source for rule in load_jurisdiction(code).rules if rule.source not in flat] == []
    told = json.loads(segment("law", "--jurisdiction", code, "--json").out)
    assert [rule["does"] for rule in told["rules"]] == [rule.does for rule in load_jurisdiction(code).rules]


def test_the_policys_stricter_figures_are_those_in_force(segment: Run, tmp_path: Path) -> None:
    path = tmp_path / "strict.toml"
    path.write_text(RETAIL.read_text().replace("[law]\n", "[law]\nfee_notice_days = 120\n", 1))
    told = json.loads(segment("law", "--policy", path, "--json").out)
    assert (told["fee_notice_days"], told["name"]) == (120, "China")


def test_an_unknown_jurisdiction_and_a_laxer_policy_say_why(segment: Run, tmp_path: Path) -> None:
    said = segment("law", "--jurisdiction", "fr")
    assert (said.code, "one of cn, eu, uk, us. Got fr" in said.err) == (2, True)
    path = tmp_path / "lax.toml"
    path.write_text(RETAIL.read_text().replace("[law]\n", "[law]\nfee_notice_days = 30\n", 1))
    said = segment("law", "--policy", path)
    assert said.code == 2
    assert "stricter than the law: `law.fee_notice_days` must be at least 90 in China, got 30" in said.err


def test_the_draft_goes_to_a_file_of_its_owner(segment: Run, tmp_path: Path) -> None:
    """PIPL 55-56: an impact assessment."""
    out = tmp_path / "draft.md"
    assert segment("impact-assessment", "--out", out).code == 0
    assert out.read_text(encoding="utf-8").startswith("# Impact assessment of the policy retail 2026.1 (draft)")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert segment("impact-assessment").out.startswith("# Impact assessment")


def test_no_command_takes_a_price_or_an_amount_of_a_fee() -> None:
    """CBRC 2012 rectification notice: no branch may make or change a fee item. PIPL art. 24: no price of one's own."""
    group = typer.main.get_command(app)
    named = {(name, option.name) for name, command in group.commands.items() for option in command.params}  # type: ignore[attr-defined]
    assert ("propose-fee", "item") in named
    words = ("price", "amount", "discount", "rate")
    assert not [pair for pair in named if any(word in str(pair[1]) for word in words)]
