"""A list as one self-contained page without any customer: what it is worth, and what each branch's part is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from segment.messages import Message
from segment.pages import render
from segment.plots.list_plots import worth_plot
from segment.plots.style import as_svg
from segment.sentences import Language, Sentences


def write_page(
    list_id: str, said: Iterable[Message | str], contacts: pl.DataFrame, path: Path, language: Language = "en"
) -> None:
    """Write the page; `contacts`: `branch_id`, `expected_net_value`, `by_adviser` of each, and nobody's name."""
    by_branch = (
        contacts.group_by("branch_id", maintain_order=True)
        .agg(contacts=pl.len(), by_adviser=pl.col("by_adviser").sum(), value=pl.col("expected_net_value").sum())
        .sort(["value", "branch_id"], descending=[True, False])
    )
    picture = as_svg(worth_plot(contacts, Sentences(language)))
    content = {"list_id": list_id, "said": list(said), "branches": by_branch.to_dicts(), "svg": picture}
    render.write_page(path, "list_page.jinja", language, picture=render.Picture, **content)
