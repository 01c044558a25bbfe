"""What a terminal would carry out is shown, never sent to it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from segment.cli.show import printable, say, show_frame, show_json
from tests.conftest import Said

HOSTILE = "a\x1b[31mb\x07\x9b\x7f\r\u202ec\ud800"
SHOWN = r"a\u001b[31mb\u0007\u009b\u007f\u000d\u202ec\ud800"
RAW = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")
Run = Callable[..., Said]


def test_controls_are_written_out_and_text_stays() -> None:
    assert printable(HOSTILE) == SHOWN
    assert printable("Zoë, 北京\tx\n– ‌ٻ") == "Zoë, 北京\tx\n– ‌ٻ"


@pytest.mark.parametrize("as_json", [True, False])
def test_tables_show_them(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    show_frame(
        pl.DataFrame({"name\x1b[2J": [HOSTILE[:-1]], "list": [[HOSTILE[:-1]]]}), "title\x1b]0;x\x07", json=as_json
    )
    out = capsys.readouterr().out
    assert not RAW.search(out)
    assert SHOWN[:-6] in out.replace("\\r", "\\u000d")  # JSON has a short form


def test_json_stays_json(capsys: pytest.CaptureFixture[str]) -> None:
    show_json({"name": HOSTILE})
    assert json.loads(capsys.readouterr().out) == {"name": HOSTILE}


def test_errors_and_usage_show_them(segment: Run, tmp_path: Path) -> None:
    for arguments in (("check", tmp_path / "\x1b[31mred"), ("tiers", "--as-of", "\x1b[31mred"), ("\x1b[2Jx",)):
        said = segment(*arguments)
        assert said.code == 2
        assert not RAW.search(said.err), arguments
        assert "1b[" in said.err


def test_commands_print_by_one_way_only() -> None:
    for module in Path("src/segment/cli").glob("*.py"):
        if module.name != "show.py":
            assert "typer.echo(" not in module.read_text(encoding="utf-8"), module.name


def test_a_line_may_be_said_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    say("x\x1b", err=True)
    assert capsys.readouterr().err == "x\\u001b\n"
