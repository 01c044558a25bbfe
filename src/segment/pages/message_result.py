"""What a job hands back says what came of it as codes with figures; this puts them into words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping

from segment.messages import Message
from segment.sentences import Language, Sentences


class MessageResult(ABC):
    """A result that a command prints."""

    @abstractmethod
    def messages(self) -> Iterable[Message | str]:
        """Say what came of it, a line each; a string is a sentence of an older release."""

    def in_words(self, language: Language = "en") -> str:
        """Say it in a language."""
        return "\n".join(Sentences(language).each(self.messages()))

    def __str__(self) -> str:
        """Say it in English."""
        return self.in_words()


def counted(counts: Mapping[str, int], prefix: str | None = None) -> list[Message]:
    """Name each count: of codes, tables or actions as they are, or by the catalogue's words below a prefix."""
    names = {name: name if prefix is None else Message(prefix + name.replace(" ", "_")) for name in counts}
    return [Message("results.counted", {"name": names[name], "count": count}) for name, count in counts.items()]
