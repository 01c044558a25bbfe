"""Pages from templates: HTML that is self-contained, or Markdown, by the same template."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from segment.files import write_text
from segment.messages import Message
from segment.numbers import KINDS, write_number
from segment.sentences import QUOTES, Form, Language, Sentences
from segment.warehouse.workspace_clock import writes_trial

_NOTE = {"html": Markup("<p>{}</p>\n"), "md": "\n\n{}\n"}
_BLANK_LINES = re.compile(r"\n{3,}")


class Figure(str):
    """A number that was written: it stands to the right of its column."""

    __slots__ = ()

    def __html__(self) -> str:
        """Escape it as any text."""
        return escape(str(self))


class Picture(Markup):
    """An SVG of our own plots, without the head of its file."""

    file: str
    alt: str

    def __new__(cls, svg: str, file: str, alt: str) -> Picture:
        """Take the drawing out of its file."""
        picture = super().__new__(cls, svg[svg.index("<svg") :])
        picture.file, picture.alt = file, alt
        return picture


def render(template: str, form: Form, language: Language = "en", **content: Any) -> str:
    """Fill a template; `form` is `html` or `md`, a `base` what it stands in, if not in a page of its own."""
    t = Sentences(language, form)
    text = (
        _environment(form)
        .get_template(template)
        .render({"base": f"base.{form}", **content}, t=t, form=form, language=language, trial=writes_trial())
    )
    return text if form == "html" else _BLANK_LINES.sub("\n\n", text).strip() + "\n"


def write_page(path: Path, template: str, language: Language = "en", **content: Any) -> None:
    """Write a page whose form follows from the file's ending; its owner alone can read it."""
    form: Form = "md" if path.suffix == ".md" else "html"
    text = render(template, form, language, **content)
    write_text(text, path)


@lru_cache
def _environment(form: Form) -> Environment:
    environment = Environment(
        loader=PackageLoader("segment.pages"),
        autoescape=form == "html",  # noqa: S701  Markdown is no HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    for kind in KINDS:
        environment.filters[kind] = _number(kind)
    environment.filters["right"] = _right
    environment.filters["cell"] = _cell
    environment.filters["quotes_explained"] = _quotes_explained
    environment.tests["figure"] = lambda value: isinstance(value, Figure)
    environment.tests["message"] = lambda value: isinstance(value, Message)
    return environment


def _number(kind: str) -> Any:
    return lambda value: Figure(write_number(value, kind))


def _right(text: str) -> Figure:
    """A figure is escaped when it is shown: what is escaped already must not be."""
    return Figure(text.unescape() if isinstance(text, Markup) else text)


def _quotes_explained(page: str, t: Sentences) -> str:
    """Say on a page with quotes what they mark."""
    return page + _NOTE[t.form].format(t("words.quoted")) if QUOTES[t.form][0] in page else page


def _cell(value: Any) -> Any:
    """What a table shows of a plain value: a dash where there is none, numbers to the right."""
    if value is None:
        return write_number(None, "count")
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return Figure(write_number(value, "count"))
    return Figure(write_number(value, "figure")) if isinstance(value, float) else value
