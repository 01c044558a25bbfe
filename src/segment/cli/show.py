"""Tables and JSON on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
import typer
from rich.console import Console
from rich.table import Table


def show_json(content: Any) -> None:
    """Print JSON; dates become ISO text.

    Parameters
    ----------
    content : object
        Anything that `json` takes.
    """
    typer.echo(json.dumps(content, indent=2, default=str, ensure_ascii=False))


def show_frame(frame: pl.DataFrame, title: str, columns: Sequence[str] | None = None, rows: int = 40) -> None:
    """Print a frame as a table.

    Parameters
    ----------
    frame : polars.DataFrame
        What to show.
    title : str
        Above the table.
    columns : sequence of str, optional
        Which columns; all by default.
    rows : int
        How many; a line says how many more there are.
    """
    chosen = frame.select(columns or frame.columns)
    show_rows(title, chosen.columns, chosen.head(rows).rows())
    if frame.height > rows:
        typer.echo(f"… and {frame.height - rows} more; --out FILE writes all of them.")


def show_rows(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows as a table, numbers to the right.

    Parameters
    ----------
    title : str
        Above the table.
    columns : sequence of str
        Headings.
    rows : iterable of sequences
        Cells.
    """
    kept = [list(row) for row in rows]
    table = Table(title=title, title_justify="left")
    for number, name in enumerate(columns):
        numeric = any(isinstance(row[number], int | float) for row in kept)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in kept:
        table.add_row(*(_cell(name, value) for name, value in zip(columns, row, strict=True)))
    # A pipe has no width of its own: give every column what it needs, so that nothing is cut.
    width = None if sys.stdout.isatty() else 400
    Console(width=width, highlight=False, markup=False).print(table)


def _cell(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if name.endswith(("share", "probability")):
        return f"{value:.1%}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return str(value)
