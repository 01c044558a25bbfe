"""Sentences from the catalogues: a key and its figures in, words in the reader's language out.

A catalogue is a gettext file per part of the program (`locale/LANGUAGE/LC_MESSAGES/PART.po`); the part is what stands
before the first point of a key. A sentence names its figures by kind, `{customers:count} customers`, and may mark
`code` and **weight** as Markdown does. What is filled in is never read for marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, Final, Literal

from babel.messages.pofile import read_po
from markupsafe import Markup, escape

from segment.messages import Message
from segment.numbers import DATES, KINDS, MISSING, write_date, write_number

Language = Literal["en", "zh"]
Form = Literal["html", "md", "text"]

LANGUAGES: Final[tuple[Language, ...]] = ("en", "zh")
LOCALE: Final = Path(__file__).parent / "pages" / "locale"
_SEPARATORS: Final = {
    "list": {"en": ", ", "zh": "、"},
    "steps": {"en": "  >  ", "zh": "  >  "},
    "or": {"en": " or ", "zh": "或"},
    "points": {"en": "; ", "zh": "；"},
    "sentences": {"en": " ", "zh": ""},
    "lines": {"en": "\n  - ", "zh": "\n  - "},
    "items": {"en": "\n- ", "zh": "\n- "},
    "and": {"en": " and ", "zh": "和"},
}
_PLACE: Final = "\ue000"
QUOTES: Final = {"html": ("<q>", "</q>"), "md": ("「", "」"), "text": ("「", "」")}
"""Marks of words that the bank wrote itself, in another language than the page's."""
_CHINESE = re.compile("[\u4e00-\u9fff]")
_CODE, _STRONG = re.compile(r"`([^`]+)`"), re.compile(r"\*\*([^*]+)\*\*")


@lru_cache
def catalogue(part: str, language: Language) -> Mapping[str, str]:
    """Read one part of a language's catalogue."""
    path = LOCALE / language / "LC_MESSAGES" / f"{part}.po"
    with path.open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}


@lru_cache
def parts() -> tuple[str, ...]:
    """Names of the catalogue's parts."""
    return tuple(sorted(path.stem for path in (LOCALE / "en" / "LC_MESSAGES").glob("*.po")))


@dataclass(frozen=True)
class Sentences:
    """Speaks one language in one form: HTML, Markdown, or plain text for a terminal."""

    language: Language = "en"
    form: Form = "text"

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise ValueError(f"`language` must be one of {', '.join(LANGUAGES)}. Got {self.language}.")

    def __call__(self, key: str, **figures: Any) -> str:
        """Make the sentence of a key."""
        literals, places = _parsed(self, key)
        if not places:
            return literals[0]
        return self._filled(literals, [self.figure(figures[name], kind) for name, kind in places])

    def of(self, message: Message) -> str:
        """Make the sentence of a finding."""
        return self(message.code, **message.figures)

    def knows(self, key: str) -> bool:
        """Whether the catalogue has a key: figures and tables may bring codes of an older release."""
        part = key.partition(".")[0]
        return part in parts() and key in catalogue(part, self.language)

    def each(self, findings: Iterable[Message | str]) -> list[str]:
        """Make the sentence of each finding; one of an older release is a sentence already."""
        return [self.figure(finding) for finding in findings]

    def reasons(self, codes: Iterable[str]) -> list[str]:
        """Make the sentences of reason codes, in their order, without a full stop."""
        return [self(f"reasons.{code.lower()}") for code in codes]

    def word(self, start: str, word: str) -> str:
        """Find a word that data bring, such as `under 1 year`, after the start of its key; else leave it."""
        key = start + re.sub("[^a-z0-9]+", "_", word.lower()).strip("_")
        return self(key) if self.knows(key) else word

    def code(self, text: object) -> str:
        """Mark a name of the program."""
        if self.form == "html":
            return Markup("<code>{}</code>").format(text)
        return f"`{text}`"

    def strong(self, text: object) -> str:
        """Give weight."""
        if self.form == "html":
            return Markup("<strong>{}</strong>").format(text)
        return f"**{text}**" if self.form == "md" else str(text)

    def quoted(self, text: str) -> str:
        """Mark what the bank wrote itself, such as a name in its policy, where it is in another language."""
        if " " not in text or (self.language == "zh") == bool(_CHINESE.search(text)):
            return text
        before, after = QUOTES[self.form]
        return Markup("<q>{}</q>").format(text) if self.form == "html" else before + text + after

    def own_or_quoted(self, key: str, text: str) -> str:
        """Say the software's own text in the reader's language; what the bank wrote in its place is quoted."""
        own = self.knows(key) and catalogue(key.partition(".")[0], "en")[key] == text
        return self(key) if own else self.quoted(text)

    def each_quoted(self, texts: Iterable[str]) -> list[str]:
        """Mark each text that the bank wrote itself."""
        return [self.quoted(text) for text in texts]

    def figure(self, value: Any, kind: str = "") -> str:
        """Write what a sentence names: a number of a kind, a list, a finding, `code`, a key, or text."""
        if kind == "capital":
            text = self.figure(value)
            return text[:1].upper() + text[1:]
        if isinstance(value, Message):
            return self.of(value)
        if kind in _SEPARATORS or isinstance(value, list | tuple):
            return self._listed(value, kind if kind in _SEPARATORS else "points")
        if kind in KINDS:
            return write_number(value, kind)
        if kind in DATES and value is not None:
            return write_date(value, kind, self.language)
        if kind == "code":
            return self.code(value)
        if kind == "strong":
            return self.strong(value)
        if value is not None and kind == "quoted":
            return self.quoted(value)
        return value if isinstance(value, str) else MISSING if value is None else str(value)  # Markup stays Markup

    def _listed(self, values: Sequence[Any], kind: str) -> str:
        written = [self._safe(self.figure(value)) for value in values]
        return self._joined(written, _SEPARATORS[kind][self.language])

    def marked(self, literal: str) -> str:
        """Turn the marks of a catalogue's text into this form's."""
        if self.form == "text":
            return _STRONG.sub(r"\1", literal)
        if self.form == "md":
            return literal
        safe = str(escape(literal))
        return Markup(_CODE.sub(r"<code>\1</code>", _STRONG.sub(r"<strong>\1</strong>", safe)))  # noqa: S704  escaped above

    def _filled(self, literals: Sequence[str], figures: Sequence[str]) -> str:
        pieces = [literals[0]]
        for figure, literal in zip(figures, literals[1:], strict=True):
            pieces += [self._safe(figure), literal]
        return self._joined(pieces)

    def _safe(self, text: str) -> str:
        return escape(text) if self.form == "html" else text

    def _joined(self, pieces: Sequence[str], separator: str = "") -> str:
        return escape(separator).join(pieces) if self.form == "html" else separator.join(pieces)


@lru_cache(maxsize=16_384)
def _parsed(sentences: Sentences, key: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """The literals of a sentence, and between them the name and kind of each figure."""
    text = catalogue(key.partition(".")[0], sentences.language)[key]
    plan = [(literal, name, kind) for literal, name, kind, _ in Formatter().parse(text)]
    # marks may stand around a figure, and are never looked for inside one
    marked = sentences.marked("".join(literal + (_PLACE if name is not None else "") for literal, name, _ in plan))
    return tuple(marked.split(_PLACE)), tuple((name, kind or "") for _, name, kind in plan if name is not None)
