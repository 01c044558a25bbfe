"""Runs a notebook cell by cell and keeps it with what it printed and drew.

``python docs/gallery.py NOTEBOOK FOLDER`` runs in the working directory, as the notebook alone would, and writes
``FOLDER/NAME.ipynb``. Every picture that a cell writes as PNG beside itself stands below the cell. ``as_page`` makes a
page of the site of it.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

CELL = re.compile(r"^# %%(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook: prose or code."""

    is_prose: bool
    text: str


@dataclass(frozen=True)
class Output:
    """What a cell printed, and the pictures that it wrote."""

    printed: str
    pictures: tuple[bytes, ...]


class _Tee(io.StringIO):
    """Keeps what is printed and prints it all the same."""

    def write(self, text: str) -> int:
        sys.__stdout__.write(text)  # type: ignore[union-attr]
        return super().write(text)


def read_cells(source: str) -> Iterator[Cell]:
    """Split a py:percent file into its cells; its head is for Jupytext alone."""
    marks = list(CELL.finditer(source))
    for mark, follows in zip(marks, [*marks[1:], None], strict=True):
        text = source[mark.end() : follows.start() if follows else None].strip("\n")
        is_prose = "[markdown]" in mark.group(1)
        yield Cell(is_prose, re.sub(r"^# ?", "", text, flags=re.MULTILINE) if is_prose else text)


def run_cells(cells: list[Cell], name: str) -> Iterator[Output]:
    """Run the code of a notebook in one module."""
    module = ModuleType("__main__")
    sys.modules["__main__"] = module
    for cell in cells:
        if cell.is_prose:
            yield Output("", ())
            continue
        before, printed = _pictures(name), _Tee()
        with contextlib.redirect_stdout(printed):
            exec(compile(cell.text, "<cell>", "exec"), vars(module))  # noqa: S102  the notebook is ours
        new = [path for path, written in _pictures(name).items() if before.get(path) != written]
        yield Output(printed.getvalue(), tuple(path.read_bytes() for path in sorted(new)))


def _pictures(name: str) -> dict[Path, int]:
    """The pictures of a notebook's folder; the workspace keeps others, of its own."""
    found = [*Path(name).glob("*.png"), *Path(name).glob("workspace/backtests/*/plots/*.png")]
    return {path: path.stat().st_mtime_ns for path in found}


def as_ipynb(cells: list[Cell], outputs: list[Output]) -> dict[str, Any]:
    """Write a notebook in Jupyter's own form."""
    written = []
    for place, (cell, output) in enumerate(zip(cells, outputs, strict=True)):
        common = {"id": f"cell-{place}", "metadata": {}, "source": cell.text.splitlines(keepends=True)}
        if cell.is_prose:
            written.append(common | {"cell_type": "markdown"})
            continue
        shown: list[dict[str, Any]] = []
        if output.printed:
            shown.append({"output_type": "stream", "name": "stdout", "text": output.printed.splitlines(keepends=True)})
        for picture in output.pictures:
            data = {"image/png": base64.b64encode(picture).decode("ascii")}
            shown.append({"output_type": "display_data", "metadata": {}, "data": data})
        written.append(common | {"cell_type": "code", "execution_count": None, "outputs": shown})
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": written}


def as_page(notebook: dict[str, Any], name: str, folder: Path) -> str:
    """Write a notebook with its outputs as Markdown, its pictures beside it."""
    parts: list[str] = []
    heading, pictures = name, 0
    for cell in notebook["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            heading = next(iter(re.findall(r"^#+ (.+)$", text, re.MULTILINE)), heading)
            parts.append(text)
            continue
        parts.append(f"```python\n{text}\n```")
        for output in cell["outputs"]:
            if output["output_type"] == "stream":
                parts.append(f"```\n{''.join(output['text']).rstrip()}\n```")
            else:
                pictures += 1
                (folder / f"{name}-{pictures}.png").write_bytes(base64.b64decode(output["data"]["image/png"]))
                parts.append(f"![{heading}]({name}-{pictures}.png)")
    source = f"Run it: `python notebooks/{name}.py`. [As a notebook with its outputs]({name}.ipynb)."
    return "\n\n".join([parts[0], source, *parts[1:]]) + "\n"


def main(notebook: Path, folder: Path) -> None:
    """Run a notebook and keep it."""
    cells = list(read_cells(notebook.read_text(encoding="utf-8")))
    text = json.dumps(as_ipynb(cells, list(run_cells(cells, notebook.stem))), ensure_ascii=False, indent=1)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{notebook.stem}.ipynb").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
