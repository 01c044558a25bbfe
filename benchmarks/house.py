"""Counts of a checkout's house: what docs/adr/0025 says stood there before and after.

python benchmarks/house.py CHECKOUT [CHECKOUT …]
"""

from __future__ import annotations

import ast
import collections
import re
import sys
from collections.abc import Iterator
from pathlib import Path

DIALECT = ("one", "found", "known", "said", "told", "held", "kept")


def trees(folder: Path) -> dict[Path, ast.Module]:
    """Every module below a folder."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(folder.rglob("*.py"))}


def functions(modules: dict[Path, ast.Module]) -> Iterator[ast.FunctionDef]:
    """Every function of some modules, methods included."""
    for tree in modules.values():
        yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def docstring_lines(tree: ast.AST) -> int:
    """Lines that docstrings take."""
    lines = 0
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and body and ast.get_docstring(node):
            lines += (body[0].end_lineno or 0) - body[0].lineno + 1
    return lines


def takes_workspace(function: ast.FunctionDef) -> bool:
    """Whether a parameter is the workspace."""
    arguments = [*function.args.args, *function.args.kwonlyargs]
    return any("Workspace" in ast.unparse(a.annotation) for a in arguments if a.annotation is not None)


def twice(names: list[str]) -> int:
    """How many names stand more than once."""
    return sum(count > 1 for count in collections.Counter(names).values())


def counts(checkout: Path) -> dict[str, int]:
    """Count."""
    whole = trees(checkout / "src")
    jobs = {path: tree for path, tree in whole.items() if "jobs" in path.parts}
    text = {path: path.read_text(encoding="utf-8") for path in whole}
    in_jobs = [function for function in functions(jobs) if takes_workspace(function)]
    nodes = [node for tree in whole.values() for node in ast.walk(tree)]
    stored = [node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return {
        "modules": len(whole),
        "lines": sum(content.count("\n") for content in text.values()),
        "statements": sum(isinstance(node, ast.stmt) for tree in whole.values() for node in ast.walk(tree)),
        "lines of docstrings": sum(docstring_lines(tree) for tree in whole.values()),
        "lines of comments": sum(len(re.findall(r"^\s*#", content, re.MULTILINE)) for content in text.values()),
        "modules of jobs": len(jobs),
        "lines of jobs": sum(text[path].count("\n") for path in jobs),
        "functions of jobs that take a workspace": len(in_jobs),
        "private ones among them": sum(function.name.startswith("_") for function in in_jobs),
        "`dict[str, Any]` in jobs": sum(text[path].count("dict[str, Any]") for path in jobs),
        "file names that stand twice": twice([path.name for path in whole if path.name != "__init__.py"]),
        "class names that stand twice": twice(
            [node.name for tree in whole.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
        ),
        "variables named one, found, known, said, told, held or kept": sum(node.id in DIALECT for node in stored),
    }


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit("name one checkout or several")
    columns = [counts(Path(name)) for name in sys.argv[1:]]
    for row in columns[0]:
        print(f"| {row} | {' | '.join(f'{column[row]:,}' for column in columns)} |")
