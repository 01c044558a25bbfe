"""Plots of lists: what contacts are worth."""

from __future__ import annotations

import numpy as np
import polars as pl
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from segment.plots.style import ACCENT, CONTRAST, MUTED, Words, panels


def worth_plot(contacts: pl.DataFrame, t: Words) -> Figure:
    """Net value of the best so many contacts, and the part of it that takes advisers' hours (`by_adviser`)."""
    ranked = contacts.sort("expected_net_value", descending=True)
    values = ranked["expected_net_value"].to_numpy()
    lines = {"worth_all": np.ones(len(values)), "worth_of_hours": ranked["by_adviser"].to_numpy().astype(float)}
    figure, (axes,) = panels(width=8, height=4.5)
    places = np.arange(len(values) + 1)
    for (word, counted), colour in zip(lines.items(), (ACCENT, CONTRAST), strict=True):
        total = np.concatenate([[0.0], np.cumsum(values * counted)])
        axes.plot(places, total, color=colour, linewidth=2, label=t(f"plots.{word}"))
    half = int(np.searchsorted(np.cumsum(values), values.sum() / 2.0)) + 1
    axes.axvline(half, color=MUTED, linestyle="--", linewidth=0.9)
    axes.annotate(
        t("plots.worth_half", contacts=half), (half, 0.0), xytext=(6, 6), textcoords="offset points", color=MUTED
    )
    axes.set(title=t("plots.worth_by_contacts"), xlabel=t("plots.contacts"), ylabel=t("plots.net_value"))
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2, fontsize=9, frameon=False)
    return figure
