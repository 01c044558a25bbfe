"""Checks the built site: links and anchors lead somewhere, lists and tables are read, nothing is loaded from elsewhere.

``python docs/check_site.py FOLDER`` ends with an error that lists what does not hold.
"""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src"}
LOADED_LINKS = {"stylesheet", "icon", "preconnect", "preload", "dns-prefetch", "modulepreload"}
SHOWN_AS_TEXT = re.compile(r"<p>(?:(?!</p>|<pre)[\s\S])*?\n(?:- |\|)")  # a list or a table that was not read as one
LOADED_BY_STYLE = re.compile(r"(?:url\(|@import\s)\s*[\"']?(?:https?:)?//", re.IGNORECASE)


class _Page(HTMLParser):
    """What a page links to, what it loads, and the places in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value for name, value in attrs if value is not None}
        self.places |= {held[name] for name in ("id", "name") if name in held}
        if tag == "a" and "href" in held:
            self.links.append(held["href"])
        if tag in LOADED and LOADED[tag] in held:
            self.loaded.append(held[LOADED[tag]])
        if tag == "link" and set(held.get("rel", "").split()) & LOADED_LINKS:
            self.loaded.append(held.get("href", ""))


@cache
def read_page(path: Path) -> _Page:
    """Read a page once, however many lead to it."""
    return _Page(path.read_text(encoding="utf-8"))


def broken(folder: Path) -> list[str]:
    """List every link that leads nowhere and every file that would be loaded from elsewhere."""
    found: list[str] = []
    for path in sorted(folder.rglob("*.html")):
        page, name = read_page(path), path.relative_to(folder).as_posix()
        found += [f"{name} loads {url}" for url in page.loaded if urlsplit(url).netloc]
        if name != "404.html":  # its links start at the root of a server
            here = [url for url in (*page.links, *page.loaded) if not urlsplit(url).scheme and not urlsplit(url).netloc]
            found += [f"{name} leads to {url}" for url in here if not _leads_somewhere(path, url)]
        if SHOWN_AS_TEXT.search(path.read_text(encoding="utf-8")):
            found.append(f"{name} shows a list or a table as text")
    styles = [path for path in folder.rglob("*.css") if LOADED_BY_STYLE.search(path.read_text(encoding="utf-8"))]
    return found + [f"{path.relative_to(folder).as_posix()} loads from elsewhere" for path in styles]


def _leads_somewhere(page: Path, url: str) -> bool:
    parts = urlsplit(url)
    aim = Path(os.path.normpath(page.parent / unquote(parts.path))) if parts.path else page
    if aim.is_dir():
        aim = aim / "index.html"
    if not aim.is_file():
        return False
    return not parts.fragment or aim.suffix != ".html" or unquote(parts.fragment) in read_page(aim).places


def main(folder: Path) -> None:
    """Check a site; none is no good one."""
    if not (folder / "index.html").is_file():
        raise SystemExit(f"a site must have a first page. `{folder}` has none")
    if found := broken(folder):
        raise SystemExit("\n".join([f"{len(found)} links of the site do not hold:", *found]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
