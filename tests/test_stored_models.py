"""A stored model holds no customer, and nothing in the package unpickles."""

from __future__ import annotations

import ast
import io
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.conftest import AS_OF, Bank

ROOT = Path(__file__).parents[1]
MODULES = [path for folder in ("src", "flows") for path in sorted((ROOT / folder).rglob("*.py"))]
UNPICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal"}


@pytest.fixture(scope="module")
def stored(trained_bank: Bank) -> zipfile.ZipFile:
    (path,) = (trained_bank.workspace.root / "models").glob("*.skops")
    return zipfile.ZipFile(path)


def arrays(stored: zipfile.ZipFile) -> list[np.ndarray]:
    found = [np.load(io.BytesIO(stored.read(name)), allow_pickle=False) for name in stored.namelist() if ".npy" in name]
    assert len(found) > 50
    return [part for array in found for part in (trees(array) if "depth" in (array.dtype.names or ()) else [array])]


def trees(nodes: np.ndarray) -> list[np.ndarray]:
    """Take the trees of an ensemble apart: each begins with its root."""
    (roots,) = np.nonzero(nodes["depth"] == 0)
    assert roots[0] == 0
    return np.split(nodes, roots[1:])


def test_no_customers_id_or_branchs_roll_is_in_a_stored_model(trained_bank: Bank, stored: zipfile.ZipFile) -> None:
    ids = pl.read_parquet(trained_bank.ledger / "customers.parquet")["customer_id"].to_list()
    texts = [stored.read(name).decode("utf-8", "ignore") for name in stored.namelist() if not name.endswith(".npy")]
    texts += [str(one.tolist()) for one in arrays(stored) if one.dtype.kind in "US"]
    assert not [one for one in ids if any(one in text for text in texts)]


def test_no_array_of_a_stored_model_has_a_row_for_each_customer(trained_bank: Bank, stored: zipfile.ZipFile) -> None:
    folder = trained_bank.workspace.snapshots
    customers = {pl.scan_parquet(one).select(pl.len()).collect().item() for one in folder.glob("[0-9]*.parquet")}
    now = pl.scan_parquet(trained_bank.workspace.snapshot(AS_OF)).select(pl.len()).collect().item()
    longest = max(max(one.shape, default=0) for one in arrays(stored))
    assert longest < min(customers | {now}) / 2


def test_nothing_in_the_package_imports_what_unpickles() -> None:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & UNPICKLERS, path.name
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                assert (node.value.id, node.attr) not in {("joblib", "load"), ("np", "load"), ("pl", "read_ipc")}, (
                    path.name
                )
            if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
                assert isinstance(node.value, ast.Constant), path.name
                assert node.value.value is False, path.name
