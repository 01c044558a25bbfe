from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from segment.policy.toml import kind_of

ROOT = Path(__file__).parents[2]
GENERATED = "<!-- Generated"
PAGES = [
    path
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
    if not path.read_text(encoding="utf-8").startswith(GENERATED)
]
POLICIES = [
    path
    for path in sorted((ROOT / "models").glob("*.toml"))
    if kind_of(tomllib.loads(path.read_text(encoding="utf-8"))) == "policy"
]
MACHINE_PATH = re.compile(r"(?<![\w./])/(?:work|home|root|tmp|mnt|opt|usr|var|Users)/")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference pages as `make docs` writes them; they are not committed."""
    folder = tmp_path_factory.mktemp("reference")
    command = [sys.executable, str(ROOT / "docs" / "generate.py"), str(folder)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return folder


def test_no_generated_page_is_committed(generated: Path) -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    names = {f"docs/reference/{page.name}" for page in generated.iterdir()}
    assert len(names) == 6
    assert names & set(tracked) == set()
    assert [name for name in tracked if name.startswith("models/cards/")] == []


@pytest.mark.parametrize("policy", POLICIES, ids=lambda path: path.name)
def test_every_key_of_a_policy_is_on_its_page(policy: Path, generated: Path) -> None:
    described = _keys_on_the_page(generated)
    for table, keys in _keys_of(tomllib.loads(policy.read_text(encoding="utf-8"))):
        known = [names for pattern, names in described if re.fullmatch(pattern, table)]
        if not known:  # a key whose value is a table of the file's own names
            table, _, key = table.rpartition(".")
            known, keys = [names for pattern, names in described if re.fullmatch(pattern, table)], {key}
        assert known, f"table {table}"
        assert keys <= known[0], f"table {table}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path, generated: Path) -> None:
    for target in _links(page):
        name, _, anchor = target.partition("#")
        aim = (page.parent / name).resolve() if name else page
        if aim.parent == ROOT / "docs" / "reference" and (generated / aim.name).exists():
            aim = generated / aim.name
        assert aim.exists(), target
        assert not anchor or anchor in _anchors(aim), target


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_names_a_place_of_one_machine(page: Path) -> None:
    assert not MACHINE_PATH.findall(page.read_text(encoding="utf-8"))


def test_the_readme_stays_under_200_lines() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 200


def _keys_on_the_page(generated: Path) -> list[tuple[str, set[str]]]:
    """Patterns of table names, and the keys that the page lists under each."""
    page = (generated / "policy.md").read_text(encoding="utf-8")
    parts = re.split(r"^## `\[(.+)\]`$", page, flags=re.MULTILINE)
    named = [("", parts[0]), *zip(parts[1::2], parts[2::2], strict=True)]
    return [
        (re.escape(table).replace("<name>", r"\w+"), set(re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE)))
        for table, text in named
    ]


def _keys_of(content: dict[str, Any], path: str = "") -> list[tuple[str, set[str]]]:
    """Every table of a file and the keys that hold values, lists of tables as `path[]`."""
    inner = {key: value for key, value in content.items() if isinstance(value, dict)}
    lists = {key: value for key, value in content.items() if isinstance(value, list) and isinstance(value[0], dict)}
    keys = set(content) - set(inner) - set(lists)
    found = [(path, keys)] if keys else []
    for key, value in inner.items():
        found += _keys_of(value, f"{path}.{key}".lstrip("."))
    for key, values in lists.items():
        found += [each for value in values for each in _keys_of(value, f"{path}.{key}[]".lstrip("."))]
    return found


def _without_code(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def _links(page: Path) -> list[str]:
    targets = re.findall(r"\]\(([^)\s]+)\)", _without_code(page))
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def _anchors(page: Path) -> set[str]:
    """Anchors as GitHub and GitLab make them of headings."""
    headings = re.findall(r"^#+ (.+)$", _without_code(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
