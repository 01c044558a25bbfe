"""Both languages say everything, with the same figures, and no page says anything beside them."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest
from jinja2 import Environment

from segment.numbers import DATES, KINDS
from segment.sentences import catalogue, parts

SOURCE = Path(__file__).parents[2] / "src" / "segment"
TEMPLATES = sorted(path for path in (SOURCE / "pages" / "templates").rglob("*") if path.is_file())
KINDS_OF_SENTENCES = {
    *KINDS,
    *DATES,
    "",
    "list",
    "or",
    "and",
    "lines",
    "items",
    "steps",
    "points",
    "sentences",
    "code",
    "strong",
    "capital",
    "quoted",
}
# names of measures and standards are the same in both languages
NAMES = re.compile(
    r"`[^`]*`|\{[^}]*\}|\b(?:AUC|CSV|CUPED|FTP|GDPR|Gini|HTML|Holm|JSON|MAE|P10|P50|P90|PIPL|PSI|ROC|SHA-256|SVG|PNG|p|"
    r"Mantel-Haenszel|Spearman|Qini|SCHUFA|UK GDPR|Regulation B|Consumer Duty|AUM|F1|Rand)\b"
)
ENGLISH = re.compile(r"[A-Za-z]{2,}(?:[ ,;:]+[A-Za-z]{2,}){2,}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def figures(text: str) -> set[tuple[str, str]]:
    return {(name, kind or "") for _, name, kind, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("part", parts())
def test_both_languages_have_the_same_keys(part: str) -> None:
    assert catalogue(part, "en").keys() == catalogue(part, "zh").keys()
    assert all(key.startswith(f"{part}.") for key in catalogue(part, "en"))
    assert [key for language in ("en", "zh") for key, text in catalogue(part, language).items() if not text] == []


@pytest.mark.parametrize("part", parts())
def test_a_sentence_names_the_same_figures_in_both_languages_by_known_kinds(part: str) -> None:
    english, chinese = catalogue(part, "en"), catalogue(part, "zh")
    assert [key for key in english if figures(english[key]) != figures(chinese[key])] == []
    assert {kind for text in english.values() for _, kind in figures(text)} <= KINDS_OF_SENTENCES


@pytest.mark.parametrize("part", parts())
def test_no_chinese_sentence_is_english(part: str) -> None:
    plain = {key: NAMES.sub("", text) for key, text in catalogue(part, "zh").items()}
    assert {key: text for key, text in plain.items() if ENGLISH.search(text)} == {}
    wordy = {key: text for key, text in plain.items() if re.search(r"[A-Za-z]{3,}", text)}
    assert {key: text for key, text in wordy.items() if not CHINESE.search(text)} == {}


@pytest.mark.parametrize("part", parts())
def test_words_that_mean_something_else_are_not_used(part: str) -> None:
    """DOMAIN.md 9: 保本 alone reads as principal-guaranteed, and 差别待遇 is the law's word for unfair treatment."""
    texts = catalogue(part, "zh").values()
    assert [text for text in texts if re.search(r"(?<!客户\()保本(?!客户)|差别待遇", text)] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_words_of_its_own(template: Path) -> None:
    if template.suffix == ".css":
        return
    tokens = list(Environment(autoescape=True).lex(template.read_text(encoding="utf-8")))
    text = "".join(value for _, kind, value in tokens if kind == "data")
    text = re.sub(r"<[^>]*>|<!doctype html>|</?(?:details|summary)>", "", text)
    assert re.findall(r"[A-Za-z\u4e00-\u9fff]{2,}", text) == []
    strings = [ast.literal_eval(value) for _, kind, value in tokens if kind == "string"]
    assert [value for value in strings if re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", value)] == []


def test_every_key_that_is_written_out_is_in_the_catalogues() -> None:
    known = {key for part in parts() for key in catalogue(part, "en")}
    literal = re.compile(rf"""["']((?:{"|".join(parts())})\.[a-z0-9_.]+)["']""")
    texts = [*SOURCE.rglob("*.py"), *(path for path in TEMPLATES if path.suffix != ".css")]
    written = {key for path in texts for key in literal.findall(path.read_text(encoding="utf-8"))}
    named = {key for key in written if not re.search(r"\.(?:csv|html|jinja|json|md|svg)$", key)}  # names of files
    starts = {key for key in named if key.endswith(".")}
    assert sorted(named - known - starts) == []
    assert sorted(start for start in starts if not any(key.startswith(start) for key in known)) == []
