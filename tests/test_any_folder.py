"""A workspace works in a folder of any name, and goes on where it was moved or copied to."""

from __future__ import annotations

import ast
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from segment.cli.options import open_tracking
from segment.jobs.publish.refresh import refresh
from segment.tracking.locations import ARTIFACTS, relocated
from segment.tracking.registry import Tracking
from segment.tracking.runs import BACKTESTS
from segment.workspace import Workspace
from tests.conftest import AS_OF, RETAIL, Bank, Said
from tests.copied import copy_workspace

SOURCE = Path(__file__).parents[1]
RUN = "0123456789abcdef0123456789abcdef"


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def stored_locations(root: Path) -> str:
    with sqlite3.connect(root / "mlflow.db") as database:
        return "\n".join(database.iterdump())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["数据 w%20x [y]*?#1"])
def test_the_whole_way_in_a_folder_of_any_name(tmp_path: Path, name: str, segment: Callable[..., Said]) -> None:
    (tmp_path / "数据 w x [y]*").mkdir()  # what a path taken for a pattern or a quoted one would reach
    folder = tmp_path / name
    workspace, ledger = folder / "workspace", folder / "bank" / "ledger"
    for words in (
        ("simulate", folder / "bank", "--customers", 300, "--months", 26, "--seed", 5),
        ("train", ledger, "--as-of", AS_OF, "--policy", RETAIL),
        ("refresh", ledger, "--as-of", AS_OF, "--policy", RETAIL),
        ("upgrade-list", "--as-of", AS_OF, "--policy", RETAIL, "--out", folder / "list.csv"),
    ):
        said = segment(*words, workspace=workspace)
        assert said.code == 0, said.err
    assert (folder / "list.csv").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "数据 w x [y]*"])
    assert files(tmp_path / "数据 w x [y]*") == set()


def test_a_copy_uses_its_own_model_and_leaves_the_original_alone(bank: Bank, tmp_path: Path) -> None:
    copy = Bank(bank.ledger, Workspace(tmp_path / "copy of %20"), bank.policy)
    copy_workspace(bank.workspace.root, copy.workspace.root)
    original = files(bank.workspace.root)
    model = next(bank.workspace.root.glob(f"{ARTIFACTS}/models/*/artifacts/model.skops"))
    model.write_bytes(b"not what was registered")
    made = refresh(str(bank.ledger), AS_OF, copy.workspace, bank.policy, copy.tracking(), n_jobs=1)
    assert made.table_version == 0
    assert files(bank.workspace.root) == original
    run = copy.tracking().log_run(BACKTESTS, "further", {}, {}, {"said.txt": "here"})
    assert copy.tracking().read_text(run, "said.txt") == "here"
    assert files(bank.workspace.root) == original
    assert str(bank.workspace.root) not in stored_locations(copy.workspace.root)


@pytest.mark.slow
def test_a_moved_workspace_is_read_without_writing_and_written_where_it_is(bank: Bank, tmp_path: Path) -> None:
    root = tmp_path / "moved"
    bank.workspace.root.rename(root)
    shutil.rmtree(root / "models", ignore_errors=True)
    before = (root / "mlflow.db").read_bytes()
    reader = Tracking(root, writable=False)
    assert reader.load()[1].version == "1"
    assert reader.text_of(reader.load()[1], "model_card.json") is not None
    assert (root / "mlflow.db").read_bytes() == before
    assert not (root / "models").exists()
    assert Tracking(root).load()[1].version == "1"
    assert not bank.workspace.root.exists()


@pytest.mark.parametrize(
    ("location", "now"),
    [
        (f"file:///old/{ARTIFACTS}/{RUN}/artifacts", f"file:///new/w%3F/{ARTIFACTS}/{RUN}/artifacts"),
        (f"file:///a/{ARTIFACTS}/b/{ARTIFACTS}/models/m-{RUN}/x", f"file:///new/w%3F/{ARTIFACTS}/models/m-{RUN}/x"),
        (f"/old/{ARTIFACTS}/{RUN}/artifacts", f"file:///new/w%3F/{ARTIFACTS}/{RUN}/artifacts"),
        (f"file:///old/{ARTIFACTS}", f"file:///new/w%3F/{ARTIFACTS}"),
        (f"file:///old/{ARTIFACTS}/1/{RUN}/artifacts", f"file:///old/{ARTIFACTS}/1/{RUN}/artifacts"),
        ("/old/mlruns/0", "/old/mlruns/0"),
        (f"s3://bucket/{ARTIFACTS}/{RUN}", f"s3://bucket/{ARTIFACTS}/{RUN}"),
        (f"models:/m-{RUN}", f"models:/m-{RUN}"),
    ],
)
def test_only_what_is_a_workspaces_own_is_sought_where_it_lies_now(location: str, now: str) -> None:
    assert relocated(location, Path("/new/w?")) == now


def test_a_server_by_url_keeps_its_own_locations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGMENT_MLFLOW_URI", f"sqlite:///{tmp_path}/theirs.db")
    monkeypatch.chdir(tmp_path)
    tracking = open_tracking(Workspace(tmp_path / "w"))
    run = tracking.log_run(BACKTESTS, "one", {}, {}, {})
    assert tracking._client.get_run(run).info.artifact_uri.startswith(f"{tmp_path}/mlruns")


def modules() -> list[Path]:
    return [*(SOURCE / "src").rglob("*.py"), *(SOURCE / "flows").rglob("*.py")]


def test_no_reader_takes_a_path_for_a_pattern() -> None:
    """Polars reads `w?x/a.parquet` as a pattern, and so another workspace's rows, unless it is told not to."""
    readers = {"read_parquet", "scan_parquet", "read_csv", "scan_csv", "read_ipc", "scan_ipc"}
    for module in modules():
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            of_polars = not isinstance(node.func, ast.Attribute) or getattr(node.func.value, "id", "") == "pl"
            if called in readers and of_polars:
                assert any(option.arg == "glob" for option in node.keywords), f"{module}:{node.lineno}"


def test_no_database_is_named_by_a_path_put_into_a_url() -> None:
    for module in modules():
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                assert not str(node.values[0].value).startswith("sqlite:///"), f"{module}:{node.lineno}"
