"""Blocks of a page, written as Markdown or as HTML that needs nothing else."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;color:#1f2933;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0;font-size:.92rem}td,th{padding:.25rem .7rem;border-bottom:1px solid "
    "#e4e7eb;text-align:left}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}svg{max-width:100%;height:auto}"
    "code{font-size:.88em;overflow-wrap:anywhere}h2{margin-top:2.2rem}summary{cursor:pointer;margin:1rem 0}"
)


@dataclass(frozen=True)
class Heading:
    """A heading of a level; 1 is the page's."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Text:
    """A paragraph; `code` in back-ticks, **bold** in stars."""

    text: str


@dataclass(frozen=True)
class Points:
    """Lines that stand apart, each with a point before it; marked as in `Text`."""

    lines: Sequence[str]


@dataclass(frozen=True)
class Table:
    """Rows under headings; numbers stand to the right. A long one is folded away under a summary."""

    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]
    folded: str = ""


@dataclass(frozen=True)
class Picture:
    """A figure as SVG, with what it shows."""

    file: str
    svg: str
    alt: str


Block = Heading | Text | Points | Table | Picture


def as_markdown(blocks: Iterable[Block]) -> str:
    """Write Markdown; pictures are named by file.

    Parameters
    ----------
    blocks : iterable of Block
        In order.

    Returns
    -------
    str

    Examples
    --------
    >>> print(as_markdown([Heading("Data"), Table(["n"], [[1200]])]))
    ## Data
    <BLANKLINE>
    | n |
    | ---: |
    | 1,200 |
    <BLANKLINE>
    """
    return "\n\n".join(_markdown(block) for block in blocks) + "\n"


def as_html(title: str, blocks: Iterable[Block], language: str = "en") -> str:
    """Write one HTML page with its pictures inside.

    Parameters
    ----------
    title : str
        Of the page.
    blocks : iterable of Block
        In order.
    language : str
        Of the words, two letters.

    Returns
    -------
    str
    """
    body = "\n".join(_html(block) for block in blocks)
    head = f'<meta charset="utf-8">\n<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>'
    return (
        f'<!doctype html>\n<html lang="{html.escape(language)}">\n<head>\n{head}\n</head>\n'
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def cell(value: Any) -> str:
    """Write a value: thousands apart, three digits behind small figures.

    Parameters
    ----------
    value : object
        Of a table.

    Returns
    -------
    str

    Examples
    --------
    >>> cell(1234.5), cell(0.98765), cell(None), cell("as is")
    ('1,234.5', '0.988', '–', 'as is')
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.1f}" if abs(value) >= 100 else f"{value:,.3f}"
    return str(value)


def _numeric(table: Table) -> list[bool]:
    return [
        any(isinstance(row[place], int | float) and not isinstance(row[place], bool) for row in table.rows)
        for place in range(len(table.headings))
    ]


def _markdown(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * block.level} {block.text}"
    if isinstance(block, Text):
        return block.text
    if isinstance(block, Points):
        return "\n".join(f"- {line}" for line in block.lines)
    if isinstance(block, Picture):
        return f"![{block.alt}]({block.file})"
    marks = ["---:" if right else "---" for right in _numeric(block)]
    lines = [[str(name) for name in block.headings], marks, *([cell(value) for value in row] for row in block.rows)]
    text = "\n".join(f"| {' | '.join(one.replace('|', chr(92) + '|') for one in line)} |" for line in lines)
    return f"<details><summary>{block.folded}</summary>\n\n{text}\n\n</details>" if block.folded else text


def _html(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{_inline(block.text)}</h{block.level}>"
    if isinstance(block, Text):
        return f"<p>{_inline(block.text)}</p>"
    if isinstance(block, Points):
        return f"<ul>{''.join(f'<li>{_inline(line)}</li>' for line in block.lines)}</ul>"
    if isinstance(block, Picture):
        # the file's head is no part of a page
        drawn = block.svg[block.svg.index("<svg") :]
        return f'<figure role="img" aria-label="{html.escape(block.alt)}">{drawn}</figure>'
    marks = [' class="n"' if right else "" for right in _numeric(block)]
    head = "".join(f"<th{mark}>{_inline(name)}</th>" for mark, name in zip(marks, block.headings, strict=True))
    rows = "\n".join(
        "<tr>"
        + "".join(f"<td{mark}>{_inline(cell(value))}</td>" for mark, value in zip(marks, row, strict=True))
        + "</tr>"
        for row in block.rows
    )
    text = f"<table>\n<tr>{head}</tr>\n{rows}\n</table>"
    return f"<details><summary>{_inline(block.folded)}</summary>\n{text}\n</details>" if block.folded else text


def _inline(text: str) -> str:
    safe = html.escape(text, quote=False)
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", safe))
