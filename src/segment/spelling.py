"""How a text names what can be done: as somebody types it in a terminal, or as Python calls it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_VALUE: Final = r'(?:"[^"]*"|…|[A-Z][A-Z0-9_]*(?:\.[a-z]+)?(?![a-z])|/[\w./-]*\w|\d[\w-]*(?:\.\w+)*)'
_OPTION: Final = rf"--[a-z][a-z-]*(?:[ =]{_VALUE})?"
_COMMAND: Final = r"segment [a-z]+(?:-[a-z]+)*(?![\w/-])"
_TYPED: Final = re.compile(
    rf"`(?P<code>(?:{_COMMAND}|--)[^`]*)`"
    rf"|(?<!of )\b(?P<command>{_COMMAND}(?: (?:{_OPTION}|{_VALUE}))*)"
    rf"|(?<![\w-])(?P<options>{_OPTION}(?: {_OPTION})*)"
)
_PARTS: Final = re.compile(r'--(?P<name>[a-z][a-z-]*)(?:[ =](?P<value>"[^"]*"|(?!--)\S+))?|(?P<argument>"[^"]*"|\S+)')
_PARAMETERS: Final = {"from": "first", "to": "last"}
"""Options that Python calls otherwise."""
_in_terminal = False


@contextmanager
def spelt_for_terminal() -> Iterator[None]:
    """Let every error of the process name commands and options as somebody types them."""
    global _in_terminal  # noqa: PLW0603  whoever runs the command line reads them all, whichever thread met them
    before, _in_terminal = _in_terminal, True
    try:
        yield
    finally:
        _in_terminal = before


def as_spelt(text: str) -> str:
    """Leave commands and options as they are typed, or write them as calls and parameters."""
    return text if _in_terminal else spelt_for_python(text)


def spelt_for_python(text: str) -> str:
    """Write commands as calls, and options as parameters.

    Examples
    --------
    >>> spelt_for_python("segment extract LEDGER --as-of DATE, or a shorter --horizon-months")
    '`extract(LEDGER, as_of=DATE)`, or a shorter `horizon_months`'
    """
    return _TYPED.sub(lambda typed: f"`{_called(next(part for part in typed.groups() if part))}`", text)


def _called(typed: str) -> str:
    is_command = typed.startswith("segment ")
    command, _, rest = typed.removeprefix("segment ").partition(" ") if is_command else ("", "", typed)
    parts = []
    for part in _PARTS.finditer(rest):
        name = part["name"] and _PARAMETERS.get(part["name"], part["name"]).replace("-", "_")
        given = part["value"] or ("True" if is_command else "")
        parts.append(part["argument"] or (f"{name}={given}" if given else name))
    function, arguments = command.replace("-", "_"), ", ".join(parts)
    return f"{function}({arguments})" if function and parts else function or arguments
