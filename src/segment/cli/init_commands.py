"""The command that begins a project: init."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from segment.cli.options import JsonOption, LanguageOption, UnreadWorkspaceOption
from segment.cli.show import say, show_json


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder, or one without a project.")],
    jurisdiction: Annotated[
        Literal["cn", "eu", "uk", "us"], typer.Option(help="Whose law holds; the policy begins with its levels.")
    ] = "cn",
    language: LanguageOption = "en",
    workspace: UnreadWorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Begin a project: its settings, a policy to fill in, an example of each table, and what to do.

    Example: segment init mybank --jurisdiction uk
    """
    from segment.jobs.policies.new_project import new_project

    made = new_project(folder, jurisdiction, language)
    if json:
        show_json({"folder": made.folder, "jurisdiction": made.jurisdiction, "to_fill_in": made.to_fill_in})
    else:
        say(made.in_words(language))
