"""Commands about the law: its rules, and the draft of the impact assessment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segment.cli.options import JsonOption, LanguageOption, PolicyOption, UnreadWorkspaceOption, open_policy
from segment.cli.show import say, show_json, show_rows


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
    figures = [(name, _as_text(value)) for name, value in shown.model_dump(exclude={"rules"}).items()]
    show_rows(f"Law of {shown.name}: figures", ("figure", "value"), figures)
    rules = [(rule.code, rule.source, rule.says, rule.does, rule.read_in) for rule in shown.rules]
    show_rows("Rules", ("rule", "source", "says", "the software", "read in"), rules)


def impact_assessment(
    out: Annotated[Path | None, typer.Option("--out", help="Write the Markdown to a file.")] = None,
    language: LanguageOption = "en",
    policy: PolicyOption = None,
    workspace: UnreadWorkspaceOption = None,
) -> None:
    """Draft the impact assessment from the policy: purposes, data and why, effects and risks, measures.

    Complete it, file it, and write its reference into the policy's law.impact_assessment.

    Example: segment impact-assessment --out assessment.md
    """
    from segment.files import write_text
    from segment.pages.impact_assessment_page import impact_assessment as run

    text = run(open_policy(policy), language=language)
    if out is None:
        say(text)
        return
    write_text(text, out)
    say(f"Draft in {out}.")


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value) or "none"
    return str(value)
