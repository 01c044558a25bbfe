"""What a feature means and what it is measured in, in the reader's language."""

from __future__ import annotations

import re
from typing import Final

from segment.messages import Message
from segment.sentences import Sentences

_MEANS: Final = ("deposits", "wealth", "debt", "balance")
_MADE_OF: Final = {"balance": "product", "flow": "kind", "count": "channel", "visits": "channel"}
_ONE_OF: Final = re.compile(r"(?P<what>holds|closing)_(?P<of>.+)")
_SIGNAL_TREND: Final = re.compile(r"signal_(?P<signal>.+)_trend")
_RUN_RATE: Final = re.compile(r"run_rate_(?P<group>[a-z]+)_(?P<months>\d+)m")
_OF_USUAL: Final = re.compile(r"(?P<measure>.+)_(?P<months>[13])m_of_usual")
_OVER_MONTHS: Final = re.compile(r"(?P<measure>.+?)(?P<how>_trend|_variability|)_(?P<months>\d+)m")


def feature_words(feature: tuple[str, str, str, str], t: Sentences) -> list[str]:
    """Say a feature's name, unit, meaning and source; a meaning of an older release stands as it was written."""
    name, unit, meaning, source = feature
    english = Sentences()
    message = _message(name, t)
    shown = (
        t.of(message) if message and english.of(_message(name, english) or message) == meaning else t.quoted(meaning)
    )
    return [t.code(name), t.word("features.unit.", unit), shown, t.word("features.source.", source)]


def _message(name: str, t: Sentences) -> Message | None:
    if t.knows(f"features.meaning.{name}"):
        return Message(f"features.meaning.{name}")
    if match := _SIGNAL_TREND.fullmatch(name):
        return Message("features.signal_trend", match.groupdict())
    if match := _RUN_RATE.fullmatch(name):
        group = Message(f"features.run_rate_of.{match['group']}")
        return Message("features.run_rate", {"measure": group, "span": _span(int(match["months"]))})
    if match := _ONE_OF.fullmatch(name):
        part = "family" if match["what"] == "holds" else "product"
        return Message(f"features.{match['what']}", {part: _word(part, match["of"], t)})
    if match := _OF_USUAL.fullmatch(name):
        measure = Message(f"features.usual.{match['measure']}")
        return Message(f"features.of_usual.{match['months']}", {"measure": measure})
    match = _OVER_MONTHS.fullmatch(name)
    return _over_months(match["measure"], match["how"], int(match["months"]), t) if match else None


def _over_months(measure: str, how: str, months: int, t: Sentences) -> Message | None:
    first, _, rest = measure.partition("_")
    if first in _MADE_OF and not t.knows(f"features.measure.{measure}"):
        part = _MADE_OF[first]
        words = Message(f"features.of.{first}", {part: _word(part, rest, t)})
    else:
        of_change = f"features.change.{measure}"
        key = of_change if how and t.knows(of_change) else f"features.measure.{measure}"
        if not t.knows(key):
            return None
        words = Message(key)
    shape = how.removeprefix("_") or ("mean" if first in _MEANS else "sum")
    return Message(f"features.{shape}", {"measure": words, "span": _span(months), "months": months})


def _span(months: int) -> Message:
    return Message("features.span.month") if months == 1 else Message("features.span.months", {"months": months})


def _word(part: str, name: str, t: Sentences) -> str:
    return t.quoted(t.word(f"features.{part}.", name.replace("_", " ")))
