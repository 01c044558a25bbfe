"""What a test looks for in a page."""

from __future__ import annotations

import html
import re

CHINESE = re.compile("[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{2,}(?:[ ,;:]+[A-Za-z]{2,}){2,}")


NOT_READ = (
    r"<style[^>]*>.*?</style>",
    r"<metadata>.*?</metadata>",
    r"<code>[^<]*</code>",
    r"<q>[^<]*</q>",
    r"「[^」]*」",
    r"`[^`]*`",
)
SHOWN_OF_A_MARK = re.compile(r"""<[^>]*? (?:alt|title|aria-label|label)="([^"]*)"[^>]*>""")


def text_of(page: str) -> str:
    """The words of a page and of its pictures, without marks, style, names in code and what the bank itself wrote."""
    for part in NOT_READ:
        page = re.sub(part, " ‖ ", page, flags=re.DOTALL)
    page = SHOWN_OF_A_MARK.sub(r" ‖ \1 ‖ ", page)
    return html.unescape(re.sub(r"<[^>]*>", " ‖ ", page))


def assert_no_english(page: str, *but: str) -> None:
    """Three English words in a row are a sentence; `but` are the data's own words."""
    text = text_of(page)
    for words in but:
        text = text.replace(words, "")
    assert ENGLISH.findall(text) == []
