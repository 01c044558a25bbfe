"""Small charts as SVG from templates: classes instead of styles, so that a strict policy for content holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 180
_LEFT, _RIGHT, _BOTTOM, _TOP = 64, 24, 24, 12


@dataclass(frozen=True)
class Bars:
    """A figure of a month."""

    label: str
    value: float


@dataclass(frozen=True)
class DrawnBar:
    """A bar in its place, in pixels."""

    label: str
    value: float
    x: float
    y: float
    width: float
    height: float
    named: bool  # Whether its label stands below


@dataclass(frozen=True)
class BarChart:
    """Bars above and below zero."""

    bars: tuple[DrawnBar, ...]
    zero: float
    ticks: tuple[tuple[float, float], ...]  # Height in pixels, and the figure there
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT


@dataclass(frozen=True)
class BorderScale:
    """A value, and the borders that it is held against."""

    value: float
    low: float
    break_even: float
    high: float


@dataclass(frozen=True)
class DrawnScale:
    """A value among its borders, in pixels from the left."""

    value: float
    borders: tuple[tuple[float, float], ...]  # Place, and the figure there
    place: float
    width: int = WIDTH


def month_bars(values: Sequence[Bars]) -> BarChart:
    """Place bars; the axis holds zero."""
    height_of, ticks = _heights([bar.value for bar in values])
    step = (WIDTH - _LEFT - _RIGHT) / max(len(values), 1)
    bars = tuple(
        DrawnBar(
            bar.label,
            bar.value,
            x=round(_LEFT + place * step + 0.15 * step, 1),
            y=min(height_of(bar.value), height_of(0.0)),
            width=round(0.7 * step, 1),
            height=round(max(abs(height_of(bar.value) - height_of(0.0)), 0.5), 1),
            named=(len(values) - 1 - place) % 6 == 0,
        )
        for place, bar in enumerate(values)
    )
    return BarChart(bars, height_of(0.0), ticks)


def _heights(values: Sequence[float]) -> tuple[Callable[[float], float], tuple[tuple[float, float], ...]]:
    """Place figures in height, and the ends of the axis, which holds zero."""
    top, bottom = max(0.0, *values, 0.0), min(0.0, *values, 0.0)
    span = (top - bottom) or 1.0

    def height_of(value: float) -> float:
        return round(_TOP + (top - value) / span * (HEIGHT - _TOP - _BOTTOM), 1)

    return height_of, tuple((height_of(figure), figure) for figure in sorted({top, 0.0, bottom}))


@dataclass(frozen=True)
class ValueCurve:
    """Net value against contacts, as a line in pixels."""

    line: str  # Of `points` in SVG
    points: tuple[tuple[float, float, float, float], ...]  # Place, and the figures there
    ticks: tuple[tuple[float, float], ...]  # Height in pixels, and the figure there
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT


def value_curve(values: Sequence[tuple[float, float]]) -> ValueCurve:
    """Place a curve that begins at nothing."""
    given = [(0.0, 0.0), *values]
    most = max(contacts for contacts, _ in given) or 1.0
    height_of, ticks = _heights([value for _, value in given])
    across = (WIDTH - _LEFT - _RIGHT) / most
    drawn = tuple((round(_LEFT + contacts * across, 1), height_of(value), contacts, value) for contacts, value in given)
    return ValueCurve(" ".join(f"{x},{y}" for x, y, _, _ in drawn), drawn[1:], ticks)


def tier_scale(scale: BorderScale) -> DrawnScale:
    """Place a value among its borders, with a tenth of the span free at each end."""
    figures = (scale.value, scale.low, scale.break_even, scale.high)
    least, most = min(figures), max(figures)
    free = 0.1 * ((most - least) or 1.0)

    def place_of(figure: float) -> float:
        return round((figure - least + free) / (most - least + 2 * free) * WIDTH, 1)

    borders = (scale.low, scale.break_even, scale.high)
    return DrawnScale(scale.value, tuple((place_of(figure), figure) for figure in borders), place_of(scale.value))
