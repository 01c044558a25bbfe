"""What is wrong with a value of a file or of the environment, from what pydantic found, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic_core import ErrorDetails

from segment.exceptions import ValueFault
from segment.messages import Message


def value_faults(found: Sequence[ErrorDetails], start: str = "") -> list[Message]:
    """Say of each fault where it is and what is wrong; `start`: Of the names of variables of the environment."""
    places = (".".join(map(str, fault["loc"])) for fault in found)
    named = [start + place.replace(".", "_").upper() if start else place for place in places]
    return [
        Message("errors.at_place", {"place": place, "fault": _told(fault)})
        for place, fault in zip(named, found, strict=True)
    ]


def _told(fault: ErrorDetails) -> Message | str:
    from segment.sentences import Sentences

    key = f"errors.value.{fault['type']}"
    if not Sentences().knows(key):
        return fault["msg"]  # what pydantic may find beside what the catalogues tell, in its English
    figures = dict(fault.get("ctx", {}))
    if isinstance(own := figures.get("error"), ValueFault):
        figures["error"] = own.args[0]
    for name in {"min_length", "max_length"} & set(figures):
        unit = "character" if fault["type"].startswith("string") else "item"
        figures["length"] = Message(f"errors.value.{unit}{'' if figures[name] == 1 else 's'}", {"count": figures[name]})
    return Message(key, figures)
