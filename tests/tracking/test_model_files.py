"""A model file is loaded only where its hash and its types are known; classes that moved are found where they stand."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io

from segment.exceptions import ModelError
from segment.main_bank.boosted import BoostedLearner
from segment.tracking.model_files import MOVED_TYPES, TRUSTED_TYPES, load_model_file, with_moved_types
from segment.value.scale import ShiftByLevel, ShiftByStratum
from segment.value.zero_inflation import ZeroInflation


def stored(model: Any, **renamed: str) -> bytes:
    """A skops file whose schema names classes by other paths."""
    content = skops.io.dumps(model)
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as read, zipfile.ZipFile(written, "w") as other:
        for name in read.namelist():
            text = read.read(name)
            if name == "schema.json":
                for path in MOVED_TYPES:
                    (old_module, _, old), (module, _, new) = path.rpartition("."), MOVED_TYPES[path].rpartition(".")
                    if renamed.get(new) == path:
                        at_new = f'"__class__": "{new}",\n', f'"__module__": "{module}"'
                        at_old = f'"__class__": "{old}",\n', f'"__module__": "{old_module}"'
                        schema = "\n".join(line.strip() for line in text.decode().splitlines())
                        assert "".join(at_new) in schema
                        text = schema.replace("".join(at_new), "".join(at_old)).encode()
            other.writestr(name, text)
    return written.getvalue()


def load(folder: Path, content: bytes) -> Any:
    path = folder / "model.skops"
    path.write_bytes(content)
    return load_model_file(path, hashlib.sha256(content).hexdigest(), "1")


@pytest.mark.parametrize("old", sorted(MOVED_TYPES))
def test_a_file_that_names_a_class_by_its_old_path_is_loaded(old: str, tmp_path: Path) -> None:
    levels = np.array([0.0, 1.0])
    models = {
        "BoostedLearner": BoostedLearner(),
        "ShiftByStratum": ShiftByStratum(levels, levels + 1.0),
        "ZeroInflation": ZeroInflation(ShiftByLevel(levels, levels), ShiftByLevel(levels, levels + 1.0)),
    }
    name = MOVED_TYPES[old].rpartition(".")[2]
    content = stored({"model": models[name], "other": levels}, **{name: old})
    assert old in skops.io.get_untrusted_types(data=content)
    loaded = load(tmp_path, content)
    assert type(loaded["model"]) is type(models[name])
    np.testing.assert_array_equal(loaded["other"], levels)
    np.testing.assert_equal(_values(loaded["model"]), _values(models[name]))


def _values(model: Any) -> dict[str, Any]:
    return {name: _values(value) if hasattr(value, "__dict__") else value for name, value in vars(model).items()}


def test_a_file_of_today_stays_byte_for_byte_what_it_is() -> None:
    content = skops.io.dumps(BoostedLearner())
    assert with_moved_types(content) is content


def test_every_moved_type_is_trusted_where_it_stands_and_nowhere_else() -> None:
    assert set(MOVED_TYPES.values()) <= set(TRUSTED_TYPES)
    assert not set(MOVED_TYPES) & set(TRUSTED_TYPES)


def test_the_hash_is_that_of_the_file_as_it_was_registered(tmp_path: Path) -> None:
    content = stored(BoostedLearner(), BoostedLearner="segment.main_bank.free.FreeLearner")
    path = tmp_path / "model.skops"
    path.write_bytes(content)
    rewritten = hashlib.sha256(with_moved_types(content)).hexdigest()
    with pytest.raises(ModelError, match="the one that was registered"):
        load_model_file(path, rewritten, "1")


def test_a_type_that_nobody_trusts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="trusted types only"):
        load(tmp_path, skops.io.dumps(zipfile.ZipFile))
