"""Drift of a moment as one page that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from segment.jobs.card.blocks import Block, Heading, Picture, Table, Text, as_html
from segment.jobs.drift.found import series_name
from segment.plots.drift import features_plot, groups_plot, trend_plot
from segment.plots.style import as_svg
from segment.warehouse import write_whole

_NOTES = (
    "The population stability index says how far a distribution lies from the one that the champion learned from: 0 is "
    "the same. By convention, below 0.10 is stable, and from 0.25 a figure has moved.",
    "Small groups move by chance. Where that makes a higher limit than the policy's, the higher one holds; it is set "
    "so that all comparisons of a moment together raise a false alarm in one of twenty.",
    "Features are held against the moments that the champion learned from; scores and tiers against what it said on "
    "the day of its training; the tier mix also against the last publication.",
    "A feature that counts months since the ledger began, or that follows the bank's own calendar of bookings, moves "
    "by construction: its index is shown and never counts. Where it goes missing, that does.",
    "A feed that fails leaves zeros where money flowed: a share of zeros that rises too far counts like one of missing "
    "figures.",
    "Groups of branches are those of one kind and region; where the ledger does not say these, each branch. Those of "
    "fewer customers than the policy's least size are not told.",
)


def write_page(found: Mapping[str, Any], trend: pl.DataFrame, path: Path) -> None:
    """Write the page.

    Parameters
    ----------
    found : mapping
        What `drift.json` holds.
    trend : polars.DataFrame
        What `drift_trend` returns.
    path : Path
        Ends in `.html`.
    """
    text = as_html(f"Drift as of {found['as_of']}", drift_blocks(found, trend))
    write_whole(path, lambda beside: beside.write_text(text, encoding="utf-8"))


def drift_blocks(found: Mapping[str, Any], trend: pl.DataFrame) -> list[Block]:
    """Lay the page out.

    Parameters
    ----------
    found : mapping
        What `drift.json` holds.
    trend : polars.DataFrame
        What `drift_trend` returns.

    Returns
    -------
    list of Block
    """
    head: list[Block] = [Heading(f"Drift as of {found['as_of']}", 1), Text(_verdict(found))]
    if not found["judged"]:
        return head
    features = _most_moved_first(found["features"])
    return [
        *head,
        Text(_against(found)),
        *_trend(found, trend),
        Heading("Where scores and tiers moved"),
        Picture("groups.svg", as_svg(groups_plot(_named(found), found["limits"]["look"])), "Index by group"),
        Heading("Which features moved"),
        Picture("features.svg", as_svg(features_plot(features)), "Index of the features that moved most"),
        *_emptied(found),
        *_groups(found),
        Table(_FEATURE, [_feature(name, one) for name, one in features.items()], f"All {len(features)} features"),
        Heading("How to read this"),
        *(Text(note) for note in _NOTES),
    ]


def _most_moved_first(features: Mapping[str, Any]) -> dict[str, Any]:
    """A file of JSON keeps names in their own order."""
    return dict(sorted(features.items(), key=lambda one: (-one[1]["index"], one[0])))


def _verdict(found: Mapping[str, Any]) -> str:
    gate = found["gate"]
    if not found["judged"]:
        return f"**Not judged.** {gate['said'].removeprefix('not judged: ').capitalize()}."
    start = "**Within the limits.**" if gate["holds"] else "**Beyond the limits: tiers are not published.**"
    return f"{start} Found: {gate['said']}."


def _against(found: Mapping[str, Any]) -> str:
    before = found["last_publication"]
    beside = f" and with the tiers published as of {before}" if before else ""
    return (
        f"{found['customers']:,} customers, compared with what model version {found['model_version']} learned "
        f"from{beside}."
    )


def _trend(found: Mapping[str, Any], trend: pl.DataFrame) -> list[Block]:
    if trend.is_empty():
        return []
    limits = found["limits"]
    drawn = as_svg(trend_plot(trend, limits["look"], limits["significant"]))
    refused = trend.filter(~pl.col("holds")).select("as_of").unique().sort("as_of")["as_of"].to_list()
    told = ", ".join(moment.isoformat() for moment in refused) or "none"
    return [
        Heading("Since when"),
        Picture("trend.svg", drawn, "Indices and share of moved features over the refreshes"),
        Text(f"{trend['as_of'].n_unique()} moments judged; beyond the limits: {told}."),
    ]


def _named(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{**one, "name": series_name(one["name"], one["against"])} for one in found["scores"]]


_FEATURE = ("feature", "index", "limit", "missing then", "now", "zero then", "now", "counts")


def _feature(name: str, one: Mapping[str, Any]) -> list[Any]:
    rates = [f"{one[rate][when]:.1%}" for rate in ("missing", "zeros") for when in ("then", "now")]
    return [f"`{name}`", one["index"], one["limit"], *rates, one["judged"]]


def _emptied(found: Mapping[str, Any]) -> list[Block]:
    sides = {"": found["features"], **{group: told["features"] for group, told in found["groups"].items()}}
    rows = [
        [group or "bank", f"`{name}`", word, *(f"{share:.1%}" for share in (rate["then"], rate["now"], rate["limit"]))]
        for group, features in sides.items()
        for name, one in features.items()
        for word, rate in (("missing", one["missing"]), ("zero", one["zeros"]))
        if rate["now"] - rate["then"] > rate["limit"] and (word == "missing" or one["judged"])
    ]
    if not rows:
        return [Text("No feature is missing or zero for more customers than before, beyond its limit.")]
    return [
        Heading("What went missing, or to zero"),
        Table(("where", "feature", "is", "then", "now", "may rise"), rows),
    ]


def _groups(found: Mapping[str, Any]) -> list[Block]:
    if not found["groups"]:
        return []
    rows = []
    for group, told in found["groups"].items():
        moved = [
            name
            for name, one in _most_moved_first(told["features"]).items()
            if one["judged"] and one["index"] >= one["limit"]
        ]
        shown = ", ".join(f"`{name}`" for name in moved[:4]) or "–"
        rows.append([group, told["customers"], f"{told['moved_share']:.1%}", shown])
    most = f"{found['limits']['moved_share']:.0%}"
    return [
        Heading("Features by group of branches"),
        Text(f"A group whose features moved beyond {most} stops the publication too."),
        Table(("branches", "customers", "features moved", "most moved"), rows),
    ]
