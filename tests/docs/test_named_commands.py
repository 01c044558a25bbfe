"""What the documents tell a reader to type is there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import typer.core
import typer.main

from segment.cli import app
from tests.conftest import Said
from tests.docs.test_generate import PAGES, ROOT

TYPED = re.compile(r"(?:^|`)(?:\.venv/bin/)?segment ([a-z][a-z-]+)([^`\n#]*)", re.MULTILINE)
OF_EVERY_COMMAND = {"--help"}


def _commands() -> dict[str, set[str]]:
    """Every command with its options."""
    top = typer.main.get_command(app)
    assert isinstance(top, typer.core.TyperGroup)
    found: dict[str, set[str]] = {}
    for name, command in top.commands.items():
        inner = command.commands.values() if isinstance(command, typer.core.TyperGroup) else [command]
        found[name] = {
            flag for each in inner for option in each.params for flag in (*option.opts, *option.secondary_opts)
        }
    return found


COMMANDS = _commands()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_page_names_is_there_with_its_options(page: Path) -> None:
    for name, rest in TYPED.findall(page.read_text(encoding="utf-8")):
        assert name in COMMANDS, f"segment {name}"
        options = set(re.findall(r"(?<=\s)--[a-z][a-z-]*", rest))
        assert options - COMMANDS[name] - OF_EVERY_COMMAND == set(), f"segment {name}{rest}"


def test_the_pages_name_most_commands() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert len({name for name, _ in TYPED.findall(text)} & set(COMMANDS)) > 30


def test_the_tutorial_begins_as_the_command_does(
    segment: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = segment("init", "mybank", "--jurisdiction", "cn")
    told = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    assert said.code == 0
    assert [line for line in said.out.splitlines() if line and line not in told] == []
    made = {path.name for path in (tmp_path / "mybank").iterdir() if not path.name.startswith(".")}
    assert made - {"workspace"} == {name.rstrip("/") for name in re.findall(r"^\| `([\w./]+)` \|", told, re.MULTILINE)}
