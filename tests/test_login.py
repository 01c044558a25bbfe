"""Whoever runs this is known by the system's accounts, or by the number of an account that does not exist."""

from __future__ import annotations

import os
import pwd

import pytest

from segment.exceptions import IdentityError
from segment.login import login_name
from segment.settings import current_user


def test_the_account_counts_and_not_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "somebody else")
    monkeypatch.setenv("USER", "somebody else")
    assert login_name() == pwd.getpwuid(os.geteuid()).pw_name


def test_a_number_without_an_account_is_named_by_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    assert login_name() == "uid:12345"


def test_a_number_without_an_account_works_whatever_name_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    for name in ("scoring", "Ann"):
        monkeypatch.setenv("SEGMENT_USER", name)
        assert current_user() == "uid:12345"  # one account is one person
    with pytest.raises(IdentityError):
        current_user("Ann")
    monkeypatch.setenv("SEGMENT_USER_FROM_ENVIRONMENT", "1")
    assert current_user() == "Ann (from environment)"
