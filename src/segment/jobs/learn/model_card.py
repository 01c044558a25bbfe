"""Writes a model's card: as artifacts of its run, and as a page of a folder under version control."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from segment.exceptions import ModelError
from segment.files import write_text
from segment.pages.model_card_page import assumption, card_page
from segment.plots.card_plots import decile_plot, importance_plot, scenario_plot
from segment.plots.style import as_svg
from segment.sentences import Language, Sentences
from segment.tracking.models import CARD_FACTS, UNPROVEN_TAG, RegisteredVersion
from segment.tracking.registry import Tracking


def card_texts(facts: Mapping[str, Any], language: Language) -> dict[str, str]:
    """Write the card of a training as files of its run."""
    drawings = plots(facts, language)
    return {
        CARD_FACTS: json.dumps(facts, indent=1, default=str, ensure_ascii=False),
        "model_card.md": card_page(facts, drawings, {}, "md", language),
        "model_card.html": card_page(facts, drawings, {}, "html", language),
        **{f"plots/{name}.svg": svg for name, svg in drawings.items()},
    }


def write_card(version: str, tracking: Tracking, out: Path, language: Language = "en") -> tuple[Path, Path]:
    """Write a version's card as a page, with what has become of the version since.

    Parameters
    ----------
    version : str
        Number in the registry, `champion` or `challenger`.
    tracking : Tracking
        Holds the run with its facts.
    out : Path
        Folder; gets `<name>-v<version>.html`, which is self-contained, and `.md`.
    language : str
        Of the page: `en` or `zh`.

    Returns
    -------
    tuple of Path
        The HTML page and the Markdown page.

    Raises
    ------
    ModelError
        Where there is no such version, or it was trained before runs kept their facts.
    """
    facts, record = read_card(version, tracking)
    name = f"{facts['name']}-v{record['version']}"
    page, plain = out / f"{name}.html", out / f"{name}.md"
    _write(page, card_page(facts, plots(facts, language), record, "html", language))
    _write(plain, card_page(facts, {}, record, "md", language))
    return page, plain


def read_card(version: str, tracking: Tracking) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    """Read what a version's card is written from, and what has become of the version since.

    Parameters
    ----------
    version : str
        Number in the registry, `champion` or `challenger`.
    tracking : Tracking
        Holds the run with its facts.

    Returns
    -------
    tuple of mapping
        The facts, and the record.

    Raises
    ------
    ModelError
        Where there is no such version, or it was trained before runs kept their facts.
    """
    registered = tracking.find(version) or tracking.get(version)
    text = tracking.read_text(registered.run_id, CARD_FACTS)
    if text is None:
        raise ModelError.of("errors.no_card_facts", version=registered.version, card_facts=CARD_FACTS)
    return json.loads(text), _record(registered, tracking)


def plots(facts: Mapping[str, Any], language: Language = "en") -> dict[str, str]:
    """Draw a card's plots from its facts.

    Parameters
    ----------
    facts : mapping
        From `read_card`.
    language : str
        Of the words in them: `en` or `zh`.

    Returns
    -------
    dict of str to str
        SVG by name.
    """
    drawn, t = {}, Sentences(language)
    if facts["judged"]:
        deciles = facts["deciles"]
        drawn["deciles"] = as_svg(decile_plot(deciles["predicted"], deciles["actual"], facts["currency"], t))
        drawn["families"] = as_svg(importance_plot(facts["explanations"]["families"], t))
    scenarios = [{**scenario, "name": assumption(scenario["name"])} for scenario in facts["sensitivity"]]
    return {**drawn, "scenarios": as_svg(scenario_plot(scenarios, t))}


def _record(registered: RegisteredVersion, tracking: Tracking) -> dict[str, str]:
    tags = ("promoted_over", "promoted_because", "approved_by", UNPROVEN_TAG)
    given: dict[str, str] = {tag: registered.tags[tag] for tag in tags if tag in registered.tags}
    return {"version": registered.version, "developer": tracking.read_run(registered.run_id).user, **given}


def _write(path: Path, text: str) -> None:
    write_text(text, path)
