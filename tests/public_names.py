"""Names that people outside the package read: what packages export, jobs that faces call, the types of contracts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
FACES = ("src/segment/cli", "src/segment/web", "flows")
CONTRACTS = ("segment.policy", "segment.ledger.contract", "segment.exceptions")


def module_name(path: Path) -> str:
    name = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    return name.removesuffix(".__init__")


@cache
def modules() -> dict[str, ast.Module]:
    return {module_name(path): ast.parse(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")}


def _home(module: str, name: str) -> tuple[str, str] | None:
    """Where a name that a module hands on is defined."""
    body = modules()[module].body
    # names that are loaded when they are used are imported for the checker of types alone
    typed = [inner for node in body if isinstance(node, ast.If) for inner in node.body]
    for node in (*body, *typed):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            return module, name
        if isinstance(node, ast.ImportFrom) and node.module in modules():
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return _home(node.module, alias.name)
    return None


def _exported() -> Iterator[tuple[str, str]]:
    for module, tree in modules().items():
        for node in tree.body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
                yield from ((module, name) for name in ast.literal_eval(node.value))


def _called_by_faces() -> Iterator[tuple[str, str]]:
    for face in FACES:
        for path in (ROOT / face).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("segment.jobs"):
                    yield from ((str(node.module), alias.name) for alias in node.names)


def _of_contracts() -> Iterator[tuple[str, str]]:
    for module, tree in modules().items():
        if module.startswith(CONTRACTS):
            for node in tree.body:
                if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                    yield module, node.name


@cache
def public_names() -> frozenset[tuple[str, str]]:
    """Module and name, where they are defined."""
    handed_on = [_home(module, name) for module, name in (*_exported(), *_called_by_faces())]
    return frozenset(home for home in (*handed_on, *_of_contracts()) if home is not None)
