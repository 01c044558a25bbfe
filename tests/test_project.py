from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
JOBS = [path for path in SOURCES if "jobs" in path.parts]
MODULES = sorted([*SOURCES, *(ROOT / "flows").rglob("*.py")])
LARGEST_MODULE, LARGEST_FUNCTION = 300, 60
UNFINISHED = re.compile(r"TODO|FIXME|XXX|NotImplementedError")
REGISTRY = re.compile(r"pypi\.org|pythonhosted|--(?:extra-)?index-url[= ]|/simple/")
OF_ANY_ENGINE = {
    "ledger/database_rows.py",
    "store/lists.py",
    *(f"contribution/{name}.py" for name in ("attribution", "branch_time", "month", "reconciliation", "remainder")),
    *(f"features/{name}.py" for name in ("balance_measures", "flows", "instalments", "maturities", "own_transfers")),
    *(f"features/{name}.py" for name in ("services", "spending", "sweeps")),
}
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+|tmp/bash\w*)/")

# where JSON, TOML or Delta's log is read or written, and what a model file holds
EDGES = {
    "clustering/continuity.py", "clustering/profiles.py", "jobs/publish/run_report.py",
    "ledger/increments/summary.py", "lock.py", "model/estimator.py", "model/forecasts.py", "policy/toml.py",
    "store/acts.py", "store/records.py", "tracking/local_copy.py", "tracking/model_files.py",
    "warehouse/controlled_export.py", "warehouse/frame_store.py", "warehouse/version_history.py",
    "web/api_answers.py",
}  # fmt: skip
# what a job that holds the workspace asks for: an extract's work and report, the page's copy, what audits alone read
READERS = {"build", "build_on_spark", "extracted", "read_group_records", "read_protected", "renew_serving_copy"}
# results that say where the file lies that was written
WITH_A_FILE = {"AuditReport", "BacktestResult", "Erasure", "HandedOver", "Intake", "Released", "RowExamples",
               "RunSummary"}  # fmt: skip


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


def _takes_workspace(function: ast.FunctionDef) -> bool:
    given = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    return any(
        re.search(r"\bWorkspace\b", ast.unparse(parameter.annotation)) for parameter in given if parameter.annotation
    )


def _tree(path: Path) -> ast.Module:
    return ast.parse(_text(path))


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)


def _untyped(tree: ast.Module) -> int:
    """How often `dict[str, Any]` stands elsewhere than in what JSON is made of or made from."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    edges = [function.returns for function in functions if function.name == "to_dict"]
    edges += [part.annotation for function in functions if function.name == "from_dict" for part in function.args.args]
    own = {id(node) for edge in edges if edge for node in ast.walk(edge)}
    return sum(
        ast.unparse(node) == "dict[str, Any]" and id(node) not in own
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript)
    )


def test_a_module_is_short_enough_to_read_at_once() -> None:
    lines = {_name(module): len(_text(module).splitlines()) for module in MODULES}
    assert {name: count for name, count in lines.items() if count > LARGEST_MODULE} == {}


def test_a_function_fits_on_a_screen() -> None:
    lines = {f"{_name(module)}: {name}": count for module in MODULES for name, count in _functions(module)}
    assert {name: count for name, count in lines.items() if count > LARGEST_FUNCTION} == {}


def test_a_class_is_named_once() -> None:
    trees = {_name(path): ast.parse(_text(path)) for path in SOURCES}
    named = Counter(node.name for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    assert [name for name, count in named.items() if count > 1] == []


def test_a_file_is_named_once() -> None:
    # models that were stored name the modules of both regressors
    named = Counter(path.name for path in SOURCES if path.name not in ("__init__.py", "regressor.py"))
    assert [name for name, count in named.items() if count > 1] == []
    assert [path.parent.name for path in SOURCES if path.name == "regressor.py"] == ["value", "wallet"]


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_values_are_handed_down_where_a_job_has_read_them(path: Path) -> None:
    floor = path.relative_to(ROOT / "src" / "segment").parts[0]
    if floor in ("cli", "web", "store", "warehouse", "tracking", "workspace.py"):
        return
    functions = [node for node in ast.walk(ast.parse(_text(path))) if isinstance(node, ast.FunctionDef)]
    below = [function for function in functions if floor != "jobs" or function.name.startswith("_")]
    assert [function.name for function in below if _takes_workspace(function)] == []


def test_inside_jobs_a_workspace_is_a_jobs_own() -> None:
    faces = [ROOT / "src" / "segment" / "cli", ROOT / "src" / "segment" / "web", ROOT / "flows"]
    callers = [path for face in faces for path in face.rglob("*.py")]
    imports = [node for path in callers for node in ast.walk(_tree(path)) if isinstance(node, ast.ImportFrom)]
    called = {(node.module, alias.name) for node in imports for alias in node.names}
    readers = {
        node.name
        for path in JOBS
        for node in _tree(path).body
        if isinstance(node, ast.FunctionDef) and _takes_workspace(node) and (_module(path), node.name) not in called
    }
    assert readers == READERS


def test_a_stage_object_of_a_job_holds_values_and_no_place_to_read_them_from() -> None:
    classes = [node for path in JOBS for node in ast.walk(_tree(path)) if isinstance(node, ast.ClassDef)]
    fields = {(own.name, ast.unparse(part.annotation)) for own in classes for part in own.body
              if isinstance(part, ast.AnnAssign)}  # fmt: skip
    assert {name for name, kind in fields if re.search(r"\b(Path|Workspace)\b", kind)} == WITH_A_FILE


def test_between_parts_nothing_is_a_dictionary_of_anything() -> None:
    untyped = {path.relative_to(ROOT / "src" / "segment").as_posix() for path in SOURCES if _untyped(_tree(path))}
    assert untyped == EDGES


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_groups_are_added_up_in_the_order_of_their_rows(path: Path) -> None:
    # the frames of these are Narwhals', which knows no `maintain_order`: `to_polars` computes them, and the customer
    # months are rounded after it; a database counts the groups of two
    if str(path.relative_to(ROOT / "src" / "segment")) in OF_ANY_ENGINE:
        return
    calls = [node for node in ast.walk(_tree(path)) if isinstance(node, ast.Call)]
    groupings = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "group_by"]
    assert [call.lineno for call in groupings if "maintain_order=True" not in ast.unparse(call)] == []


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_lazy_sums_are_not_left_to_the_streaming_engine(path: Path) -> None:
    calls = [ast.unparse(node) for node in ast.walk(_tree(path)) if isinstance(node, ast.Call)]
    assert [text for text in calls if "group_by(" in text and text.endswith((".collect()", ".collect('polars')"))] == []


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
