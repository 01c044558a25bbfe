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
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
POLICIES = [
    path
    for path in sorted((ROOT / "models").glob("*.toml"))
    if kind_of(tomllib.loads(path.read_text(encoding="utf-8"))) == "policy"
]
MACHINE_PATH = re.compile(r"(?<![\w./])/(?:work|home|root|tmp|mnt|opt|usr|var|Users)/")


def test_the_reference_pages_say_what_the_code_says() -> None:
    command = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("policy", POLICIES, ids=lambda path: path.name)
def test_every_key_of_a_policy_is_on_its_page(policy: Path) -> None:
    described = _keys_on_the_page()
    for table, keys in _keys_of(tomllib.loads(policy.read_text(encoding="utf-8"))):
        known = [names for pattern, names in described if re.fullmatch(pattern, table)]
        assert known, f"table {table}"
        assert keys <= known[0], f"table {table}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    for target in _links(page):
        name, _, anchor = target.partition("#")
        aim = (page.parent / name).resolve() if name else page
        assert aim.exists(), target
        assert not anchor or anchor in _anchors(aim), target


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_page_names_a_place_of_one_machine(page: Path) -> None:
    assert not MACHINE_PATH.findall(page.read_text(encoding="utf-8"))


def test_the_readme_stays_under_200_lines() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 200


def _keys_on_the_page() -> list[tuple[str, set[str]]]:
    """Patterns of table names, and the keys that the page lists under each."""
    page = (ROOT / "docs" / "reference" / "policy.md").read_text(encoding="utf-8")
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
