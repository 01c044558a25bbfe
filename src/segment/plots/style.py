"""How every plot looks, and how it becomes a file: no screen, the same bytes each time, words as text."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Protocol

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.text import Text

from segment.messages import Message

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
    "svg.fonttype": "none",
    "svg.hashsalt": "segment",
}
CHINESE_FONTS: Final = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Micro Hei",
)  # fmt: skip
_LATIN: Final = "DejaVu Sans"
# A square for each Chinese character, as wide as any of them: room is left for words whose font only the reader has
_SQUARE: Final = "Segment Square"
fontManager.addfont(Path(__file__).with_name("square.ttf"))
# a square has no weight: known as bold as well, it is no fault to tell of when a title is
fontManager.ttflist.append(replace(fontManager.ttflist[-1], weight=700))


class Words(Protocol):
    """What a plot is labelled with: the catalogues in a language."""

    def __call__(self, key: str, **figures: Any) -> str:
        """Make the sentence of a key."""
        ...

    def word(self, start: str, word: str) -> str:
        """Find a word that data bring."""
        ...

    def figure(self, value: Any, kind: str = "") -> str:
        """Write what a sentence names."""
        ...

    def of(self, message: Message) -> str:
        """Make the sentence of a finding."""
        ...


def panels(columns: int = 1, rows: int = 1, *, width: float = 8.0, height: float = 4.5) -> tuple[Figure, list[Axes]]:
    """Begin a figure in the house's look."""
    with mpl.rc_context(_LOOK):
        figure = Figure(figsize=(width, height), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False)
    return figure, list(axes.ravel())


def month_name(month: dt.date, t: Words) -> str:
    """Name a month on an axis."""
    return t("plots.month", name=t(f"plots.month_name.{month.month}"), year=month.year)


def as_svg(figure: Figure) -> str:
    """Write a figure as SVG text, the same for the same figure on every machine."""
    text = io.StringIO()
    with _lettered(figure, (_LATIN, _SQUARE)):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": "segment"})
    return text.getvalue().replace(repr(_SQUARE), ", ".join([*map(repr, CHINESE_FONTS), "sans-serif"]))


def as_png(figure: Figure, *, dots_per_inch: int = 150) -> bytes:
    """Write a figure as PNG, for a slide."""
    data = io.BytesIO()
    with _lettered(figure, (_LATIN, *_installed(), _SQUARE)):
        figure.savefig(data, format="png", dpi=dots_per_inch, metadata={"Software": None})
    return data.getvalue()


def can_draw_chinese() -> bool:
    """Whether a font of this machine has Chinese characters: a PNG must draw them, an SVG leaves that to its reader."""
    return bool(_installed())


def _installed() -> list[str]:
    names = set(fontManager.get_font_names())
    return [name for name in CHINESE_FONTS if name in names]


def _lettered(figure: Figure, families: Sequence[str]) -> Any:
    """Set the fonts of what is written already and, within the context, of what is written while it is saved."""
    for text in figure.findobj(Text):
        text.set_fontfamily(families)
    return mpl.rc_context({**_LOOK, "font.family": list(families)})
