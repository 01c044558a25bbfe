"""Writes a model's card: as artifacts of its run, and as a page of a folder under version control."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from segment.exceptions import ModelError
from segment.jobs.card.blocks import Picture, as_html, as_markdown
from segment.jobs.card.sections import sections
from segment.plots.card import decile_plot, importance_plot, scenario_plot
from segment.plots.style import as_svg
from segment.tracking import RegisteredVersion, Tracking
from segment.warehouse.tables import write_whole

FACTS = "model_card.json"


def card_texts(facts: Mapping[str, Any]) -> dict[str, str]:
    """Write the card of a training as files of its run.

    Parameters
    ----------
    facts : mapping
        What `gather` returns.

    Returns
    -------
    dict of str to str
        Text by file: facts as JSON, the card as Markdown and HTML, plots as SVG.
    """
    pictures = plots(facts)
    blocks = sections(facts, pictures, {})
    return {
        FACTS: json.dumps(facts, indent=1, default=str, ensure_ascii=False),
        "model_card.md": as_markdown(blocks),
        "model_card.html": as_html(f"Model card: {facts['name']}", blocks),
        **{picture.file: picture.svg for picture in pictures.values()},
    }


def write_card(version: str, tracking: Tracking, out: Path) -> tuple[Path, Path]:
    """Write a version's card as a page, with what has become of the version since.

    Parameters
    ----------
    version : str
        Number in the registry, `champion` or `challenger`.
    tracking : Tracking
        Holds the run with its facts.
    out : Path
        Folder; gets `<name>-v<version>.html`, which needs no other file, and `.md`.

    Returns
    -------
    tuple of Path
        The HTML page and the Markdown page.

    Raises
    ------
    ModelError
        Where there is no such version, or it was trained before runs kept their facts.
    """
    found = tracking.find(version) or tracking.get(version)
    text = tracking.read_text(found.run_id, FACTS)
    if text is None:
        raise ModelError.with_hint(
            f"The run of version {found.version} must hold `{FACTS}`. It does not: an older release trained it.",
            "train again with this release",
        )
    facts = json.loads(text)
    record = _record(found, tracking)
    name, pictures = f"{facts['name']}-v{found.version}", plots(facts)
    page, plain = out / f"{name}.html", out / f"{name}.md"
    title = f"Model card: {facts['name']}, version {found.version}"
    _write(page, as_html(title, sections(facts, pictures, record)))
    _write(plain, as_markdown(sections(facts, {}, record)))
    return page, plain


def plots(facts: Mapping[str, Any]) -> dict[str, Picture]:
    """Draw a card's plots from its facts.

    Parameters
    ----------
    facts : mapping
        What `gather` returns.

    Returns
    -------
    dict of str to Picture
        By the section they belong to.
    """
    drawn = {}
    if facts["judged"]:
        deciles = facts["deciles"]
        figure = decile_plot(deciles["predicted"], deciles["actual"], facts["currency"])
        drawn["deciles"] = Picture("plots/deciles.svg", as_svg(figure), "Predicted and actual value by decile")
        families = importance_plot(facts["explanations"]["families"])
        drawn["families"] = Picture("plots/families.svg", as_svg(families), "Error added without each family")
    scenarios = scenario_plot(facts["sensitivity"])
    drawn["scenarios"] = Picture("plots/scenarios.svg", as_svg(scenarios), "Tiers under other assumptions")
    return drawn


def _record(found: RegisteredVersion, tracking: Tracking) -> dict[str, str]:
    known = ("promoted_over", "promoted_because", "approved_by")
    kept: dict[str, str] = {key: found.tags[key] for key in known if key in found.tags}
    return {"version": found.version, "developer": tracking.read_run(found.run_id).user, **kept}


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, lambda beside: beside.write_text(text, encoding="utf-8"))
