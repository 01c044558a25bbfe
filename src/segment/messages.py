"""A finding as data: a code and the figures that its sentence names. `segment.pages` makes the sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Message:
    """What was found, not yet in anybody's language."""

    code: str  # a key of the catalogues, such as `gates.drift.moved`
    figures: Mapping[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.code)

    def __lt__(self, other: Message) -> bool:
        return repr(self) < repr(other)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values; messages among the figures become plain too."""
        return {"code": self.code, "figures": {name: _plain(value) for name, value in self.figures.items()}}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Message:
        """Read what `to_dict` wrote."""
        return cls(content["code"], {name: _read(value) for name, value in content["figures"].items()})


def _plain(value: Any) -> Any:
    if isinstance(value, Message):
        return value.to_dict()
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value


def _read(value: Any) -> Any:
    if isinstance(value, dict) and value.keys() == {"code", "figures"}:
        return Message.from_dict(value)
    return [_read(part) for part in value] if isinstance(value, list) else value
