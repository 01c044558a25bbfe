"""What a policy's comments mark as expert knowledge is found, wherever the mark stands."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from segment.policy.marked_figures import MARK, marked_figures

MODELS = Path(__file__).parents[2] / "models"
TEXT = """
# [K] marks expert knowledge.
name = "a # [K] inside a word"   # the bank's
share = 0.1 # [K]
[costs]            # [K] all of them
call = 6.0
# ------- a part that is off
# [trial]
# share = 0.02  # [K] of a table that says nothing
# ------- [K] a title
# Ratios of a survey;
# the levels are [K].
[[curves]]
rates = [0.1, 0.2]    # [K] of 2024, [S: a paper]
"limit#1" = 3  # [K]
"""


def test_figures_tables_and_comments_are_found_with_their_notes() -> None:
    assert [(found.key, found.value, found.note, found.line) for found in marked_figures(TEXT)] == [
        ("share", "0.1", "", 4),
        ("costs", "", "all of them", 5),
        ("curves", "", "Ratios of a survey; the levels are.", 11),
        ("curves.rates", "[0.1, 0.2]", "of 2024, [S: a paper]", 14),
        ('curves."limit#1"', "3", "", 15),
    ]


@pytest.mark.parametrize("path", sorted(MODELS.glob("*.toml")), ids=lambda path: path.name)
def test_every_mark_of_our_policies_is_found_once_and_named_by_a_key_of_the_file(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    begins = next(number for number, line in enumerate(text.splitlines(), 1) if re.match(r"\w", line))
    marked = {number for number, line in enumerate(text.splitlines(), 1) if MARK in line and number > begins}
    found = marked_figures(text)
    assert {one.line for one in found if one.value} <= marked
    assert len(found) == len({one.line for one in found}) <= len(marked)
    for one in found:
        content = tomllib.loads(text)
        for part in one.key.split("."):
            assert part in content
            content = content[part][-1] if isinstance(content[part], list) and "[[" in text else content[part]
            content = content if isinstance(content, dict) else {}
