"""Every page that commands write for a trained bank: none in Chinese holds an English sentence, its plots included."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from segment.warehouse.tiers_table import read_tiers
from tests.conftest import AS_OF, Bank, Said
from tests.pages.reading import CHINESE, ENGLISH, text_of


@pytest.fixture
def pages(bank: Bank, segment: Callable[..., Said], tmp_path: Path) -> Callable[[str], dict[str, str]]:
    """Write every page in a language."""

    def write(language: str) -> dict[str, str]:
        out, day, root = tmp_path / language, AS_OF.isoformat(), bank.workspace.root
        out.mkdir()
        customer = read_tiers(bank.workspace.tiers, AS_OF)["customer_id"][0]
        (run,) = (path.name for path in bank.workspace.runs.glob("refresh-*"))
        for command in (
            ("runs", run, "--out", out / "run.html"),
            ("drift", "--as-of", day, "--out", out / "drift.html"),
            ("audit", "--as-of", day, "--out", out / "audit.html"),
            ("card", "champion", "--out", out / "card"),
            ("clusters", "--as-of", day, "--out", out / "clusters"),
            ("service-plan", "--as-of", day, "--out", out / "plan"),
            ("impact-assessment", "--out", out / "assessment.md"),
            ("explain", customer, "--out", out / "answer.html"),
        ):
            said = segment(*command, "--language", language, workspace=root)
            assert said.code == 0, said.err
        endings = (".html", ".md", ".svg")
        files = [path for path in out.rglob("*") if path.suffix in endings]
        return {str(path.relative_to(out)): path.read_text(encoding="utf-8") for path in files}

    return write


def test_no_chinese_page_has_an_english_sentence(pages: Callable[[str], dict[str, str]]) -> None:
    written = pages("zh")
    assert {"run.html", "drift.html", "audit.html", "answer.html", "assessment.md"} < set(written)
    assert any("<text" in page for page in written.values())
    assert {name: found for name, page in written.items() if (found := ENGLISH.findall(text_of(page)))} == {}
    assert [name for name, page in written.items() if not CHINESE.search(page)] == []


def test_no_english_page_has_a_chinese_word(pages: Callable[[str], dict[str, str]]) -> None:
    assert [name for name, page in pages("en").items() if CHINESE.search(text_of(page))] == []
