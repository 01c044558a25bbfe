"""One documented table turns every Czech code into the contract's words."""

from __future__ import annotations

import re

import pytest

from segment.banks.berka import codes
from segment.ledger.vocabulary import CHANNELS, INFLOW_KINDS, KINDS, OUTFLOW_KINDS, ROLES


def documented() -> dict[tuple[str | None, str | None], codes.Meaning]:
    """Read the table in the module's docstring by the positions of its ruler."""
    lines = (codes.__doc__ or "").splitlines()
    ruler, end = [at for at, line in enumerate(lines) if line.startswith("====")][1:3]
    spans = [match.span() for match in re.finditer("=+", lines[ruler])]
    found = {}
    for line in lines[ruler + 1 : end]:
        operation, symbol, kind, channel, _ = (line[start:stop].strip() for start, stop in spans)
        found[None if operation == "(none)" else operation, symbol or None] = codes.Meaning(kind, channel)
    return found


def test_the_documented_table_is_the_one_in_use() -> None:
    assert documented() == dict(codes.MEANINGS)


@pytest.mark.parametrize("meaning", [*codes.MEANINGS.values(), codes.PERMANENT_ORDER])
def test_every_meaning_is_in_the_contracts_words(meaning: codes.Meaning) -> None:
    assert meaning.kind in KINDS
    assert meaning.channel in CHANNELS


def test_every_role_is_in_the_contracts_words() -> None:
    assert set(codes.ROLES.values()) <= set(ROLES)


def test_no_code_is_taken_for_a_salary() -> None:
    assert "salary" not in {meaning.kind for meaning in codes.MEANINGS.values()}


@pytest.mark.parametrize(("code", "meaning"), codes.MEANINGS.items(), ids=str)
def test_incoming_operations_have_incoming_kinds(code: tuple[str | None, str | None], meaning: codes.Meaning) -> None:
    comes_in = code[0] in ("VKLAD", "PREVOD Z UCTU", None)
    assert meaning.kind not in (OUTFLOW_KINDS if comes_in else INFLOW_KINDS)
