"""The first things that somebody asks of a command line: its version, its commands in groups, completion."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

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
    commands = [*app.registered_commands, *app.registered_groups]
    shown = re.findall(r"^│ ([a-z][a-z-]*) {2,}\S", said.out, flags=re.MULTILINE)
    assert len(shown) == len(set(shown)) == len(commands)
    assert len(app.registered_commands) == sum(map(len, GROUPS.values()))


def test_a_shell_completes_commands() -> None:
    asked = {"_SEGMENT_COMPLETE": "complete_bash", "COMP_WORDS": "segment upg", "COMP_CWORD": "1"}
    command = [str(Path(sys.executable).parent / "segment")]
    said = subprocess.run(command, env=os.environ | asked, capture_output=True, text=True, check=False)
    assert said.stdout.split() == ["upgrade-list"]
