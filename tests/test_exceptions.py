"""What people read of an error is in both languages, and only what a programmer alone can cause is in English."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import segment
from segment.exceptions import ListError, PolicyError, SegmentError, ToldError
from segment.messages import Message
from segment.sentences import catalogue

SOURCES = Path(segment.__file__).parent
KINDS = {
    node.name
    for node in ast.parse((SOURCES / "exceptions.py").read_text(encoding="utf-8")).body
    if isinstance(node, ast.ClassDef)
}
FOR_PROGRAMMERS = {
    # arguments and columns of estimators, frames and measures
    "arrays.py", "features/frames.py", "features/monthly.py", "features/windows.py", "main_bank/classifier.py",
    "main_bank/inputs.py", "main_bank/prediction.py", "metrics.py", "model/forecasts.py", "model/model_columns.py",
    "numeric_input.py", "tiers/agreement.py", "tiers/tier_columns.py", "value/folds.py", "value/learners.py",
    "value/purchases/purchase_forecast.py", "value/purchases/purchase_log.py", "value/value_columns.py",
    "wallet/regressor.py",
    # what `segment.open` hands to a notebook
    "opened.py",
    # of the simulated bank: what was done to it
    "banks/simulator/acts_file.py",
    # faults of the program itself
    "contribution/month.py", "upgrade/optimise.py",
}  # fmt: skip


def in_english() -> Iterator[str]:
    """Modules that build an error of ours, or of a value, from words of their own."""
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            own = name == "with_hint" or name in KINDS
            told = isinstance(node.args[0], ast.JoinedStr) or (
                isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
            )
            if own and told:
                yield path.relative_to(SOURCES).as_posix()


def sentences_of_errors() -> Iterator[tuple[str, set[str]]]:
    """Each key that is written out with the figures that it is given; calls that spread a mapping are left out."""
    for path in sorted(SOURCES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            key, name = node.args[0].value, getattr(node.func, "attr", getattr(node.func, "id", ""))
            if not isinstance(key, str) or not key.startswith(("errors.", "faults.")) or name not in ("of", "Message"):
                continue
            if name == "of" and all(keyword.arg for keyword in node.keywords):
                yield key, {str(keyword.arg) for keyword in node.keywords}
            if name == "Message" and (len(node.args) == 1 or isinstance(node.args[1], ast.Dict)):
                given = node.args[1].keys if len(node.args) == 2 else []  # type: ignore[attr-defined]
                if all(isinstance(each, ast.Constant) for each in given):
                    yield key, {each.value for each in given}


def test_a_sentence_is_given_the_figures_that_it_names() -> None:
    texts = {**catalogue("errors", "en"), **catalogue("faults", "en")}
    named = {key: {name for _, name, _, _ in Formatter().parse(text) if name} for key, text in texts.items()}
    found = list(sentences_of_errors())
    assert len(found) > 400
    assert [(key, given ^ named[key]) for key, given in found if given != named[key]] == []


def test_only_what_a_programmer_can_cause_is_written_out_in_english() -> None:
    assert set(in_english()) - FOR_PROGRAMMERS - {"exceptions.py"} == set()


def test_no_value_of_a_policy_is_refused_in_english_alone() -> None:
    policy = [path for path in (SOURCES / "policy").rglob("*.py") if "raise ValueError(" in path.read_text("utf-8")]
    assert policy == []


def test_an_error_is_told_in_either_language_and_str_is_english() -> None:
    error = ListError.of("errors.nobody_left", counts=[Message("results.counted", {"name": "x", "count": 1_200})])
    assert str(error) == ("A list must hold someone to contact. Nobody is left. x 1,200.\nHint: see the policy")
    assert error.in_words("zh") == "名单必须有可联系的客户。一名也没有剩下。x 1,200。\n提示：请查看政策"
    assert error.in_words("en") == str(error)


def test_an_error_comes_through_a_process_whole() -> None:
    error = PolicyError.of("errors.file.policy", name="retail.toml")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  our own
    assert isinstance(again, SegmentError)
    assert isinstance(again, ToldError)
    assert str(again) == str(error) == "policy `retail.toml`"
