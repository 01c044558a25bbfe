"""Plots of a model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from segment.plots.style import ACCENT, CONTRAST, MUTED, TIER_COLOURS, Words, panels


def decile_plot(predicted: Sequence[float], actual: Sequence[float], currency: str, t: Words) -> Figure:
    """Predicted beside actual value by decile of the prediction."""
    figure, (axes,) = panels(width=8, height=4.2)
    places = np.arange(1, len(predicted) + 1)
    axes.bar(places - 0.2, actual, width=0.4, color=ACCENT, label=t("plots.what_came"))
    axes.bar(places + 0.2, predicted, width=0.4, color=CONTRAST, label=t("plots.what_was_predicted"))
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.set(
        title=t("plots.predicted_alike"),
        xlabel=t("plots.tenth"),
        ylabel=t("plots.next_year", currency=currency),
        xticks=places,
    )
    axes.grid(visible=False, axis="x")
    axes.legend()
    return figure


def importance_plot(families: Sequence[Mapping[str, Any]], t: Words) -> Figure:
    """What the forecast loses without each family of features."""
    shown = sorted(families, key=lambda family: float(family["error_added"]))
    figure, (axes,) = panels(width=8, height=1.4 + 0.32 * len(shown))
    names = [t.word("card.families.", str(family["name"])) for family in shown]
    added, spread = ([100 * family[name] for family in shown] for name in ("error_added", "spread"))
    axes.barh(names, added, xerr=spread, color=ACCENT, ecolor=MUTED)
    axes.axvline(0, color=MUTED, linewidth=0.8)
    axes.set(title=t("plots.learns_from"), xlabel=t("plots.error_added"))
    axes.grid(visible=False, axis="y")
    return figure


def scenario_plot(scenarios: Sequence[Mapping[str, Any]], t: Words) -> Figure:
    """Shares of the tiers under other assumptions."""
    figure, (axes,) = panels(width=8, height=1.6 + 0.42 * len(scenarios))
    names = [t.figure(scenario["name"]) for scenario in scenarios][::-1]
    left = np.zeros(len(scenarios))
    for tier, colour in TIER_COLOURS.items():
        shares = np.array([100 * scenario["shares"].get(tier, 0.0) for scenario in scenarios])[::-1]
        axes.barh(names, shares, left=left, color=colour, label=t(f"subgroups.part.{tier}"))
        left += shares
    axes.set(title=t("plots.other_assumptions"), xlabel=t("plots.own_figures"), xlim=(0, 100))
    axes.grid(visible=False)
    axes.legend(loc="upper center", bbox_to_anchor=(0.4, -0.18), ncols=4)
    return figure
