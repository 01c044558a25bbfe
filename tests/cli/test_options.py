"""Days of the command line are days of a bank."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.main import get_command_name
from typer.models import OptionInfo

from segment.cli import app
from tests.conftest import Said

DAYS = ("0001-01-01", "1969-12-31", "2101-01-01", "9999-12-31")


def dated_options() -> list[tuple[str, str]]:
    """Every command with its options that take a day."""
    return [
        (command.name or get_command_name(command.callback.__name__), str(extra.default))  # type: ignore[union-attr]
        for command in app.registered_commands
        for parameter in inspect.signature(command.callback, eval_str=True).parameters.values()  # type: ignore[arg-type]
        for extra in getattr(parameter.annotation, "__metadata__", ())
        if isinstance(extra, OptionInfo) and extra.formats
    ]


def test_every_option_that_takes_a_day_is_asked() -> None:
    assert len(dated_options()) > 20


@pytest.mark.parametrize(("command", "option"), dated_options())
def test_a_day_outside_the_calendar_is_one_message(
    segment: Callable[..., Said], tmp_path: Path, command: str, option: str
) -> None:
    for day in DAYS:
        said = segment(command, *("x" for _ in range(3)), option, day, workspace=tmp_path)
        assert said.code == 2
        assert "did not expect" not in said.err


@pytest.mark.parametrize("day", DAYS)
def test_the_message_says_which_days_there_are(segment: Callable[..., Said], tmp_path: Path, day: str) -> None:
    said = segment("tiers", "--as-of", day, workspace=tmp_path)
    assert said.code == 2
    assert "1970-01-01" in said.err
    assert day in said.err


def test_a_question_about_what_is_published_means_the_newest_unless_another_day_is_given() -> None:
    asked = {
        command.name or get_command_name(command.callback.__name__)  # type: ignore[union-attr]
        for command in app.registered_commands
        for name, parameter in inspect.signature(command.callback, eval_str=True).parameters.items()  # type: ignore[arg-type]
        if name == "as_of" and parameter.default is inspect.Parameter.empty
    }
    assert asked == set()  # the newest that is published, or the newest month that a ledger holds
