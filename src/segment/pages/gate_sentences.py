"""Gates whose finding is a code: they say it in English, and pages in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segment.gate import Gate
from segment.messages import Message
from segment.sentences import Sentences


def gate(name: str, holds: bool, finding: Message, figures: Mapping[str, float] | None = None) -> Gate:
    """Make a gate of what was found."""
    return Gate(name, holds, Sentences().of(finding), dict(figures or {}), finding=finding)


def finding_of(content: Mapping[str, Any], sentence: str = "said") -> Message | str:
    """Read what a file says was found; one of an older release has the sentence alone."""
    return Message.from_dict(content["finding"]) if "finding" in content else content.get(sentence, "")
