"""Writes the reference pages from the code: tables, policy, features, commands, Berka codes.

``make docs`` runs it; ``python docs/generate.py FOLDER`` writes them elsewhere. They are not committed;
the two that people write, accounting and tiers, are.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typer.core
import typer.main
from pydantic.fields import FieldInfo

from segment.banks.berka.codes import (
    MEANINGS,
    PERMANENT_ORDER,
)
from segment.cli import app
from segment.estimator_checks import NOT_HELD
from segment.features.catalogue import catalogue
from segment.pages.tables_page import tables_page
from segment.policy import Policy, load_policy
from segment.policy.section import Section

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "reference"
RETAIL = ROOT / "models" / "retail.toml"
NOTE = "<!-- Generated from the code by `make docs`. -->\n\n"


def table(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Write a Markdown table."""
    lines = [headings, ["---"] * len(headings), *rows]
    cells = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in line] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"


def listed(names: Iterable[str]) -> str:
    """Write names as code, comma-separated."""
    return ", ".join(f"`{name}`" for name in names)


@dataclass(frozen=True)
class PolicyTable:
    """One table of a policy file: where it stands, its type, and its content in models/retail.toml, if it has one."""

    path: str
    kind: type[Section]
    content: dict[str, Any] | None


def policy_page() -> str:
    """Describe every key of a policy, with its value and its comment in models/retail.toml."""
    content = tomllib.loads(RETAIL.read_text(encoding="utf-8"))
    remarks = remarks_of(RETAIL)
    parts = [
        "# Keys of a policy\n",
        "A policy is one TOML file. Unknown keys are refused, and a faulty value is named with its place. The values "
        "below are those of [models/retail.toml](../../models/retail.toml), with its remarks: [K] is expert knowledge "
        "that a bank must replace with its own figures, [S] stands in the source that is named. `<name>` stands for a "
        "name that the file chooses.\n",
    ]
    for found in policy_tables("", Policy, content):
        parts.append(f"## `[{found.path}]`\n\n{_summary(found.kind)}\n" if found.path else f"{_summary(found.kind)}\n")
        said = _attributes(found.kind)
        rows = [
            (f"`{name}`", type_name(field), _value(found, name, field, remarks), said.get(name, ""))
            for name, field in found.kind.model_fields.items()
            if _inner(field.annotation) is None
        ]
        parts.append(table(("key", "type", "retail.toml", "meaning"), rows) if rows else "")
    return "\n".join(part for part in parts if part)


def policy_tables(path: str, kind: type[Section], content: dict[str, Any] | None) -> Iterator[PolicyTable]:
    """Walk the tables of a policy by their types, so that optional ones are met as well."""
    yield PolicyTable(path, kind, content)
    for name, field in kind.model_fields.items():
        inner = _inner(field.annotation)
        if inner is None:
            continue
        at = f"{path}.{name}" if path else name
        origin = get_origin(field.annotation)
        suffix = ".<name>" if origin is dict else "[]" if origin is tuple else ""
        value = (content or {}).get(name) if not suffix else None
        yield from policy_tables(at + suffix, inner, value)


def _inner(annotation: Any) -> type[Section] | None:
    """Find the section that a field holds: itself, or nothing, or by name, or several."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    inner = (_inner(part) for part in get_args(annotation))
    return next((found for found in inner if found is not None), None)


def type_name(field: FieldInfo) -> str:
    """Say a field's type and the limits that it must keep."""
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    bounds = [
        f"{sign} {getattr(limit, name):g}"
        for limit in field.metadata
        for name, sign in signs.items()
        if getattr(limit, name, None) is not None
    ]
    optional = ", may be left out" if type(None) in get_args(field.annotation) else ""
    return " ".join((_type(field.annotation), ", ".join(bounds))).strip() + optional


def _type(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(inner[0])
    if origin is Literal:
        return " or ".join(f"`{word}`" for word in inner)
    if origin in (Union, UnionType):
        return " or ".join(_type(part) for part in inner if part is not type(None))
    if origin is tuple:
        return f"list of {_type(inner[0])}" if Ellipsis in inner else f"{len(inner)} × {_type(inner[0])}"
    words = {"str": "text", "bool": "true or false", "float": "number", "int": "whole number"}
    return words.get(annotation.__name__, str(annotation.__name__))


def _value(found: PolicyTable, name: str, field: FieldInfo, remarks: dict[tuple[str, str], str]) -> str:
    if found.content is not None and name in found.content:
        value, remark = found.content[name], remarks.get((found.path, name))
        shown = f"`{str(value).lower() if isinstance(value, bool) else value}`"
        return f"{shown}, {remark}" if remark else shown
    if field.is_required():
        return ""
    default = field.get_default(call_default_factory=True)
    default = list(default) if isinstance(default, tuple) else default
    return "left out" if default is None else f"`{default}` if left out"


def remarks_of(path: Path) -> dict[tuple[str, str], str]:
    """Read the remarks behind the values of a TOML file, by table and key."""
    found: dict[tuple[str, str], str] = {}
    at = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if header := re.match(r"\[([\w.]+)\]", line):
            at = header.group(1)
        elif value := re.match(r"(\w+) = [^#]*#\s*(.+)$", line):
            found[at, value.group(1)] = value.group(2)
    return found


def _summary(kind: type[Section]) -> str:
    text = (kind.__doc__ or "").split("\n\n    Attributes")[0]
    return re.sub(r"\n\s*", "\n", text).strip()


def _attributes(kind: type[Section]) -> dict[str, str]:
    """Read the entries `name, name : type` of a numpydoc section and their text."""
    found: dict[str, str] = {}
    names: list[str] = []
    for line in (kind.__doc__ or "").partition("Attributes\n")[2].splitlines()[1:]:
        if entry := re.match(r"    (\w[\w, ]*?)(?: :.*)?$", line):
            names = entry.group(1).split(", ")
        elif line.strip():
            found.update({name: f"{found.get(name, '')} {line.strip()}".strip() for name in names})
    return found


def features_page() -> str:
    """Describe every feature of a snapshot."""
    rows = [
        (f"`{one.name}`", one.unit, one.window_months or "", one.meaning, ", ".join(one.used_by))
        for one in catalogue(load_policy(RETAIL))
    ]
    intro = (
        "# Features of a snapshot\n\nOne row per customer; nothing dated after `as_of` is seen. Features of balances "
        "are named after the policy's products; these are the ones of `models/retail.toml`.\n\n"
    )
    return intro + table(("feature", "unit", "window (months)", "meaning", "used by"), rows)


def commands_page() -> str:
    """Describe every command with its options, as `--help` does."""
    group = typer.main.get_command(app)
    if not isinstance(group, typer.core.TyperGroup):
        raise TypeError(f"the app must hold several commands. Got {type(group).__name__}")
    parts = [
        "# Commands\n",
        "Exit code 0 on success only, 2 for bad usage or bad input, 1 for an error that nobody foresaw. Progress goes "
        "to stderr.\n",
    ]
    for name, command in sorted(group.commands.items()):
        parts.append(f"## `segment {name}`\n\n{_paragraphs(command.help or '')}\n")
        rows = [
            (_flags(option), _default(option), getattr(option, "help", "") or "")
            for option in command.params
            if option.name != "help"
        ]
        parts.append(table(("option", "default", "meaning"), rows))
    return "\n".join(parts)


def _paragraphs(text: str) -> str:
    plain = [" ".join(part.split()) for part in text.split("\n\n")]
    return "\n\n".join(re.sub(r"^Example: (.*)$", r"Example: `\1`", line) for line in plain)


def _flags(option: Any) -> str:
    return listed(option.opts) if option.opts[0].startswith("-") else f"`{option.name.upper()}`"


def _default(option: Any) -> str:
    if option.required:
        return "required"
    unsaid = option.default is None or option.default is False or callable(option.default)  # the option says it itself
    return "" if unsaid else f"`{option.default}`"


def berka_page() -> str:
    """Describe what each code of the Czech bank becomes."""
    rows = [
        (f"`{operation}`" if operation else "(none)", f"`{purpose}`" if purpose else "", *map("`{}`".format, meaning))
        for (operation, purpose), meaning in MEANINGS.items()
    ]
    return (
        "# Codes of the PKDD'99 bank\n\nWhat `segment import-berka` makes of the operation and the purpose "
        "(`k_symbol`) of each posting. A `transfer_out` to the beneficiary of a permanent order becomes a "
        f"`{PERMANENT_ORDER.kind}` with channel `{PERMANENT_ORDER.channel}`. "
        "[How to run the chain on this bank](../how-to/berka.md).\n\n"
    ) + table(("operation", "k_symbol", "kind", "channel"), rows)


def estimator_checks_page() -> str:
    """List scikit-learn's checks that do not hold, with the reason."""
    rows = [(f"`{name}`", f"`{check}`", reason) for name, held in NOT_HELD.items() for check, reason in held.items()]
    clean = listed(name for name, held in NOT_HELD.items() if not held)
    return (
        "# scikit-learn's estimator checks\n\n"
        f"Every check holds for {clean}. These do not apply to the others:\n\n"
        + table(("estimator", "check", "reason"), rows)
    )


PAGES = {
    "tables.md": tables_page,
    "policy.md": policy_page,
    "features.md": features_page,
    "commands.md": commands_page,
    "berka-codes.md": berka_page,
    "estimator-checks.md": estimator_checks_page,
}


def main(folder: Path) -> None:
    """Write the pages."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(NOTE + page().rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else FOLDER)
