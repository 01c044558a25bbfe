from __future__ import annotations

import subprocess
import sys

import pytest

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


@pytest.mark.parametrize("title", ["two", "两个"])
def test_a_bold_title_is_drawn_without_a_word_about_fonts(title: str) -> None:
    code = f"from segment.plots.style import *; f, a = panels(); a[0].set_title({title!r}, weight='bold'); as_svg(f)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "findfont" not in told.stderr
