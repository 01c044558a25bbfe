"""What is wrong with a value of a file or of the environment, from what pydantic found, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic_core import ErrorDetails

from segment.exceptions import ValueFault
from segment.messages import Message

TOLD: Final = frozenset({
    "bool_parsing", "bool_type", "date_from_datetime_inexact", "date_from_datetime_parsing", "date_parsing",
    "date_type", "dict_type", "extra_forbidden", "finite_number", "float_parsing", "float_type", "greater_than",
    "greater_than_equal", "int_from_float", "int_parsing", "int_type", "less_than", "less_than_equal", "list_type",
    "literal_error", "missing", "model_attributes_type", "model_type", "set_type",
    "string_pattern_mismatch", "string_too_long", "string_too_short", "string_type", "too_long", "too_short",
    "tuple_type", "value_error",
})  # fmt: skip
"""Kinds of pydantic's faults that the catalogues have sentences for; what else it may find is told in its English."""


def value_faults(found: Sequence[ErrorDetails], start: str = "") -> list[Message]:
    """Say of each fault where it is and what is wrong; `start`: Of the names of variables of the environment."""
    places = (".".join(map(str, fault["loc"])) for fault in found)
    named = [start + place.replace(".", "_").upper() if start else place for place in places]
    return [
        Message("errors.at_place", {"place": place, "fault": _told(fault)})
        for place, fault in zip(named, found, strict=True)
    ]


def _told(fault: ErrorDetails) -> Message | str:
    if fault["type"] not in TOLD:
        return fault["msg"]
    figures = dict(fault.get("ctx", {}))
    if isinstance(own := figures.get("error"), ValueFault):
        figures["error"] = own.args[0]
    for name in {"min_length", "max_length"} & set(figures):
        unit = "character" if fault["type"].startswith("string") else "item"
        figures["length"] = Message(f"errors.value.{unit}{'' if figures[name] == 1 else 's'}", {"count": figures[name]})
    return Message(f"errors.value.{fault['type']}", figures)
