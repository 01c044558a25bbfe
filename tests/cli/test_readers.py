"""Whoever may only read can run every command that reads, and such a command leaves everything as it is."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.main import get_command_name

from segment.cli import app
from segment.files import file_hash
from segment.warehouse.tiers_table import read_tiers
from tests.conftest import AS_OF, RETAIL, Bank, Said

DAY = ("--as-of", AS_OF.isoformat())
LATER = "2026-02-28"
READING: dict[str, list[tuple[str, ...]]] = {
    "simulate": [("OUT/bank", "--customers", "50", "--months", "2")],
    "features": [()],
    "init": [("OUT/project",)],
    "law": [()],
    "impact-assessment": [("--out", "OUT/draft.md")],
    "compare": [("champion", "1")],
    "card": [("champion", "--out", "OUT/cards")],
    "tiers": [DAY, (*DAY, "--out", "OUT/tiers.xlsx")],
    "drift": [("--again", "--out", "OUT/drift.html")],
    "clusters": [(*DAY, "--out", "OUT/clusters")],
    "levers": [("--out", "OUT/levers.csv")],
    "service-plan": [(*DAY, "--out", "OUT/plan")],
    "runs": [(), ("refresh", "--out", "OUT/run.html")],
    "verify": [(), ("LEDGER",)],
    "overrides": [DAY],
    "lists": [()],
    "policy missing": [()],
    "verify-list": [("LIST", "--on", AS_OF.isoformat())],
    "reviews": [(), ("--report",)],
    "objections": [()],
    "records": [(), ("--verify",), ("--anchor", "OUT/anchor.json")],
    "explain": [("CUSTOMER", "--out", "OUT/answer.html")],
}
"""Commands that never change a workspace, and how they are called."""
READING_OR_WRITING: dict[str, list[tuple[str, ...]]] = {
    "check": [("LEDGER",)],
    "outcomes": [("--report",)],
    "audit": [(), ("--out", "OUT/audit.html")],
    "erase": [("ERASED", "--verify", "CERTIFICATE")],
    "retain": [("--dry-run",)],
    "review": [("R-unknown",)],
}
"""Commands that read when they are called so, or keep what they found only where they may."""
WRITING = {
    "run", "import-berka", "extract", "train", "promote", "rollback", "search", "backtest", "refresh", "upgrade-list",
    "service-trial", "approve-list", "schedule", "replay", "approve-policy", "override", "propose-fee",
    "propose-self-service", "backup", "restore", "serve", "review-notices", "review-export", "review-withdraw",
    "object",
}  # fmt: skip
"""Commands that are refused in one message where nothing may be written."""
ANSWERS = ("review", "verify", "verify-list")
STRANGER = 54_321

RUN = """
import contextlib, io, json, sys
from segment.cli import main
ended = []
for arguments in json.loads(sys.argv[1]):
    sys.argv, told = ["segment", *arguments], io.StringIO()
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(told):
            main()
    except SystemExit as end:
        ended.append([arguments, int(end.code or 0), told.getvalue()])
print(json.dumps(ended))
"""


def commands() -> set[str]:
    groups = [
        ("", app),
        *((f"{group.typer_instance.info.name} ", group.typer_instance) for group in app.registered_groups),
    ]
    return {
        start + (command.name or get_command_name(command.callback.__name__))  # type: ignore[union-attr]
        for start, group in groups
        for command in group.registered_commands
    }


def test_every_command_is_known_to_read_or_to_write() -> None:
    classes = [set(READING), set(READING_OR_WRITING), WRITING]
    assert sum(map(len, classes)) == len(set.union(*classes))
    assert set.union(*classes) == commands()


@pytest.fixture
def handed_in(bank: Bank, segment: Callable[..., Said], tmp_path: Path) -> dict[str, str]:
    """A workspace with a list, an objection, an override and an erasure; what stands for words of the calls."""
    first, second, third = read_tiers(bank.workspace.tiers, AS_OF)["customer_id"][:3]
    out, policy = tmp_path / "given", ("--policy", RETAIL)
    for command in (
        ("upgrade-list", *DAY, *policy, "--out", out / "list.csv"),
        ("object", second),
        ("override", third, "valuable", "--role", "branch_manager", "--reason", "Sold.", "--expires", LATER, *policy),
        ("erase", first, *policy, "--out", out / "certificate.json"),
    ):
        said = segment(*command, workspace=bank.workspace.root)
        assert said.code == 0, said.err
    return {
        "LEDGER": str(bank.ledger),
        "LIST": str(out / "list.csv"),
        "CERTIFICATE": str(out / "certificate.json"),
        "ERASED": first,
        "CUSTOMER": second,
        "OUT": str(tmp_path / "out"),
    }


def seen(root: Path) -> dict[str, tuple[int, int, str]]:
    """Every file and folder with its rights, its time of change and its bytes."""
    found = {}
    for path in [root, *root.rglob("*")]:
        status = path.stat()
        content = file_hash(path) if path.is_file() else ""
        found[str(path.relative_to(root))] = (status.st_mode, status.st_mtime_ns, content)
    return found


def open_the_way(place: Path) -> None:
    """Let a stranger come to a place of pytest's, whose own folders are closed to others."""
    for folder in (place, *place.parents):
        if Path(tempfile.gettempdir()) in folder.parents:
            folder.chmod(folder.stat().st_mode | 0o055)


def run(calls: list[list[str]], workspace: Path, out: Path, *, stranger: bool) -> list[tuple[list[str], int, str]]:
    """Run commands in one process; a stranger has no account, no home, no name, and rights to read alone."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    environment |= {"SEGMENT_WORKSPACE": str(workspace), "SEGMENT_POLICY": str(RETAIL), "SEGMENT_JOBS": "1"}
    become: list[str] = []
    if stranger and os.geteuid() == 0:
        os.chown(out, STRANGER, STRANGER)
        for place in (out.parent, workspace.parent):
            open_the_way(place)
        # wherever the interpreter lies, it may be read; writing stays with whom the rights name
        become = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups"]
        become += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    ended = subprocess.run(
        [*become, sys.executable, "-c", RUN, json.dumps(calls)],
        env=environment, cwd=out, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return [tuple(call) for call in json.loads(ended.stdout.splitlines()[-1])]


def calls_of(known: dict[str, list[tuple[str, ...]]], words: dict[str, str]) -> list[list[str]]:
    def put(part: str) -> str:
        return words.get(part) or part.replace("OUT/", f"{words['OUT']}/")

    return [[*name.split(), *map(put, call)] for name, ways in known.items() for call in ways]


@pytest.mark.slow
def test_who_may_only_read_runs_every_command_that_reads(bank: Bank, handed_in: dict[str, str], tmp_path: Path) -> None:
    root = bank.workspace.root
    for path in [root, *root.rglob("*"), tmp_path / "given", *(tmp_path / "given").iterdir()]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = seen(root)
    calls = calls_of(READING, handed_in) + calls_of(READING_OR_WRITING, handed_in)
    writing = [["object", handed_in["CUSTOMER"]], ["upgrade-list", *DAY], ["refresh", str(bank.ledger), *DAY]]
    ended = run(calls + writing, root, tmp_path / "out", stranger=True)
    assert seen(root) == before
    read, written = ended[: len(calls)], ended[len(calls) :]
    # an unknown review, a list that is no longer good, and a proof from before an erasure are answers
    failed = [call for call in read if call[1] and call[0][0] not in ANSWERS]
    assert failed == []
    assert not [call for call in read if "did not expect" in call[2] or "Traceback" in call[2]]
    for _, code, told in written:
        assert code == 2
        assert "may only be read" in told
    for path in root.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)


@pytest.mark.slow
def test_a_command_that_reads_changes_nothing_where_it_could(
    bank: Bank, handed_in: dict[str, str], tmp_path: Path
) -> None:
    root = bank.workspace.root
    (root / "models").chmod(0o755)  # not even what an older release left open
    before = seen(root)
    ended = run(calls_of(READING, handed_in), root, tmp_path / "out", stranger=False)
    assert not [call for call in ended if call[1] and call[0][0] not in ANSWERS]
    assert seen(root) == before


def test_a_command_that_reads_makes_no_workspace(tmp_path: Path) -> None:
    words = {"LEDGER": "nowhere", "LIST": "none.csv", "CUSTOMER": "C1", "OUT": str(tmp_path / "out")}
    ended = run(calls_of(READING, words), tmp_path / "nowhere", tmp_path / "out", stranger=False)
    assert not (tmp_path / "nowhere").exists()
    assert not [call for call in ended if "did not expect" in call[2]]


@pytest.mark.slow
def test_a_number_without_account_home_or_name_builds_a_bank(bank: Bank, tmp_path: Path) -> None:
    root, out = bank.workspace.root, tmp_path / "out"
    if os.geteuid() == 0:
        for path in [root, *root.rglob("*")]:
            os.chown(path, STRANGER, STRANGER)
    customer = read_tiers(bank.workspace.tiers, AS_OF)["customer_id"][0]
    calls = [
        ["train", *DAY],
        ["refresh", str(bank.ledger), *DAY],
        ["upgrade-list", *DAY, "--out", str(out / "list.xlsx")],
        ["audit", "--out", str(out / "audit.html")],
        ["object", customer],
    ]
    ended = run(calls, root, out, stranger=True)
    assert [call[1] for call in ended] == [0] * len(calls), ended
    assert not [call[2] for call in ended if "getpwuid" in call[2]]
    manifest = json.loads((out / "list.xlsx.manifest.json").read_text())
    if os.geteuid() == 0:
        assert manifest["by"] == f"uid:{STRANGER}"
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}
