"""Commands about the chain of records: records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import JsonOption, WorkspaceOption, open_workspace
from segment.cli.show import show_json, show_result, show_rows, title_of


def records(
    verify: Annotated[
        bool, typer.Option("--verify", help="Hold them to their signatures, and to whatever knows how many they were.")
    ] = False,
    against: Annotated[
        list[Path] | None,
        typer.Option("--against", help="An archived anchor or a released file's manifest; several times, if you like."),
    ] = None,
    anchor: Annotated[
        Path | None, typer.Option("--anchor", help="Write how many there are, for an archive outside: a JSON file.")
    ] = None,
    last: Annotated[int, typer.Option("--last", min=1, help="How many of the newest to list.")] = 20,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """List who decided what, verify that nothing of it was changed, or write an anchor for an archive.

    Example: segment records --verify --against anchor-2026-01-31.json
    """
    from segment.jobs.publish.records_chain import verify_records, write_anchor
    from segment.store.records import newest_records

    opened = open_workspace(workspace, writes=False)
    if anchor is not None:
        show_result(write_anchor(opened, anchor), json)
    elif verify or against:
        show_result(verify_records(opened, against or ()), json)
    else:
        shown = newest_records(opened, last)[::-1]
        if json:
            show_json([record.to_dict() for record in shown])
        else:
            rows = [(record.number, record.written_at, record.kind.value, record.by, record.why) for record in shown]
            show_rows(title_of("records"), ("number", "at", "kind", "by", "why"), rows)
