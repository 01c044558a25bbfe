"""A workspace is its owner's alone, or a group's where the bank says so, whoever wrote it and with what umask."""

from __future__ import annotations

import ast
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from segment.exceptions import WorkspaceError
from segment.files import write_text
from segment.lock import workspace_lock
from segment.private import keep_private, open_private, private_umask
from segment.warehouse.tiers_table import read_tiers
from tests.conftest import AS_OF, RETAIL, Bank, Said

SOURCE = Path(__file__).parents[1] / "src" / "segment"
GROUP = 54_321
ONLY_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files to a group or another user")


@pytest.fixture(params=[0o022, 0o000])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """A process that opens what it writes to everybody."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(root: Path) -> dict[str, int]:
    return {str(path.relative_to(root)): stat.S_IMODE(path.stat().st_mode) for path in [root, *root.rglob("*")]}


def assert_private(root: Path, folder: int = 0o700, file: int = 0o600) -> None:
    wrong = {
        name: oct(mode) for name, mode in modes(root).items() if mode != (folder if (root / name).is_dir() else file)
    }
    assert not wrong


def old_workspace(root: Path) -> Path:
    (root / "tiers" / "_delta_log").mkdir(parents=True)
    (root / "tiers" / "_delta_log" / "0.json").write_text("{}")
    (root / "mlflow.db").touch()
    for path in [root, *root.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    return root


def test_a_workspace_of_an_older_release_is_closed_when_it_is_opened(tmp_path: Path) -> None:
    root = old_workspace(tmp_path / "workspace")
    open_private(root)
    assert_private(root)


@pytest.mark.usefixtures("umask")
def test_what_a_run_in_python_leaves_open_is_closed_when_it_ends(tmp_path: Path) -> None:
    root = tmp_path / "deep" / "workspace"
    with workspace_lock(root, "train"):
        assert modes(root)["."] == 0o700  # nobody else gets at what lies open meanwhile
        (root / "mlartifacts").mkdir()
        (root / "mlartifacts" / "model.skops").write_text("")
    assert_private(root)
    assert modes(root.parent)["."] == 0o700


@ONLY_ROOT
@pytest.mark.parametrize(("writes", "folder", "file"), [(True, 0o2770, 0o660), (False, 0o2750, 0o640)])
def test_a_group_reads_and_writes_or_only_reads_where_the_bank_says_so(
    tmp_path: Path, writes: bool, folder: int, file: int
) -> None:
    root = old_workspace(tmp_path / "workspace")
    open_private(root, str(GROUP), writes=writes)
    write_text("later", root / "runs" / "a" / "run.json")
    assert_private(root, folder, file)
    assert {path.stat().st_gid for path in [root, *root.rglob("*")]} == {GROUP}
    open_private(root)  # the setting is gone
    assert_private(root)


@ONLY_ROOT
def test_a_list_that_leaves_is_its_writers_alone_whatever_group_has_the_workspace(tmp_path: Path) -> None:
    before = os.umask(0o022)
    private_umask(str(GROUP))
    write_text("list", tmp_path / "list.csv")
    os.umask(before)
    assert modes(tmp_path)["list.csv"] == 0o600


def test_a_group_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="`no such group` is none"):
        open_private(tmp_path, "no such group")


def test_what_is_open_and_not_ours_to_close_is_counted_and_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = old_workspace(tmp_path / "workspace")

    def refuse(path: Path, mode: int) -> None:
        raise PermissionError

    with monkeypatch.context() as patched:
        patched.setattr(Path, "chmod", refuse)
        with pytest.raises(
            WorkspaceError, match=r"5 files and folders are, and they are not ours[\s\S]*chmod -R go-rwx"
        ):
            keep_private(root)
    keep_private(root)
    monkeypatch.setattr(Path, "chmod", refuse)
    keep_private(root)  # another's, but closed


def test_links_are_followed_to_folders_and_no_further(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "workspace", old_workspace(tmp_path / "big disk")
    root.mkdir()
    (tmp_path / "other").write_text("")
    (tmp_path / "other").chmod(0o644)
    (root / "tiers").symlink_to(elsewhere)
    (root / "file").symlink_to(tmp_path / "other")
    (elsewhere / "round").symlink_to(root)
    keep_private(root)
    assert_private(elsewhere / "tiers")
    assert modes(tmp_path)["other"] == 0o644


def test_one_module_makes_files_and_folders_and_one_sets_rights() -> None:
    """Whoever writes otherwise leaves what it writes to the umask."""
    apart = {"files.py": {"mkdir", "write_text", "write_bytes", "chmod", "fchmod"}, "private.py": {"chmod", "umask"}}
    for path in SOURCE.rglob("*.py"):
        own = {
            node.func.attr: node.lineno
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        used = {"mkdir", "makedirs", "write_text", "write_bytes", "chmod", "fchmod", "umask"} & set(own)
        assert used <= apart.get(path.name, set()), (path, used)


@pytest.mark.slow
@pytest.mark.usefixtures("umask")
def test_every_file_of_a_bank_is_private_after_each_command(
    bank: Bank, segment: Callable[..., Said], tmp_path: Path
) -> None:
    root, day = bank.workspace.root, ("--as-of", AS_OF, "--policy", RETAIL)
    for path in [root, *root.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o666)
    customer = read_tiers(bank.workspace.tiers, AS_OF)["customer_id"][0]
    out = tmp_path / "out"
    for command in (
        ("refresh", bank.ledger, *day),
        ("upgrade-list", *day, "--out", out / "list.xlsx"),
        ("tiers", "--as-of", AS_OF, "--out", out / "tiers.csv"),
        ("explain", customer, *day, "--out", out / "answer.html"),
        ("clusters", *day, "--out", out / "clusters"),
        ("card", "champion", "--out", out / "cards"),
        ("audit", *day, "--out", out / "audit.html"),
        ("service-plan", *day, "--out", out / "plan"),
        ("object", customer),
        ("impact-assessment", "--out", out / "draft.md"),
        ("simulate", out / "bank", "--customers", 50, "--months", 2),
    ):
        said = segment(*command, workspace=root)
        assert said.code == 0, (command, said.err)
        assert_private(root)
    assert_private(out)
