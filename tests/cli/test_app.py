"""The first things that somebody asks of a command line: its version, its commands in groups, completion."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.metadata import version

import pytest

import segment as package
from segment.cli import app
from segment.cli.app import GROUPS
from tests.conftest import Said


def test_the_version_is_said_by_the_command_and_by_the_package(segment: Callable[..., Said]) -> None:
    said = segment("--version")
    assert (said.code, said.out) == (0, f"segment {version('segment')}\n")
    assert package.__version__ == version("segment")


def test_help_shows_every_command_once_in_a_group(segment: Callable[..., Said]) -> None:
    said = segment("--help")
    assert said.code == 0
    assert [name for name in GROUPS if name not in said.out] == []
    shown = re.findall(r"^│ ([a-z-]+) {2,}", said.out, flags=re.MULTILINE)
    assert len(shown) == len(set(shown)) == len(app.registered_commands) == sum(map(len, GROUPS.values()))


def test_a_shell_completes_commands(segment: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"_SEGMENT_COMPLETE": "complete_bash", "COMP_WORDS": "segment upg", "COMP_CWORD": "1"}.items():
        monkeypatch.setenv(name, value)
    assert segment().out.split() == ["upgrade-list"]
