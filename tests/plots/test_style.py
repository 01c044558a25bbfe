from __future__ import annotations

from segment.plots.style import as_png, as_svg, panels


def test_the_same_figure_gives_the_same_bytes() -> None:
    def drawn() -> str:
        figure, axes = panels(2, width=6, height=3)
        axes[0].plot([0, 1], [1, 0])
        axes[1].set_title("two")
        return as_svg(figure)

    assert drawn() == drawn()


def test_a_png_is_a_png() -> None:
    figure, _ = panels()
    assert as_png(figure, dots_per_inch=40).startswith(b"\x89PNG")
