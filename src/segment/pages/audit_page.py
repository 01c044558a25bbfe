"""An audit as a page, a Markdown text, a table or JSON; its part of a model card."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from segment.audit.findings import documented, findings, group_name, headline, limitations, named_features, significant
from segment.audit.kinds import FORECAST, FORMER_VERDICTS, PUBLISHED
from segment.files import write_text
from segment.messages import Message
from segment.numbers import write_number
from segment.pages.render import Figure, write_page
from segment.sentences import Language, Sentences

Facts = Mapping[str, Any]

ENDINGS = (".html", ".md", ".json", ".csv")
COLUMNS = (
    "part", "attribute", "decision", "kind", "group", "customers", "decided", "rate", "low", "high", "reference",
    "impact_ratio", "harm_ratio", "odds_ratio", "gap", "p", "p_adjusted", "verdict",
)  # fmt: skip
_RATE_COLUMNS = (
    "attribute", "decision", "group", "customers", "rate", "interval95", "ratio", "harm_ratio", "p", "verdict",
)  # fmt: skip


def write_audit(facts: Facts, out: Path, language: Language = "en") -> None:
    """Write an audit in the form that the file's ending names."""
    texts = {
        ".json": lambda: json.dumps(facts, indent=2, sort_keys=True, ensure_ascii=False) + "\n",
        ".csv": lambda: comparisons(facts).write_csv(),
    }
    if out.suffix in texts:
        text = texts[out.suffix]()
        write_text(text, out)
    else:
        write_page(out, "audit_page.jinja", language, **audit_view(facts, language))


def audit_view(facts: Facts, language: Language) -> dict[str, object]:
    """Take what the page and the card's section show."""
    basis = facts["basis"] if facts["basis"] in (FORECAST, PUBLISHED) else "scored"
    proxies = [row | {"verdict": FORMER_VERDICTS.get(row["verdict"], row["verdict"])} for row in facts["proxies"]]
    facts = {"trained": None, **facts, "proxies": proxies}
    outcomes = facts.get("outcomes", [])
    shown = [name for name in (outcomes[0] if outcomes else ()) if name not in ("tier", "vulnerability", "customers")]
    messages = {
        "findings": findings(facts),
        "limitations": limitations(facts),
        "documented": documented(facts),
        "basis": Message(f"audit.basis.{basis}"),
    }
    view = {**facts, **messages, "shown": shown}
    return {
        "audit": view | {"rate_table": rate_table(facts, Sentences(language))},
        "group_name": group_name,
        "features": named_features,
    }


def rate_table(facts: Facts, t: Sentences) -> tuple[list[str], list[list[Any]]]:
    """Set out how often each group meets each decision."""
    numbers = _RATE_COLUMNS[3:9]
    heads = [Figure(t(f"audit.column.{name}")) if name in numbers else t(f"audit.column.{name}")
             for name in _RATE_COLUMNS]  # fmt: skip
    number: Callable[..., Figure] = lambda value, kind: Figure(write_number(value, kind))  # noqa: E731
    rows = [
        [t(f"audit.attribute.{row['attribute']}"), t(f"audit.decision.{row['decision']}"),
         t.figure(group_name(row["group"])), row["customers"], number(row["rate"], "percent1"),
         None if row["rate"] is None else Figure(t("audit.ends95", low=row["low"], high=row["high"])),
         *(number(row[name], "ratio") for name in ("impact_ratio", "harm_ratio")),
         number(row["p_adjusted"], "p_value"), t.word("audit.verdict.", row["verdict"])]
        for row in facts["rates"]
    ]  # fmt: skip
    return heads, rows


def with_sentences(notes: Sequence[Message]) -> dict[str, object]:
    """Put notes as codes beside the sentences that files and `--json` hold."""
    return {"notes": Sentences().each(notes), "note_codes": [note.to_dict() for note in notes]}


def with_findings(facts: Facts) -> Facts:
    """Add what stands out and what stays open, for a file and a terminal."""
    t = Sentences()
    sentences = {"findings": t.each(findings(facts)), "cannot_say": t.each(limitations(facts))}
    return {**facts, **sentences, "significant": significant(facts)}


def audit_messages(facts: Facts) -> list[Message]:
    """Say on a terminal what stands out and what stays open."""
    stands_out, left = (
        [Message("audit.listed", {"line": line}) for line in lines] for lines in (findings(facts), limitations(facts))
    )
    return [headline(facts), *stands_out, *([Message("audit.cannot_say_list"), *left] if left else [])]


def comparisons(facts: Facts) -> pl.DataFrame:
    """Put every comparison into one table.

    Returns A row per comparison; `part` is `rates`, `within_income` or `errors`.
    """
    parts = [
        pl.DataFrame(facts[part], infer_schema_length=None).with_columns(part=pl.lit(part))
        for part in ("rates", "within_income", "errors")
        if facts[part]
    ]
    if not parts:
        return pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String))
    return pl.concat(parts, how="diagonal_relaxed").select(name for name in COLUMNS)
