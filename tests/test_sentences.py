from __future__ import annotations

from collections.abc import Mapping

import pytest
from markupsafe import Markup

from segment import sentences
from segment.messages import Message
from segment.sentences import Sentences

TEXTS = {
    "x.share": "**{share:percent1}** of {customers:count} customers",
    "x.file": "look into `{name}`, or {file:code}",
    "x.names": "{names:list}",
    "x.inner": "{found}; {amount:money}",
}


@pytest.fixture(autouse=True)
def texts(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(part: str, language: str) -> Mapping[str, str]:
        return TEXTS

    monkeypatch.setattr(sentences, "catalogue", read)


def test_a_sentence_writes_each_figure_by_its_kind() -> None:
    assert Sentences()("x.share", share=0.1234, customers=1200) == "12.3% of 1,200 customers"


def test_marks_become_tags_in_html_and_stay_in_markdown() -> None:
    assert Sentences("en", "html")("x.share", share=0.5, customers=2) == "<strong>50.0%</strong> of 2 customers"
    assert Sentences("en", "md")("x.share", share=0.5, customers=2) == "**50.0%** of 2 customers"


def test_what_is_filled_in_is_escaped_and_never_read_for_marks() -> None:
    text = Sentences("en", "html")("x.file", name="<b>**a**</b>", file="`<i>`")
    assert text == "look into <code>&lt;b&gt;**a**&lt;/b&gt;</code>, or <code>`&lt;i&gt;`</code>"
    assert isinstance(text, Markup)


def test_a_list_is_joined_as_its_language_joins() -> None:
    assert Sentences("en")("x.names", names=["a", "b"]) == "a, b"
    assert Sentences("zh")("x.names", names=["a", "b"]) == "a、b"
    assert Sentences("zh", "html")("x.names", names=["<", "b"]) == "&lt;、b"


def test_a_finding_may_hold_findings_and_a_missing_amount_is_a_dash() -> None:
    inner = Message("x.share", {"share": 1.0, "customers": 1})
    assert Sentences()("x.inner", found=inner, amount=None) == "100.0% of 1 customers; –"
    assert Message.from_dict(Message("x.inner", {"found": inner}).to_dict()).figures["found"] == inner


def test_a_language_without_a_catalogue_is_refused() -> None:
    with pytest.raises(ValueError, match=r"must be one of en, zh\. Got fr"):
        Sentences("fr")  # type: ignore[arg-type]
