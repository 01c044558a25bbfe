"""Drift of a date as one self-contained page, and in short."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from segment.drift.drift_report import series_name
from segment.messages import Message
from segment.pages import render
from segment.pages.gate_sentences import finding_of
from segment.plots.drift_plots import features_plot, groups_plot, trend_plot
from segment.plots.style import as_svg
from segment.sentences import Language, Sentences

_NOTES = ("index", "small_groups", "compared", "by_construction", "zeros", "branches")


def write_page(drift: Mapping[str, Any], trend: pl.DataFrame, path: Path, language: Language = "en") -> None:
    """Write the page."""
    content = _content(drift, trend, Sentences(language)) if drift["judged"] else {}
    render.write_page(path, "drift_page.jinja", language, drift=drift, verdict=_verdict(drift), **content)


def drift_summary(drift: Mapping[str, Any], table: pl.DataFrame, about: str, language: Language = "en") -> str:
    """Return the verdict and a table of what moved most as Markdown; `about`: What stands above."""
    content = {"about": about, "verdict": _verdict(drift, "_short"), "rows": table.rows()}
    return render.render("drift_summary.jinja", "md", language, **content)


def _verdict(drift: Mapping[str, Any], form: str = "") -> Message:
    finding = finding_of(drift["gate"])
    if not drift["judged"]:
        why = finding.removeprefix("not judged: ") if isinstance(finding, str) else finding.figures["why"]
        return Message("drift.verdict.not_judged", {"why": why})
    return Message(f"drift.verdict.{'within' if drift['gate']['holds'] else 'beyond'}{form}", {"finding": finding})


def _content(drift: Mapping[str, Any], trend: pl.DataFrame, t: Sentences) -> dict[str, object]:
    features = _most_moved_first(drift["features"])
    limits, refused = drift["limits"], trend.filter(~pl.col("holds"))["as_of"].unique().sort()
    drawn = {
        "trend": None if trend.is_empty() else trend_plot(trend, limits["look"], limits["significant"], t),
        "groups": groups_plot(_named(drift), limits["look"], t),
        "features": features_plot(features, t),
    }
    return {
        "pictures": {name: None if figure is None else as_svg(figure) for name, figure in drawn.items()},
        "picture": lambda file, svg, alt: render.Picture(svg, file, alt),
        "dates": trend["as_of"].n_unique(),
        "refused": refused.dt.to_string("%Y-%m-%d").to_list(),
        "features": features,
        "emptied": list(_emptied(drift)),
        "moved": _moved,
        "notes": _NOTES,
    }


def _most_moved_first(features: Mapping[str, Any]) -> Mapping[str, Any]:
    """A file of JSON keeps names in their own order."""
    return dict(sorted(features.items(), key=lambda item: (-item[1]["index"], item[0])))


def _moved(features: Mapping[str, Any]) -> list[str]:
    ranked = _most_moved_first(features).items()
    return [name for name, feature in ranked if feature["judged"] and feature["index"] >= feature["limit"]]


def _named(drift: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [{**score, "name": series_name(score["name"], score["against"])} for score in drift["scores"]]


def _emptied(drift: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Mapping[str, float]]]:
    parts = {"": drift["features"], **{name: group["features"] for name, group in drift["groups"].items()}}
    for group, features in parts.items():
        for name, feature in features.items():
            for what, rate in (("missing", feature["missing"]), ("zero", feature["zeros"])):
                if rate["now"] - rate["then"] > rate["limit"] and (what == "missing" or feature["judged"]):
                    yield group, name, what, rate
