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


ROWS = pl.DataFrame(
    {
        "tier": ["break_even", None],
        "standing": ["all", "excluded"],
        "customers": [12345, 7],
        "share": [0.337, None],
        "contribution_12m": [-1036.42, 12453.9],
        "main_bank_elsewhere": [True, False],
        "record": [2001, 2002],
        "channels_of_ours": [["adviser"], []],
    }
)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["break-even", "all", "12,345", "33.7%", "-1,036.42", "yes", "no", "2001", "main bank elsewhere"]),
        (
            "zh",
            [
                "盈亏平衡客户",
                "全部",
                "12,345",
                "33.7%",
                "-1,036.42",
                "是",
                "否",
                "2001",
                "主办行在他行",
                "近12个月贡献",
            ],
        ),
    ],
)
def test_people_read_words_and_commas_and_machines_codes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, language: str, words: list[str]
) -> None:
    monkeypatch.setenv("SEGMENT_LANGUAGE", language)
    show_frame(ROWS, "")
    shown = capsys.readouterr().out
    assert [word for word in words if word not in shown] == []
    assert "break_even" not in shown
    assert "contribution_12m" not in shown
    assert "channels of ours" in shown  # what has no words of its own
    show_frame(ROWS, "", json=True)
    assert json.loads(capsys.readouterr().out)[0]["tier"] == "break_even"


def test_what_is_not_shown_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    show_frame(pl.DataFrame({"customers": range(2000)}), "", rows=3)
    assert "… and 1,997 more" in capsys.readouterr().out


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
