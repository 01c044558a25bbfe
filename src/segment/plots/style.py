"""How every plot looks, and how it becomes a file: no global state, no screen, the same bytes each time."""

from __future__ import annotations

import io
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, MUTED, GRID = "#1f2933", "#7b8794", "#e4e7eb"
ACCENT, CONTRAST = "#0b6e99", "#d9822b"
TIER_COLOURS = {
    "high_value": "#1b7837",
    "valuable": "#7fbf7b",
    "break_even": "#e6c229",
    "loss_making": "#b2182b",
}

_LOOK: Any = {
    "font.size": 11,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": GRID,
    "axes.axisbelow": True,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "svg.fonttype": "path",
    "svg.hashsalt": "segment",
}


def panels(columns: int = 1, rows: int = 1, *, width: float = 8.0, height: float = 4.5) -> tuple[Figure, list[Axes]]:
    """Begin a figure in the house's look.

    Parameters
    ----------
    columns, rows : int
        Of panels.
    width, height : float
        Inches in all.

    Returns
    -------
    figure : matplotlib.figure.Figure
    axes : list of matplotlib.axes.Axes
        Row by row.

    Examples
    --------
    >>> figure, axes = panels(2)
    >>> len(axes)
    2
    """
    with mpl.rc_context(_LOOK):
        figure = Figure(figsize=(width, height), layout="constrained")
        made = figure.subplots(rows, columns, squeeze=False)
    return figure, list(made.ravel())


def as_svg(figure: Figure) -> str:
    """Write a figure as SVG text, the same for the same figure.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Any.

    Returns
    -------
    str

    Examples
    --------
    >>> figure, axes = panels()
    >>> as_svg(figure) == as_svg(figure)
    True
    """
    text = io.StringIO()
    with mpl.rc_context(_LOOK):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": "segment"})
    return text.getvalue()


def as_png(figure: Figure, *, dots_per_inch: int = 150) -> bytes:
    """Write a figure as PNG, for a slide.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Any.
    dots_per_inch : int
        Resolution.

    Returns
    -------
    bytes
    """
    data = io.BytesIO()
    with mpl.rc_context(_LOOK):
        figure.savefig(data, format="png", dpi=dots_per_inch, metadata={"Software": None})
    return data.getvalue()
