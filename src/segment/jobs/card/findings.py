"""What was found of a model: performance, what it learns from, drift, and how far assumptions carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segment.jobs.card.blocks import Block, Heading, Picture, Table, Text
from segment.tiers import SENTENCES

QUALITY = ("cluster", "break_even_recall", "guard", "share_", "main_bank_elsewhere_share")

Facts = Mapping[str, Any]


def findings(facts: Facts, pictures: Mapping[str, Picture]) -> list[Block]:
    """Say what was measured.

    Parameters
    ----------
    facts : mapping
        What `gather` returns.
    pictures : mapping of str to Picture
        By section.

    Returns
    -------
    list of Block
    """
    return [
        *_performance(facts, pictures),
        *_explanations(facts, pictures),
        *_drift(facts),
        *_sensitivity(facts, pictures),
    ]


def _performance(facts: Facts, pictures: Mapping[str, Picture]) -> list[Block]:
    judged, metrics = facts["judged"], facts["metrics"]
    quality: list[list[Any]] = [[f"`{name}`", value] for name, value in metrics.items() if name.startswith(QUALITY)]
    tiers: list[Block] = [Heading("Clusters and tiers, as trained", 3), Table(["figure", "value"], quality)]
    if judged is None:
        return [Heading("Performance"), Text("Too few customers had an outcome to judge by."), *tiers]
    how = (
        f"On {judged['customers']:,} customers as of {judged['moment']}, by a model of the same spec that had learned "
        f"from {', '.join(judged['learned_from'])} alone: every outcome it knew had passed by then."
        if judged["out_of_time"]
        else f"On {judged['customers']:,} customers held out as of {judged['moment']}; the history is too short to "
        "judge out of time, so expect less."
    )
    compared: list[list[Any]] = [
        [one["name"], one["spearman"], one["mae"], one["top_decile_capture"], one["total_predicted_over_actual"]]
        for one in facts["alternatives"]
    ]
    rest = [[f"`{name}`", value] for name, value in metrics.items() if not name.startswith((*QUALITY, "out_of_time"))]
    return [
        Heading("Performance"),
        Text(how),
        Heading("Beside simpler forecasts", 3),
        Table(["forecast", "Spearman", f"mean absolute error ({facts['currency']})", "top decile captured",
               "predicted over actual"], compared),
        Heading("In parts of the bank, with 95 % intervals", 3),
        _groups(facts["performance"]),
        *([pictures["deciles"]] if "deciles" in pictures else []),
        Table(["figure", "value"], rest, folded="All figures of the run"),
        *tiers,
    ]  # fmt: skip


def _groups(parts: list[dict[str, Any]]) -> Table:
    shown = ("spearman", "mae_skill", "bias", "coverage_p10_p90")
    rows = [
        [f"{one['group']}: {one['part']}", one["customers"], *(_interval(one[name]) for name in shown)] for one in parts
    ]
    return Table(["customers by", "number", "Spearman", "error saved against persistence",
                  "predicted too much, of the value's size", "within P10 to P90"], rows)  # fmt: skip


def _interval(found: list[float | None]) -> str:
    figure, low, high = found
    return "–" if figure is None else f"{figure:.3f} ({low:.3f} to {high:.3f})"


def _explanations(facts: Facts, pictures: Mapping[str, Picture]) -> list[Block]:
    said: list[Block] = [Heading("What the forecast learns from")]
    if facts["judged"]:
        found = facts["explanations"]
        said += [
            Text(f"Error added on {found['rows']:,} unseen rows where a family of features is shuffled between "
                 "customers. Families overlap: a figure near zero says that the others can stand in, not that the "
                 "family is useless."),
            *([pictures["families"]] if "families" in pictures else []),
            Table(["family", "error added"],
                  [[one["name"], f"{one['error_added']:+.1%}"] for one in found["families"]]),
            Table(["feature", "error added"],
                  [[f"`{one['name']}`", f"{one['error_added']:+.1%}"] for one in found["features"][:15]],
                  folded="The fifteen features that matter most"),
        ]  # fmt: skip
    agree = [one for one in facts["agreement"] if one["shown"]]
    rows = [[SENTENCES[one["reason"]], one["customers"], f"{one['agree_share']:.0%}"] for one in agree]
    checked = ", ".join(
        f"{one['reason']} {one['agree_share']:.0%} of {one['customers']:,}"
        for one in facts["agreement"]
        if not one["shown"]
    )
    return [
        *said,
        Heading("Where the forecast agrees with published reasons", 3),
        Text("For customers with a reason: would the forecast be lower (a reason of income) or higher (one of cost) if "
             "that line of the accounting were a typical customer's, and its sums with it? Only reasons with at least "
             "30 customers and 80 % agreement explain the forecast; all of them explain the past year."),
        Table(["reason", "customers", "forecast agrees"], rows) if rows else Text("None does."),
        Text(f"Not used to explain the forecast: {checked}." if checked else "All reasons that were met agree."),
    ]  # fmt: skip


def _drift(facts: Facts) -> list[Block]:
    found = facts["drift"]
    rows = [[f"`{name}`", value] for name, value in found["most"].items()]
    return [
        Heading("Drift"),
        Text("Population stability index of the moments learned from against the newest: forecast "
             f"{found['forecast']:.3f}; {found['look']} features from 0.10, of them {found['significant']} "
             "from 0.25, where a change counts as "
             "significant by convention."),
        Table(["feature", "index"], rows, folded="The ten features that moved most"),
    ]  # fmt: skip


def _sensitivity(facts: Facts, pictures: Mapping[str, Picture]) -> list[Block]:
    tiers = list(facts["sensitivity"][0]["shares"])
    rows = [
        [one["name"], f"{one['changed_share']:.1%}", *(f"{one['shares'][tier]:.1%}" for tier in tiers)]
        for one in facts["sensitivity"]
    ]
    return [
        Heading("Sensitivity"),
        Text("Tiers by customers' own figures where an assumption is another one. The forecast is moved by the same "
             "amount, not made again."),
        Table(["assumption", "customers in another tier", *(tier.replace("_", "-") for tier in tiers)], rows),
        *([pictures["scenarios"]] if "scenarios" in pictures else []),
    ]  # fmt: skip
