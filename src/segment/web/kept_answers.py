"""Answers that take long at a large bank, kept by the page while nothing that they were made of has changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar

T = TypeVar("T")


class KeptAnswers:
    """The last answer to each question, and what it was made of."""

    def __init__(self) -> None:
        self._answers: dict[str, tuple[Hashable, object]] = {}
        self._alone: dict[str, Lock] = {}

    def of(self, question: str, made_of: Hashable, make: Callable[[], T]) -> T:
        """Give the answer again, or make it: one at a time, for whoever else asks waits for the same."""
        with self._alone.setdefault(question, Lock()):
            kept = self._answers.get(question)
            if kept is None or kept[0] != made_of:
                kept = (made_of, make())
                self._answers[question] = kept
        return kept[1]  # type: ignore[return-value]
