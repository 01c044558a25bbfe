"""A replay as one page that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from segment.jobs.card.blocks import Heading, Table, Text, as_html
from segment.warehouse import write_whole

_MOVED = ("before", "after", "customers", "share", "contribution_12m")
_GROUP = ("grouped_by", "group", "customers", "raised", "lowered", "better_before", "better_after", "ratio_to_best")


def write_page(made: Mapping[str, Any], path: Path) -> None:
    """Write the page.

    Parameters
    ----------
    made : mapping
        What `Replay.to_dict` returns.
    path : Path
        Ends in `.html`.
    """
    title = f"Replay of {made['policy']['name']} {made['policy']['version']}"
    text = as_html(title, _blocks(title, made))
    write_whole(path, lambda beside: beside.write_text(text, encoding="utf-8"))


def _blocks(title: str, made: Mapping[str, Any]) -> list[Any]:
    against = made["against"]
    told = (
        f"Against {against['name']} {against['version']}, {made['months']} months up to {made['as_of']}, "
        f"{made['customers']:,} customers on the last day; {made['months_judged']} months have known outcomes. "
        f"Policy `{made['policy']['hash']}`."
    )
    return [
        Heading(title, 1),
        Text(told),
        Heading("Cost of service, and value served too low"),
        Table(("figure", "in force", "changed"), _sides(made["sides"])),
        Heading("Who would be in another tier, all months"),
        Table(_MOVED, _rows(made["migrations"], _MOVED)),
        Heading("On the last day"),
        Table(_MOVED, _rows(made["last_day"], _MOVED)),
        Heading("Effect by group"),
        Table(_GROUP, _rows(made["groups"], _GROUP)),
        Heading("How to read this"),
        *(Text(note) for note in made["notes"]),
    ]


def _sides(sides: Mapping[str, Any]) -> list[list[Any]]:
    both = (sides["before"], sides["after"])
    names = {
        "value_missed": "contribution of customers served too low, a year",
        "too_low": "customers and months served too low",
        "cost_of_error": "mean cost of error, by the policy's matrix",
    }
    rows = [["assumed cost of service, a year", *(_shown(one["service_cost"]) for one in both)]]
    rows += [[words, *(_shown(one["under_served"][name]) for one in both)] for name, words in names.items()]
    for name, words in {"changed": "tiers changed a month", "changed_back": "changed and back a month"}.items():
        rows.append([words, *(_shown(one["moves"][name]) for one in both)])
    return rows


def _rows(found: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> list[list[Any]]:
    return [[_shown(row.get(name)) for name in columns] for row in found]


def _shown(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:,.3f}" if abs(value) < 10.0 else f"{value:,.0f}"
    return "withheld or not known" if value is None else value
