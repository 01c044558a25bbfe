"""The answer to a customer, as a page in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from segment.contribution import LINES
from segment.exceptions import ExportError
from segment.files import write_text
from segment.pages.render import render
from segment.sentences import Form, Language

ENDINGS: Final = (".md", ".html")


def customer_page(facts: Mapping[str, Any], form: Form, language: Language) -> str:
    """Write the page from what `segment.jobs.rights.explain` gathered."""
    amounts = facts["figures"]["lines"]
    rows = [(line.name, line.side, round(amounts.get(line.name, 0.0))) for line in LINES]
    return render(
        "customer_page.jinja", form, language, customer=facts, lines_of_account=[row for row in rows if row[2]]
    )


def write_customer_page(facts: Mapping[str, Any], path: Path, language: Language) -> None:
    """Write the page to a file that its owner alone can read."""
    check_ending(path)
    write_text(customer_page(facts, "html" if path.suffix == ".html" else "md", language), path)


def check_ending(path: Path) -> None:
    """Refuse a file of another kind, before any work is done."""
    if path.suffix not in ENDINGS:
        raise ExportError.of("errors.page_ending", endings=ENDINGS)
