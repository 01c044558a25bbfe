"""Age, sex and region of customers are read by audits alone, but for two uses that protect (DOMAIN.md 0 (9) and 5)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[1] / "src" / "segment"
PROTECTED = {"birth_date", "sex", "region"}
# Who may name which column, and why.
ALLOWED = {
    # what a ledger is: its contract, its checks, and the banks that are made up or converted
    "ledger": PROTECTED,
    "banks": PROTECTED,
    # the region of a data centre, in which objects are stored
    "object_storage.py": {"region"},
    # the region of a branch, for groups of like branches
    "features/peers.py": {"region"},
    "warehouse/reference_tables.py": {"region", "birth_date"},
    # minors are kept off lists; older customers are never sent to machines
    "upgrade/suppression.py": {"birth_date"},
    "upgrade/levers.py": {"birth_date"},
    # whether the ledger gives any
    "upgrade/protections.py": {"birth_date"},
    "jobs/lists/customer_levers.py": {"birth_date"},
    # older customers, and those of unknown age, are proposed no fee
    "law": {"birth_date"},
    # older customers are never served less well by chance
    "service/trial_exclusions.py": {"birth_date"},
    # older customers are called first at a counter, and a plan says where nobody knows how many they are
    "jobs/service/branch_reading.py": {"birth_date"},
    "service/promises.py": {"birth_date"},
    # tell which columns are held and what they are not used for, and read none
    "pages/impact_assessment_page.py": PROTECTED,
    # and say where a birth date is missing, without which nothing can be offered
    "jobs/rights/explain.py": PROTECTED,
    # audits
    "warehouse/protected_columns.py": PROTECTED,
    "audit/customer_groups.py": PROTECTED,
    "audit/groups.py": PROTECTED,
    "jobs/fairness": PROTECTED,
    "policy/fairness.py": PROTECTED,
}
MAY_OPEN = (
    "warehouse/protected_columns.py",
    "jobs/fairness/protected_groups.py",
    "jobs/build/extract.py",
    "workspace.py",
)


def words_of(module: Path) -> Iterator[str]:
    """Names and texts of a module's code; what its docstrings say does not count."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.keyword | ast.arg) and node.arg:
            yield node.arg
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).split(".")[-1]


def named_without_leave(root: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for module in root.rglob("*.py"):
        place = module.relative_to(root).as_posix()
        leave = {
            word
            for where, words in ALLOWED.items()
            if place == where or place.startswith(f"{where}/")
            for word in words
        }
        # a pattern such as "^(sex|region)$" or "customers.sex" names a column too
        parts = {part for word in words_of(module) for part in _parts(word)}
        if named := (parts & PROTECTED) - leave:
            found[place] = named
    return found


def _parts(word: str) -> set[str]:
    """Words of a name, a pattern or a query; a sentence only talks of a column."""
    if word.endswith("."):
        return set()
    return set("".join(one if one.isalnum() or one == "_" else " " for one in word).split())


def opened_without_leave(root: Path) -> list[str]:
    modules = ((module, module.relative_to(root).as_posix()) for module in root.rglob("*.py"))
    return [place for module, place in modules if place not in MAY_OPEN and "protected" in set(words_of(module))]


def test_no_feature_and_no_model_names_a_protected_column() -> None:
    assert named_without_leave(SRC) == {}


def test_only_the_audit_opens_what_is_kept_apart() -> None:
    assert opened_without_leave(SRC) == []


def test_a_leave_that_nobody_needs_is_taken_back() -> None:
    for where, words in ALLOWED.items():
        modules = [SRC / where] if where.endswith(".py") else sorted((SRC / where).rglob("*.py"))
        named = {part for module in modules for word in words_of(module) for part in _parts(word)}
        assert named & words, where


@pytest.mark.parametrize(
    ("place", "code", "word"),
    [
        ("features/age.py", 'import polars as pl\nAGE = pl.col("birth_date")\n', "birth_date"),
        ("model/by_sex.py", 'import polars as pl\ndef by(frame):\n    return frame["sex"]\n', "sex"),
        ("value/place.py", "def place(frame):\n    return frame.select(region=1)\n", "region"),
        ("tiers/pattern.py", 'PATTERN = "^(sex|tenure)$"\n', "sex"),
    ],
)
def test_a_module_that_begins_to_name_one_is_found(tmp_path: Path, place: str, code: str, word: str) -> None:
    planted = tmp_path / place
    planted.parent.mkdir()
    planted.write_text(code, encoding="utf-8")
    (tmp_path / "features").mkdir(exist_ok=True)
    (tmp_path / "features" / "plain.py").write_text('"""Never reads sex, region or birth_date."""\n', encoding="utf-8")
    assert named_without_leave(tmp_path) == {place: {word}}


def test_a_module_that_begins_to_open_the_protected_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "features").mkdir()
    (tmp_path / "features" / "peep.py").write_text(
        "def peep(workspace):\n    return workspace.protected\n", encoding="utf-8"
    )
    assert opened_without_leave(tmp_path) == ["features/peep.py"]
