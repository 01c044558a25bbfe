"""The site is made of the repository's pages, its links hold, and nothing in it comes from elsewhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from docs.check_site import broken
from docs.gallery import as_page, read_cells
from docs.stage import as_the_site_reads_it, at_home_on_the_site, exported, jobs, places_on_the_site
from tests.docs.test_generate import PAGES, ROOT

NOTEBOOK = """# ---
# jupyter: {}
# ---

# %% [markdown]
# # A notebook
#
# About it.

# %%
from pathlib import Path

Path("small").mkdir()
print("kept")

# %%
Path("small/drawn.png").write_bytes(b"a picture")
"""


@pytest.fixture(scope="module")
def settings() -> str:
    return (ROOT / "mkdocs.yml").read_text(encoding="utf-8")


def test_every_page_of_the_site_is_in_its_navigation(settings: str) -> None:
    written = {place for place in places_on_the_site().values() if place.endswith(".md")}
    written |= {f"reference/api/{package}.md" for package in exported() | jobs() if package != "segment"}
    written |= {f"notebooks/{path.stem}.md" for path in (ROOT / "notebooks").glob("*.py")}
    assert written - set(re.findall(r"[\w./-]+\.md", settings)) == set()


def test_the_site_asks_nobody_else_for_fonts_and_counts_no_reader(settings: str) -> None:
    held = yaml.safe_load(re.sub(r"!!python\S+", "", settings))
    assert held["theme"]["font"] is False
    assert [next(iter(each)) if isinstance(each, dict) else each for each in held["plugins"]] == [
        "search",
        "mkdocstrings",
    ]
    assert held["extra"] == {"generator": False}
    pages = [page for page in PAGES if "```mermaid" in page.read_text(encoding="utf-8")]
    assert pages == []  # the theme would fetch a script to draw them


def test_links_lead_to_pages_of_the_site_and_files_become_text() -> None:
    places = {"docs/how-to/a.md": "how-to/a.md", "docs/b.md": "b.md", "README.md": "project/readme.md"}
    text = "[b](../b.md#here), [top](../../README.md), [policy](../../models/retail.toml), [`src`](../../src) [x](#y)\n"
    code = "```\n[b](../b.md)\n```\n"
    assert at_home_on_the_site(text + code, Path("docs/how-to/a.md"), places) == (
        "[b](../b.md#here), [top](../project/readme.md), policy (`models/retail.toml`), `src` [x](#y)\n" + code
    )
    assert at_home_on_the_site('<img src="docs/p.png">', Path("README.md"), places | {"docs/p.png": "p.png"}) == (
        '<img src="../p.png">'
    )
    with pytest.raises(ValueError, match="must lead to a page or a file"):
        at_home_on_the_site("[gone](gone.md)", Path("docs/b.md"), places)


def test_lists_and_tables_are_read_as_in_the_repository() -> None:
    text = (
        "Text:\n- a\n  more\n- b:\n  ```\n  - code\n  ```\n\nThen\n| a |\n|---|\n1. c\n   - d\n\n```\n- as it is\n```\n"
    )
    assert as_the_site_reads_it(text) == (
        "Text:\n\n- a\n    more\n- b:\n    ```\n    - code\n    ```\n\n"
        "Then\n\n| a |\n|---|\n\n1. c\n    - d\n\n```\n- as it is\n```\n"
    )


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ('<a href="b.html#there">', None),
        ('<a href="gone.html">', "a.html leads to gone.html"),
        ('<a href="b.html#gone">', "a.html leads to b.html#gone"),
        ('<a href="#gone">', "a.html leads to #gone"),
        ('<script src="//elsewhere.example/x.js">', "a.html loads //elsewhere.example/x.js"),
        (
            '<link rel="stylesheet" href="https://elsewhere.example/x.css">',
            "a.html loads https://elsewhere.example/x.css",
        ),
        ('<a href="https://elsewhere.example">', None),
        ("<p>Text:\n- a</p>", "a.html shows a list or a table as text"),
        ("<p>Text:\n| a |\n|---|</p>", "a.html shows a list or a table as text"),
    ],
)
def test_a_link_that_does_not_hold_is_found(tmp_path: Path, link: str, said: str | None) -> None:
    (tmp_path / "a.html").write_text(link, encoding="utf-8")
    (tmp_path / "b.html").write_text('<h2 id="there">', encoding="utf-8")
    assert broken(tmp_path) == ([said] if said else [])


def test_a_style_that_loads_from_elsewhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "x.css").write_text("@font-face{src:url(https://elsewhere.example/f.woff)}", encoding="utf-8")
    assert broken(tmp_path) == ["x.css loads from elsewhere"]


def test_a_notebook_is_kept_with_what_it_printed_and_drew(tmp_path: Path) -> None:
    (tmp_path / "small.py").write_text(NOTEBOOK, encoding="utf-8")
    command = [sys.executable, str(ROOT / "docs" / "gallery.py"), "small.py", "kept"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout.splitlines()[0]) == (0, "kept"), ran.stderr
    kept = json.loads((tmp_path / "kept" / "small.ipynb").read_text(encoding="utf-8"))
    assert [cell["cell_type"] for cell in kept["cells"]] == ["markdown", "code", "code"]
    page = as_page(kept, "small", tmp_path)
    assert page.startswith("# A notebook\n\nAbout it.\n\n")
    assert "\n```\nkept\n```" in page
    assert "![A notebook](small-1.png)" in page
    assert (tmp_path / "small-1.png").read_bytes() == b"a picture"


def test_a_notebook_that_fails_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "small.py").write_text("# %%\nraise RuntimeError\n", encoding="utf-8")
    command = [sys.executable, str(ROOT / "docs" / "gallery.py"), "small.py", "kept"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert not (tmp_path / "kept").exists()


def test_every_notebook_has_a_title_and_a_sentence_about_it() -> None:
    for path in (ROOT / "notebooks").glob("*.py"):
        first = next(read_cells(path.read_text(encoding="utf-8")))
        assert first.is_prose
        assert re.match(r"# .+\n\n\S", first.text), path.name


def test_chinese_pages_use_the_words_of_the_screen() -> None:
    for page in PAGES:
        if page.name.endswith(".zh.md") or page.name == "glossary.md":
            text = page.read_text(encoding="utf-8")
            assert "差别待遇" not in text, page.name  # the law's word for unfair treatment
            assert "保本" not in text, page.name  # alone it reads as principal-guaranteed
