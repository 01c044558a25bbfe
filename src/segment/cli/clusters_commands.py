"""The command about clusters: their profile cards."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import (
    JsonOption,
    LanguageOption,
    PolicyOption,
    PublishedOption,
    WorkspaceOption,
    open_policy,
    open_tracking,
    open_workspace,
    published_date,
)
from segment.cli.progress_bar import one_step
from segment.cli.show import say, show_json

FolderOption = Annotated[
    Path | None, typer.Option("--out", help="Folder for the page and the pictures (Markdown and SVG).")
]


def clusters(
    as_of: PublishedOption = None,
    out: FolderOption = None,
    language: LanguageOption = "en",
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Show a card for each cluster of the published tiers: size, value, behaviour, and what to offer.

    Example: segment clusters --as-of 2025-12-31 --out cards
    """
    from segment.jobs.learn.describe_clusters import published_clusters

    opened = open_workspace(workspace, writes=False)
    with one_step("clusters"):
        cards = published_clusters(published_date(as_of, opened), opened, open_policy(policy), open_tracking(opened))
    if out is not None:
        written = cards.write(out, language)
        say(f"{len(written)} files in {out}", err=True)
    if json:
        show_json(cards.to_dict())
    elif out is None:
        say(cards.page(language))
