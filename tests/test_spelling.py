"""Errors name functions and parameters in Python, commands and options in a terminal."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import segment
from segment import FutureValueRegressor, MainBankClassifier, SegmentationModel, WalletRegressor
from segment.cli.app import GROUPS
from segment.exceptions import HistoryError, SegmentError
from segment.sentences import LANGUAGES, catalogue
from segment.spelling import as_spelt, spelt_for_python, spelt_for_terminal
from tests.conftest import AS_OF, Bank

SOURCES = Path(segment.__file__).parent
COMMANDS = {each.__name__.strip("_") for panel in GROUPS.values() for each in panel} | {"policy"}
TYPED = re.compile(r"(?<![\w-])--[a-z]|(?<!of )\bsegment [a-z]")


@pytest.mark.parametrize(
    ("typed", "called"),
    [
        ("segment extract LEDGER --as-of DATE", "`extract(LEDGER, as_of=DATE)`"),
        ("run `segment extract` first", "run `extract` first"),
        ("segment train --json prints version", "`train(json=True)` prints version"),
        ("segment lists or `segment review-export --for notice`", "`lists` or `review_export(for=notice)`"),
        ('promote it with --force --reason "late salaries"', 'promote it with `force, reason="late salaries"`'),
        ("windows are --from 2023-12-31 --to 2024-12-31.", "windows are `first=2023-12-31, last=2024-12-31`."),
        ("`--engine spark` needs PySpark", "`engine=spark` needs PySpark"),
        ("`segment data/ledger` is a folder",) * 2,
        ("--branch B001; --out DRAFT.md", "`branch=B001`; `out=DRAFT.md`"),
        ("give a later --as-of. Then again.", "give a later `as_of`. Then again."),
        ("a version of segment wrote; 3 -- 4; `java -version`",) * 2,
        ('`balances` must hold `name = "x"`',) * 2,
    ],
)  # fmt: skip
def test_what_is_typed_becomes_a_call(typed: str, called: str) -> None:
    assert spelt_for_python(typed) == called


def test_a_terminal_is_told_what_to_type_and_only_while_it_is_one() -> None:
    error = HistoryError.with_hint("A date must have been extracted.", "segment extract LEDGER --as-of DATE")
    with spelt_for_terminal():
        assert str(error).endswith("Hint: segment extract LEDGER --as-of DATE")
        with spelt_for_terminal():
            pass
        assert as_spelt("--to") == "--to"
    assert str(error).endswith("Hint: `extract(LEDGER, as_of=DATE)`")
    with pytest.raises(HistoryError), spelt_for_terminal():
        raise error
    assert "--" not in str(error)


def texts() -> Iterator[str]:
    """Every text below the command line that names what is typed, values of its figures left out."""
    for path in sorted(SOURCES.rglob("*.py")):
        if path.is_relative_to(SOURCES / "cli"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "2025-12-31" for part in node.values]
                yield "".join(str(part) for part in parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    for language in LANGUAGES:
        yield from (re.sub(r"{[^}]*}", "2025-12-31", text) for text in catalogue("errors", language).values())


def test_no_text_keeps_an_option_or_a_command() -> None:
    typed = [text for text in texts() if TYPED.search(text)]
    assert len(typed) > 80
    assert [text for text in typed if TYPED.search(spelt_for_python(text))] == []


def test_a_text_names_commands_that_there_are() -> None:
    named = {name for text in texts() for name in re.findall(r"(?<!of )\bsegment ([a-z]+(?:-[a-z]+)*)", text)}
    assert named - {command.replace("_", "-") for command in COMMANDS} == set()


def wrong_uses(bank: Bank, folder: Path) -> Iterator[Callable[[], object]]:
    opened = segment.open(bank.workspace.root, bank.policy)
    empty = segment.open(folder, bank.policy)
    rows = opened.snapshot(AS_OF)
    X, y = np.arange(20.0).reshape(10, 2), np.arange(10.0)
    yield lambda: segment.open(folder / "none")
    yield lambda: segment.open(folder, frames="arrow")  # type: ignore[arg-type]
    for one in (opened, empty):
        yield lambda one=one: one.snapshot("2031-01-31")  # type: ignore[misc]
        yield lambda one=one: one.outcomes(AS_OF)  # type: ignore[misc]
        yield lambda one=one: one.customer_months(["2031-01-01"])  # type: ignore[misc]
        yield lambda one=one: one.tiers("2031-01-31")  # type: ignore[misc]
    yield lambda: empty.tiers()
    yield lambda: segment.load_policy("none")
    yield lambda: segment.load_policy(folder / "none.toml")
    yield lambda: FutureValueRegressor(baseline="none").fit(X, y)
    yield lambda: FutureValueRegressor(learners=["none"]).fit(X, y)
    yield lambda: FutureValueRegressor().fit(X, y, groups=[1])
    yield lambda: WalletRegressor().fit(X, -y)
    yield lambda: MainBankClassifier().fit(pl.DataFrame({"x": y}))
    yield lambda: SegmentationModel().fit(rows, np.zeros(len(rows)))
    yield lambda: SegmentationModel.from_policy(bank.policy).fit(rows, np.full(len(rows), np.nan))
    yield lambda: SegmentationModel.from_policy(bank.policy).fit(X, y)


def test_python_is_told_of_no_option(trained_bank: Bank, tmp_path: Path) -> None:
    told = []
    for use in wrong_uses(trained_bank, tmp_path):
        with pytest.raises((SegmentError, ValueError)) as caught:
            use()
        told.append(str(caught.value))
    assert [text for text in told if TYPED.search(text)] == []
    assert any("horizon_months" in text for text in told)
