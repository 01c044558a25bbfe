"""Commands about the law: its rules, and the draft of the impact assessment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import JsonOption, PolicyOption, UnreadWorkspaceOption, open_policy
from segment.cli.show import show_json, show_rows


def register(app: typer.Typer) -> None:
    """Add these commands to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command()(law)
    app.command(name="impact-assessment")(impact_assessment)


def law(
    jurisdiction: Annotated[
        str | None, typer.Option("--jurisdiction", help="cn, eu, uk or us as it stands; the policy's by default.")
    ] = None,
    policy: PolicyOption = None,
    workspace: UnreadWorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Show the law that holds: figures, what each rule says, its source, and what the software does about it.

    Not legal advice. [K] marks what was not checked against a text.

    Example: segment law --jurisdiction eu
    """
    from segment.policy.jurisdiction import load_jurisdiction

    shown = load_jurisdiction(jurisdiction) if jurisdiction else open_policy(policy).law_in_force
    if json:
        show_json(shown.model_dump(mode="json"))
        return
    figures = [(name, _said(value)) for name, value in shown.model_dump(exclude={"rules"}).items()]
    show_rows(f"Law of {shown.name}: figures", ("figure", "value"), figures)
    rules = [(rule.code, rule.source, rule.says, rule.does, rule.read_in) for rule in shown.rules]
    show_rows("Rules", ("rule", "source", "says", "the software", "read in"), rules)


def impact_assessment(
    out: Annotated[Path | None, typer.Option("--out", help="Write the Markdown to a file.")] = None,
    policy: PolicyOption = None,
    workspace: UnreadWorkspaceOption = None,
) -> None:
    """Draft the impact assessment from the policy: purposes, data and why, effects and risks, measures.

    Complete it, file it, and write its reference into the policy's law.impact_assessment.

    Example: segment impact-assessment --out assessment.md
    """
    from segment.jobs.impact_assessment import impact_assessment as run
    from segment.warehouse import write_whole

    text = run(open_policy(policy))
    if out is None:
        typer.echo(text)
        return
    write_whole(out, lambda beside: beside.write_text(text, encoding="utf-8"))
    typer.echo(f"Draft in {out}.")


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value) or "none"
    return str(value)
