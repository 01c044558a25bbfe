"""A command that only shows something starts without the libraries that it does not use."""

import subprocess
import sys

import pytest

from tests.conftest import Bank

ASK = """
import sys
from segment.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""
SLOW_TO_LOAD = {"joblib", "matplotlib", "mlflow", "narwhals", "openpyxl", "pandas", "prefect", "pyarrow", "scipy",
                "sklearn", "sqlalchemy", "xlsxwriter"}  # fmt: skip


@pytest.mark.parametrize(
    ("command", "needed"),
    [
        (["--help"], set()),
        (["law"], set()),
        (["tiers"], set()),
        (["runs"], {"sqlalchemy"}),
        (["records"], {"sqlalchemy"}),
    ],
)
def test_a_command_loads_only_what_it_uses(trained_bank: Bank, command: list[str], needed: set[str]) -> None:
    where = ["--workspace", str(trained_bank.workspace.root)] if command[0] in {"tiers", "runs", "records"} else []
    asked = [sys.executable, "-c", ASK, *command, *where]
    loaded = subprocess.run(asked, capture_output=True, text=True, check=True).stderr.split("\n")[-2].split()
    assert "polars" in loaded
    assert SLOW_TO_LOAD.intersection(loaded) <= needed


def test_the_page_starts_without_the_libraries_of_learning() -> None:
    asked = [sys.executable, "-c", "import sys, segment.web.application as _; print(*sys.modules)"]
    loaded = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()
    assert "fastapi" in loaded
    assert not {"authlib", "matplotlib", "mlflow", "pandas", "prefect", "sklearn"}.intersection(loaded)
