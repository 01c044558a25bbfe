"""Plots of a model card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from segment.plots.style import ACCENT, CONTRAST, MUTED, TIER_COLOURS, panels


def decile_plot(predicted: Sequence[float], actual: Sequence[float], currency: str) -> Figure:
    """Predicted beside actual value by decile of the prediction.

    Parameters
    ----------
    predicted, actual : sequence of 10 floats
        Means, lowest predictions first.
    currency : str
        Of the amounts.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (axes,) = panels(width=8, height=4.2)
    places = np.arange(1, len(predicted) + 1)
    axes.bar(places - 0.2, actual, width=0.4, color=ACCENT, label="what came")
    axes.bar(places + 0.2, predicted, width=0.4, color=CONTRAST, label="what was predicted")
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.set(
        title="Customers predicted alike bring what was predicted",
        xlabel="tenth of the customers, lowest prediction first",
        ylabel=f"contribution of the next year ({currency})",
        xticks=places,
    )
    axes.grid(visible=False, axis="x")
    axes.legend()
    return figure


def importance_plot(families: Sequence[Mapping[str, Any]]) -> Figure:
    """What the forecast loses without each family of features.

    Parameters
    ----------
    families : sequence of mapping
        `name`, `error_added`, `spread`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    shown = sorted(families, key=lambda one: float(one["error_added"]))
    figure, (axes,) = panels(width=8, height=1.4 + 0.32 * len(shown))
    names = [str(one["name"]).replace("_", " ") for one in shown]
    axes.barh(names, [100 * one["error_added"] for one in shown], xerr=[100 * one["spread"] for one in shown],
              color=ACCENT, ecolor=MUTED)  # fmt: skip
    axes.axvline(0, color=MUTED, linewidth=0.8)
    axes.set(title="What the forecast learns from", xlabel="error added where the family is shuffled (%)")
    axes.grid(visible=False, axis="y")
    return figure


def scenario_plot(scenarios: Sequence[Mapping[str, Any]]) -> Figure:
    """Shares of the tiers under other assumptions.

    Parameters
    ----------
    scenarios : sequence of mapping
        `name`, `changed_share` and `shares` by tier.

    Returns
    -------
    matplotlib.figure.Figure
    """
    figure, (axes,) = panels(width=8, height=1.6 + 0.42 * len(scenarios))
    names = [str(one["name"]) for one in scenarios][::-1]
    left = np.zeros(len(scenarios))
    for tier, colour in TIER_COLOURS.items():
        shares = np.array([100 * one["shares"].get(tier, 0.0) for one in scenarios])[::-1]
        axes.barh(names, shares, left=left, color=colour, label=tier.replace("_", "-"))
        left += shares
    axes.set(title="Tiers under other assumptions", xlabel="customers by their own figures (%)", xlim=(0, 100))
    axes.grid(visible=False)
    axes.legend(loc="upper center", bbox_to_anchor=(0.4, -0.18), ncols=4)
    return figure
