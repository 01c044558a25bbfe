"""Docstrings stand where someone reads them: whole for public names, a line for all others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from importlib import import_module
from typing import Any

import pytest
from numpydoc.validate import validate
from pydantic import BaseModel

from tests.public_names import modules, public_names

CHECKED = {"GL08", "PR01", "PR02", "PR03", "PR04", "RT01", "SS01", "SS02", "SS03"}
"""A docstring, with every parameter in order, its type and what it is, what comes back, and a first sentence."""

SECTION = re.compile(r"^(Parameters|Returns|Yields|Raises|Attributes)\n-+$", re.MULTILINE)


def _functions(tree: ast.AST, owner: str = "") -> Iterator[tuple[str, ast.FunctionDef | ast.ClassDef]]:
    for node in getattr(tree, "body", []):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield f"{owner}{node.name}", node
            yield from _functions(node, f"{owner}{node.name}.")


@pytest.mark.parametrize("name", sorted(f"{module}.{name}" for module, name in public_names()))
def test_a_public_name_is_documented_whole(name: str) -> None:
    module, _, own = name.rpartition(".")
    checked = CHECKED - ({"PR01"} if _holds_fields(getattr(import_module(module), own)) else set())
    assert [f"{code} {text}" for code, text in validate(name)["errors"] if code in checked] == []


def _holds_fields(kind: Any) -> bool:
    """Fields are documented as attributes, which numpydoc does not hold against the class."""
    return isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, BaseModel | tuple))


def test_a_name_that_only_the_package_calls_has_no_sections_of_parameters() -> None:
    public = {f"{module}.{name}" for module, name in public_names()}
    long = [
        f"{module}.{name}"
        for module, tree in modules().items()
        for name, node in _functions(tree)
        if f"{module}.{name.partition('.')[0]}" not in public or name.rpartition(".")[2].startswith("_")
        if SECTION.search(ast.get_docstring(node) or "")
    ]
    assert long == []
