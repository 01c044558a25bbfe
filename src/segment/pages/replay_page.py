"""A replay as one self-contained page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from segment.audit.findings import group_name
from segment.messages import Message
from segment.numbers import write_number
from segment.pages import render
from segment.pages.render import Figure
from segment.sentences import Language

NOTES = tuple(
    Message(f"replay.note.{note}")
    for note in ("as_known_then", "tiers_last", "bookings", "served_too_low", "service_cost")
)
"""What must be known to read a replay."""

_COLUMNS = ("customers", "raised", "lowered", "better_before", "better_after", "ratio_to_best")
_POOLED = re.compile(r"(?P<groups>\d+) groups of fewer than (?P<customers>\d+) customers")
_SIDES = (
    ((), "service_cost", "money"),
    (("under_served",), "value_missed", "money"),
    (("under_served",), "too_low", "count"),
    (("under_served",), "cost_of_error", "figure"),
    (("moves",), "changed", "percent1"),
    (("moves",), "changed_back", "percent1"),
)


def write_page(replay: Mapping[str, Any], path: Path, language: Language = "en") -> None:
    """Write the page."""
    content = {"replay": replay, "sides": list(_sides(replay["sides"])), "notes": NOTES, "columns": _COLUMNS}
    render.write_page(path, "replay_page.jinja", language, group_name=_group_name, **content)


def _group_name(word: str) -> Message | str:
    pooled = _POOLED.fullmatch(word)
    return Message("replay.group.pooled", pooled.groupdict()) if pooled else group_name(word)


def _sides(sides: Mapping[str, Any]) -> Iterator[tuple[str, Figure | None, Figure | None]]:
    for path, name, kind in _SIDES:
        parts = [sides[side][path[0]] if path else sides[side] for side in ("before", "after")]
        before, after = (None if part[name] is None else Figure(write_number(part[name], kind)) for part in parts)
        yield name, before, after
