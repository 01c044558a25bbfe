"""Commands about the law: its rules, and the draft of the impact assessment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segment.cli.options import JsonOption, LanguageOption, PolicyOption, UnreadWorkspaceOption, open_policy
from segment.cli.show import say, show_json, show_rows, title_of
from segment.settings import Settings

if TYPE_CHECKING:
    from segment.policy.jurisdiction import LegalRule
    from segment.sentences import Sentences


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
    from segment.sentences import Sentences

    rules = None if jurisdiction else open_policy(policy)
    shown = load_jurisdiction(jurisdiction) if rules is None else rules.law_in_force
    if json:
        show_json(shown.model_dump(mode="json"))
        return
    t = Sentences(Settings().language)
    figures = [(name, _as_text(value, t)) for name, value in shown.model_dump(exclude={"rules", "collections"}).items()]
    show_rows(title_of("law_figures", name=shown.name), ("figure", "value"), figures)
    key = f"law.rule.{jurisdiction if rules is None else rules.jurisdiction}"
    said = [_in_words(rule, f"{key}.{rule.code}", t) for rule in shown.rules]
    show_rows(title_of("law_rules"), ("rule", "source", "says", "does", "read_in"), said)


def _in_words(rule: LegalRule, key: str, t: Sentences) -> tuple[str, ...]:
    said = [t.own_or_quoted(f"{key}.{part}", getattr(rule, part)) for part in ("source", "says", "does")]
    return (rule.code, *said, str(rule.read_in))


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


def _as_text(value: object, t: Sentences) -> str:
    if isinstance(value, bool):
        return t("words.yes" if value else "words.no")
    if isinstance(value, list | tuple):
        return t.figure([str(item) for item in value], "list") or t("words.none")
    return str(value)
