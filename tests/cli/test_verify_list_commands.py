"""What a user sees of a released file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from segment.jobs.lists.release import release
from tests.conftest import Said
from tests.jobs.lists.made_lists import LIST_ID, LIST_ON, bank, listed, retail


def test_the_command_answers_with_its_exit_code(tmp_path: Path, segment: Callable[..., Said]) -> None:
    workspace = bank(tmp_path / "w")
    path, rows = tmp_path / "list.csv", listed(workspace)
    release(rows, path, list_id=LIST_ID, workspace=workspace, policy=retail(), list_on=LIST_ON, as_of=LIST_ON)
    good = segment("verify-list", path, "--on", LIST_ON, workspace=workspace.root)
    assert (good.code, "It may be used." in good.out) == (0, True)
    path.write_text("customer_id\nc0\n")
    bad = segment("verify-list", path, "--on", LIST_ON, "--json", workspace=workspace.root)
    assert (bad.code, json.loads(bad.out)["same_file"]) == (1, False)
    unknown = segment("verify-list", tmp_path / "other.csv", "--on", LIST_ON, workspace=workspace.root)
    assert (unknown.code, "The file must be there: other.csv" in unknown.err) == (2, True)
