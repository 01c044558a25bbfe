"""What a check of a ledger found, in words for a terminal: counts, columns and dates, never a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from rich.cells import cell_len

from segment.ledger.check_report import BrokenRule, CheckReport, Notice, TableReport
from segment.ledger.unknown_words import UnknownWord
from segment.sentences import Language, Sentences

_NAME, _COUNT, _BAD = 22, 13, 9
"""Widths of columns."""


def check_text(report: CheckReport, language: Language = "en") -> str:
    """Write the report for a terminal."""
    return "\n".join(_lines(report, Sentences(language)))


def check_content(report: CheckReport) -> Mapping[str, object]:
    """Write the report as plain values for another program: what a rule or notice means is in English."""
    return {**report.to_dict(), "broken": _with_meaning(report.broken), "notices": _with_meaning(report.notices)}


def _with_meaning(found: Iterable[BrokenRule | Notice]) -> list[Mapping[str, object]]:
    t = Sentences("en")
    return [{**asdict(each), "meaning": t.of(each.meaning)} for each in found]


def _lines(report: CheckReport, t: Sentences) -> Iterator[str]:
    if report.as_of:
        yield t("check.ledger_as_of", location=report.location, as_of=report.as_of)
    else:
        yield t("check.ledger", location=report.location)
    yield ""
    later = any(table.after_as_of for table in report.tables)
    yield _row([t(f"check.head.{name}") for name in ("table", "rows", "kept", "bad", "later", "dates")], later)
    yield from (_table_line(table, later, t) for table in report.tables if table.present)
    yield from _gaps(report, t)
    broken = [(rule.table, rule.rows, f"{rule.rule} ({t.of(rule.meaning)})") for rule in report.broken]
    yield from _listed(t("check.broken"), [_found(*rule) for rule in broken])
    words = [_right(word.table) + _word(word, t) for word in report.unknown_words]
    yield from _listed(t("check.unknown_words"), words)
    notices = [_found(notice.table, notice.count, t.of(notice.meaning)) for notice in report.notices]
    yield from _listed(t("check.to_look_at"), notices)
    hashes = [_right(table.table) + table.sha256 for table in report.tables if table.sha256]
    yield from _listed(t("check.hashes", version=report.polars_version), hashes)
    yield ""
    over = ", ".join(f"`{table.table}` ({table.bad_share:.2%})" for table in report.over_limit)
    limit = f"{100 * report.tolerated_bad_row_share:g}%"
    yield t("check.over_limit", limit=limit, tables=over) if over else t("check.passed", limit=limit)


def _table_line(table: TableReport, later: bool, t: Sentences) -> str:
    counts = (table.rows, table.kept, table.quarantined, table.after_as_of)
    dates = t("check.dates", first=table.first_on, last=table.last_on) if table.first_on else ""
    return _row([table.table, *(f"{count:,}" for count in counts), dates], later)


def _row(cells: Sequence[str], later: bool) -> str:
    table, rows, kept, bad, after, dates = cells
    counts = _left(rows, _COUNT) + _left(kept, _COUNT) + _left(bad, _BAD) + (_left(after, _COUNT) if later else "")
    return _right(table) + counts + (f"  {dates}" if dates else "")


def _found(table: str, count: int, text: str) -> str:
    return f"{_right(table)}{count:>{_BAD},}  {text}"


def _left(text: str, width: int) -> str:
    return " " * (width - cell_len(text)) + text


def _right(text: str) -> str:
    return text + " " * (_NAME - cell_len(text))


def _word(word: UnknownWord, t: Sentences) -> str:
    others = {"column": word.column, "rows": word.rows}
    if word.word is None:
        return t("check.other_words", **others)
    code = "check.unknown_word" if word.nearest is None else "check.unknown_word_like"
    return t(code, word=word.word, nearest=word.nearest, **others)


def _gaps(report: CheckReport, t: Sentences) -> Iterator[str]:
    absent = [table.table for table in report.tables if not table.present]
    yield from _listed(t("check.absent_tables"), [", ".join(absent)] if absent else [])
    for code, columns in (
        ("check.absent_columns", {table.table: table.absent_columns for table in report.tables}),
        ("check.extra_columns", {table.table: table.extra_columns for table in report.tables}),
    ):
        named = {
            table: [name or t("check.no_name") for name in names] for table, names in columns.items() if len(names)
        }
        yield from _listed(t(code), [f"{table}: {', '.join(names)}" for table, names in named.items()])


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield title
        yield from (f"  {line}" for line in lines)
