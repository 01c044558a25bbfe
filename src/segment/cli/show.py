"""Tables and JSON on stdout."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import polars as pl
import typer
from rich.console import Console
from rich.table import Table

from segment.settings import Settings

# What a terminal would carry out instead of showing it: control characters (line breaks and tabs apart), marks that
# turn the direction of text, and bytes of a file's name that are no text.
_CONTROLS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Show what a terminal would carry out, as JSON writes it: names and values come from elsewhere."""
    return _CONTROLS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def say(text: str, err: bool = False) -> None:
    """Print a line; the one way of a command to do so."""
    typer.echo(printable(text), err=err)


def show_json(content: Any) -> None:
    """Print JSON; dates become ISO text."""
    say(json.dumps(content, indent=2, default=str, ensure_ascii=False))


class Result(Protocol):
    """What a job hands back."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        ...


def show_result(result: Result, json: bool) -> None:
    """Print what a job did, as JSON or in words."""
    if json:
        show_json(result.to_dict())
    else:
        show_words(result)


def show_words(result: object, *, err: bool = False) -> None:
    """Print what came of a job, in the language of the settings."""
    from segment.pages.message_result import MessageResult

    say(result.in_words(Settings().language) if isinstance(result, MessageResult) else str(result), err)


def say_next(command: str, unsaid: bool) -> None:
    """Say which command comes next, beside the result; not where a program reads it."""
    from segment.sentences import Sentences

    if not unsaid:
        say(Sentences(Settings().language)(f"next.{command}"), err=True)


def show_frame(
    frame: pl.DataFrame, title: str, columns: Sequence[str] | None = None, rows: int = 40, *, json: bool = False
) -> None:
    """Print a frame as a table in words, or all of it as JSON."""
    if json:
        show_json(frame.to_dicts())
        return
    chosen = frame.select(columns or frame.columns)
    show_rows(title, chosen.columns, chosen.head(rows).rows())
    if frame.height > rows:
        say(title_of("more", count=frame.height - rows))


def title_of(table: str, **figures: object) -> str:
    """Say what stands in a table, in the language of the settings."""
    from segment.sentences import Sentences

    return Sentences(Settings().language)(f"terminal.title.{table}", **figures)


def show_rows(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows as a table in words, in the language of the settings; numbers to the right."""
    from segment.pages.table_words import cell, heading
    from segment.sentences import Sentences

    t, cells = Sentences(Settings().language), [list(row) for row in rows]
    table = Table(title=printable(title), title_justify="left")
    for number, name in enumerate(columns):
        numeric = any(isinstance(row[number], int | float) for row in cells)
        table.add_column(printable(heading(name, t)), justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        table.add_row(*(printable(cell(name, value, t)) for name, value in zip(columns, row, strict=True)))
    # A pipe has no width of its own: give every column what it needs, so that nothing is cut.
    width = None if sys.stdout.isatty() else 400
    Console(width=width, highlight=False, markup=False).print(table)
