"""Figures of a policy's file that its comments mark as expert knowledge, [K]: a bank must replace them with its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MARK: Final = "[K]"
_TABLE = re.compile(r"^\[+\s*([^\]]+?)\s*\]+\s*(?:#\s*(.*))?$")
_FIGURE = re.compile(r"""^((?:[\w.-]|"[^"]*"|'[^']*')+)\s*=\s*((?:"[^"]*"|'[^']*'|[^#"'])*?)\s*(?:#\s*(.*))?$""")


@dataclass(frozen=True)
class MarkedFigure:
    """A figure, a table, or a comment about several, that is marked."""

    key: str  # Of the figure, with its tables; of a comment, the table that it stands in
    value: str  # As the file writes it; empty for a table or a comment
    note: str  # What the comment says beside the mark
    line: int  # In the file


def marked_figures(text: str) -> list[MarkedFigure]:
    r"""List what a policy's file marks, in its order; the words above its first figure explain the mark itself.

    Parameters
    ----------
    text : str
        Of a TOML file.

    Returns
    -------
    list of MarkedFigure
        A comment of its own is said of the table that follows it.

    Examples
    --------
    >>> text = 'name = "retail"\n[risk]\ncure_months = 6\nmaterial_debt = 800.0  # [K] about EUR 100\n'
    >>> [(found.key, found.value, found.note) for found in marked_figures(text)]
    [('risk.material_debt', '800.0', 'about EUR 100')]
    """
    found: list[MarkedFigure] = []
    table, begun, words = "", False, list[tuple[int, str]]()
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        header, figure = _TABLE.match(stripped), _FIGURE.match(stripped)
        if stripped.startswith("#"):
            if stripped.startswith("# --"):  # the title of a part: what was said before is of one that is off
                words = []
            else:
                words.append((number, stripped.lstrip("# ")))
            continue
        if header:
            table = header[1]
        if header or figure:
            found += _in_words(table, words) if begun else []
            begun, words = True, []
        comment = header[2] if header else figure[3] if figure else None
        if comment and MARK in comment:
            key = table if header or figure is None else ".".join(filter(None, (table, figure[1])))
            found.append(MarkedFigure(key, "" if header or figure is None else figure[2], _note(comment), number))
    return found


def _in_words(table: str, words: list[tuple[int, str]]) -> list[MarkedFigure]:
    """A comment of one or several lines that stands by itself."""
    whole = " ".join(text for _, text in words)
    return [MarkedFigure(table, "", _note(whole), words[0][0])] if MARK in whole else []


def _note(comment: str) -> str:
    return " ".join(comment.replace(MARK, " ").split()).replace(" .", ".").replace(" ,", ",")
