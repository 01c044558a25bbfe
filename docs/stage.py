"""Gathers what the site is made of in one folder: `python -m docs.stage build/pages`, which `make site` calls.

Pages of docs/ and of the root, the reference that is written from the code, and the notebooks with their outputs. A
link to a page leads to that page of the site; a link to another file of the repository becomes its path as text.
"""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from docs.gallery import as_page
from docs.generate import ROOT, listed, table
from docs.generate import main as write_reference
from tests.public_names import modules, public_names

ROOT_PAGES = ("README", "README.zh", "CONTRIBUTING", "CHANGELOG", "SECURITY", "CODE_OF_CONDUCT")
RUNS = ROOT / "build" / "notebooks"
LINK = re.compile(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
PICTURE = re.compile(r'src="([^":]+)"')
FENCE = re.compile(r"(^ *```.*?^ *```)", re.MULTILINE | re.DOTALL)
ITEM = re.compile(r"(?:[-*]|\d+\.) +")


def places_on_the_site() -> dict[str, str]:
    """Find the pages and pictures of the repository, and where each stands on the site."""
    beside = [path for path in (ROOT / "docs").rglob("*") if path.suffix in (".md", ".svg", ".png", ".css")]
    places = {path.relative_to(ROOT).as_posix(): path.relative_to(ROOT / "docs").as_posix() for path in beside}
    return places | {f"{name}.md": f"project/{name.lower().replace('_', '-')}.md" for name in ROOT_PAGES}


def at_home_on_the_site(text: str, page: Path, places: Mapping[str, str]) -> str:
    """Turn a page's links, which hold in the repository, into links of the site."""

    def turned(link: re.Match[str]) -> str:
        words, target = link.groups()
        name, mark, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target) or not name:
            return link.group(0)
        aim = os.path.normpath(page.parent / name)
        if aim in places:
            way = os.path.relpath(places[aim], Path(places[page.as_posix()]).parent)
            return f"[{words}]({way}{mark}{anchor})"
        if not (ROOT / aim).exists():
            raise ValueError(f"a link of {page} must lead to a page or a file. Got {target}")
        return f"`{aim}`" if words.strip("`") in (aim, Path(aim).name) else f"{words} (`{aim}`)"

    def shown(picture: re.Match[str]) -> str:
        way = os.path.relpath(places[os.path.normpath(page.parent / picture[1])], Path(places[page.as_posix()]).parent)
        return f'src="{way}"'

    parts = FENCE.split(text)
    return "".join(part if FENCE.fullmatch(part) else PICTURE.sub(shown, LINK.sub(turned, part)) for part in parts)


def as_the_site_reads_it(text: str) -> str:
    """Write lists and tables as Python-Markdown wants them: an empty line before, four spaces inside."""
    written: list[str] = []
    base, is_code = 0, False  # where the text of the open list's items stands; 0 outside lists
    for line in text.split("\n"):
        item = None if is_code else ITEM.match(line)
        fenced = line.lstrip().startswith("```")
        if item:
            if not base and written[-1:] not in ([], [""]):
                written.append("")
            base = len(item.group())
        elif not is_code and line.startswith(("|", "```")) and written[-1:] not in ([], [""]):
            if not (line.startswith("|") and written[-1].startswith("|")):
                written.append("")
        elif line and not line.startswith(" ") and not is_code:
            base = 0
        inside = base and not item and line.startswith("  ")
        written.append(" " * (4 - min(base, 4)) + line if inside else line)
        is_code ^= fenced
    return "\n".join(written)


def write_pages(folder: Path) -> None:
    """Write the pages of docs/, of the root and of the reference, with the pictures in them."""
    write_reference(folder / "reference")
    generated = {f"docs/reference/{path.name}": f"reference/{path.name}" for path in (folder / "reference").iterdir()}
    places = places_on_the_site() | generated
    for name, place in places.items():
        source, aim = folder / place if name in generated else ROOT / name, folder / place
        aim.parent.mkdir(parents=True, exist_ok=True)
        if aim.suffix != ".md":
            shutil.copyfile(source, aim)
            continue
        text = at_home_on_the_site(source.read_text(encoding="utf-8"), Path(name), places)
        aim.write_text(as_the_site_reads_it(text), encoding="utf-8")


def write_gallery(folder: Path) -> None:
    """Write a page of each notebook from its run, and one that shows what there is."""
    folder.mkdir(parents=True)
    parts = [
        "# Notebooks\n\nEach runs as it stands, on a bank that it simulates: `python notebooks/tour.py`. The pages "
        "show what they printed and drew; the file at the top of each opens in Jupyter.\n"
    ]
    for source in sorted((ROOT / "notebooks").glob("*.py"), key=lambda path: (path.stem != "tour", path.stem)):
        run = RUNS / f"{source.stem}.ipynb"
        page = as_page(json.loads(run.read_text(encoding="utf-8")), source.stem, folder)
        (folder / f"{source.stem}.md").write_text(page, encoding="utf-8")
        shutil.copyfile(run, folder / run.name)
        heading, about = page.split("\n\n")[:2]
        last = max(folder.glob(f"{source.stem}-*.png"), key=lambda path: int(path.stem.rpartition("-")[2]))
        parts.append(f"#{heading}\n\n{about}\n\n[![{heading.strip('# ')}]({last.name})]({source.stem}.md)\n")
    (folder / "index.md").write_text("\n".join(parts), encoding="utf-8")


def exported() -> dict[str, list[str]]:
    """Find the names that each package hands out."""
    return {
        module: sorted(ast.literal_eval(node.value), key=str.lower)
        for module, tree in modules().items()
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__"
        if module != "segment.cli"
    }


def jobs() -> dict[str, list[str]]:
    """Find the jobs and their results, by wing."""
    wings: defaultdict[str, list[str]] = defaultdict(list)
    for module, name in sorted(public_names()):
        if module.startswith("segment.jobs."):
            wing = ".".join(module.split(".")[:3])
            wings[wing].append(f"{module.removeprefix(wing + '.')}.{name}" if module != wing else name)
    return dict(wings)


def write_api(folder: Path) -> None:
    """Write a page for each package that hands out names and for each wing of jobs."""
    folder.mkdir(parents=True)
    found = exported()
    at_the_top = found.pop("segment")
    errors = sorted(name for module, name in public_names() if module == "segment.exceptions")
    found |= jobs() | {"segment.exceptions": errors}
    for package, names in sorted(found.items()):
        whole = "    options:\n      show_root_full_path: true\n" if ".jobs." in package else ""
        parts = [f"# `{package}`\n", *(f"::: {package}.{name}\n{whole}" for name in names)]
        (folder / f"{package}.md").write_text("\n".join(parts), encoding="utf-8")
    rows = [(f"[`{package}`]({package}.md)", listed(_last(names))) for package, names in sorted(found.items())]
    intro = (
        "# Names to use from Python\n\nWhat packages hand out, what each job takes and gives back, and the errors. "
        f"Everything else may change without notice. At the top, as `segment.NAME`: {listed(at_the_top)}; "
        "`segment.open` is [`open_workspace`][segment.opened.open_workspace]. "
        "[How to work in Python](../../how-to/work-in-python.md).\n\n"
    )
    (folder / "index.md").write_text(intro + table(("from", "names"), rows), encoding="utf-8")


def _last(names: Iterable[str]) -> list[str]:
    return [name.rpartition(".")[2] for name in names]


def main(folder: Path) -> None:
    """Write everything that the site is made of."""
    shutil.rmtree(folder, ignore_errors=True)
    write_pages(folder)
    write_gallery(folder / "notebooks")
    write_api(folder / "reference" / "api")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
