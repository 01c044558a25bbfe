"""A person who decides about another's work must be another, however the name is written."""

from __future__ import annotations

import pytest

from segment.exceptions import IdentityError
from segment.identity import checked_name, same_person
from segment.login import login_name
from segment.settings import current_user


@pytest.mark.parametrize(
    "other",
    [
        "ann zoë", "ANN ZOË", " Ann  Zoë ", "A\u200bnn Zoë", "Ａnn Zoë", "Ann Zoe\u0308",
        "Ann Zoë\u00a0", "Аnn Zoë", "Αnn Zοë", "ann zoë (from environment)",
        "ᴀɴɴ Zoë", "Ann Z0ë", "Ann\ufe00 Zoë", "Ann\u3164 Zoë",
    ],
)  # fmt: skip
def test_a_name_that_looks_alike_is_the_same_persons(other: str) -> None:
    assert same_person("Ann Zoë", other)


@pytest.mark.parametrize("other", ["Anna Zoë", "Ann Zoé", "安 Zoë", "Ann"])
def test_another_name_is_another_persons(other: str) -> None:
    assert not same_person("Ann Zoë", other)


@pytest.mark.parametrize("missing", [None, ""])
def test_a_missing_name_is_no_other_persons(missing: str | None) -> None:
    assert same_person(missing, "ann")


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("a\u200bnn", "nobody sees"), ("ann\u202e", "nobody sees"), ("ann\x1b[2J", "nobody sees"),
        ("ann\n", "nobody sees"), ("an\u034fn", "nobody sees"), ("a\ufe0fnn", "nobody sees"),
        ("\u3164", "nobody sees"), ("аnn", "Cyrillic and Latin"), ("Αnn", "Greek and Latin"), (" ", "is empty"),
    ],
)  # fmt: skip
def test_a_name_that_could_be_taken_for_anothers_is_refused(name: str, fault: str) -> None:
    with pytest.raises(IdentityError, match=fault):
        checked_name(name)


@pytest.mark.parametrize("name", ["Анна Иванова", "李 Wei", "Zoë", "O'Neill", "uid:12345", "DOM\\ann"])
def test_a_name_of_one_script_is_taken(name: str) -> None:
    assert checked_name(f" {name} ") == name


def test_the_environment_names_nobody_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "somebody")
    monkeypatch.setenv("USER", "somebody")
    assert current_user() == login_name()


def test_a_name_from_the_environment_needs_the_setting_and_is_recorded_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMENT_USER", "bob")
    with pytest.raises(IdentityError, match="account of the operating system"):
        current_user()
    monkeypatch.setenv("SEGMENT_USER_FROM_ENVIRONMENT", "1")
    assert current_user() == "bob (from environment)"
    assert current_user("cy") == "cy (from environment)"
    assert current_user(login_name()) == login_name()
    with pytest.raises(IdentityError, match="nobody sees"):
        current_user("b\u200bob")
