from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted([*(ROOT / "src").rglob("*.py"), *(ROOT / "flows").rglob("*.py")])
LARGEST_MODULE, LARGEST_FUNCTION = 300, 60
UNFINISHED = re.compile(r"TODO|FIXME|XXX|NotImplementedError")
REGISTRY = re.compile(r"pypi\.org|pythonhosted|--(?:extra-)?index-url[= ]|/simple/")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+|tmp/bash\w*)/")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="ignore")


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def _functions(module: Path) -> Iterator[tuple[str, int]]:
    """Each function with its lines; those of its docstring do not count."""
    for node in ast.walk(ast.parse(_text(module))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            said = (first.end_lineno or 0) - first.lineno + 1 if documented else 0
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - said


def test_a_module_is_short_enough_to_read_at_once() -> None:
    lines = {_name(module): len(_text(module).splitlines()) for module in MODULES}
    assert {name: count for name, count in lines.items() if count > LARGEST_MODULE} == {}


def test_a_function_fits_on_a_screen() -> None:
    lines = {f"{_name(module)}: {name}": count for module in MODULES for name, count in _functions(module)}
    assert {name: count for name, count in lines.items() if count > LARGEST_FUNCTION} == {}


def test_nothing_is_left_unfinished() -> None:
    marks = {_name(module): UNFINISHED.findall(_text(module)) for module in MODULES}
    assert {name: found for name, found in marks.items() if found} == {}


def test_no_tracked_file_names_a_registry_or_a_place_of_one_machine() -> None:
    others = [path for path in _tracked() if path != Path(__file__)]
    hits = {_name(path): REGISTRY.findall(_text(path)) + MACHINE_PATH.findall(_text(path)) for path in others}
    assert {name: found for name, found in hits.items() if found} == {}


def test_every_dependency_gives_its_reason() -> None:
    text = _text(ROOT / "pyproject.toml")
    project = tomllib.loads(text)["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    reasoned = re.findall(r'^    "([^"]+)", +# \S+', text, flags=re.MULTILINE)
    assert [one for one in wanted if one not in reasoned] == []


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_every_requirement_is_pinned_with_a_hash(name: str) -> None:
    whole = _text(ROOT / "requirements" / name).replace("\\\n", " ")
    lines = [line for line in whole.splitlines() if line and not line.lstrip().startswith("#")]
    pinned = re.compile(r"[\w.\[\],-]+==\S+.* --hash=sha256:[0-9a-f]{64}")
    assert lines
    assert [line.split(" ")[0] for line in lines if not pinned.match(line)] == []


def test_every_tests_folder_is_a_package_so_that_equal_names_do_not_clash() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert sorted(_name(folder) for folder in folders if not (folder / "__init__.py").is_file()) == []
