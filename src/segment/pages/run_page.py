"""What a run did, as one self-contained page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from segment.messages import Message
from segment.pages import render
from segment.pages.gate_sentences import finding_of
from segment.sentences import Language, catalogue
from segment.tiers import TIERS
from segment.tiers.standing import STANDINGS
from segment.tiers.table import WITHHELD_BELOW

PAGE = "run.html"

_TEMPLATE = "run_page.jinja"
_STEPS = ("extract", "load", "score", "gates", "prove", "publish", "shadow")  # in the order of a refresh
_SUMS = ("customers_sum", "unheld", "unused_capacity", "erased", "unexplained", "total")
_BRIDGE = ("all_customers", "of_customers_who_left", "commissions_as_booked", "commissions_as_spread", "published")


def write_page(run: Mapping[str, Any], path: Path, language: Language = "en") -> None:
    """Write the page."""
    render.write_page(path, _TEMPLATE, language, **run_content(run))


def run_text(run: Mapping[str, Any], language: Language = "en") -> str:
    """Return the page as Markdown."""
    return render.render(_TEMPLATE, "md", language, **run_content(run))


def run_content(run: Mapping[str, Any]) -> dict[str, object]:
    """Give what the page shows."""
    published, shadow = run.get("published") or {}, run.get("shadow") or {}
    codes = published.get("alarm_codes")
    return {
        "run": run,
        "alarms": published.get("alarms", []) if codes is None else [Message.from_dict(code) for code in codes],
        "flag_gates": published.get("flag_gates"),
        "limits": [Message.from_dict(limit) for limit in published.get("limits", [])],
        "switched_off": [Message(f"limits.off.{code}") for code in (run.get("ledger") or {}).get("switched_off", [])],
        "notices": [(found["table"], _meaning(found), found["count"]) for found in _notices(run)],
        "not_compared": finding_of(shadow, "not_compared"),
        "finding": finding_of,
        "least": WITHHELD_BELOW,
        "tiers": TIERS,
        "standings": published.get("standings"),  # of an older release, not known
        "apart": STANDINGS[1:-1],
        "steps": _STEPS,
        "sums": _SUMS,
        "bridge": _BRIDGE,
    }


def _notices(run: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return (run.get("ledger") or {}).get("notices") or []


def _meaning(notice: Mapping[str, Any]) -> str | Message:
    """Read what a notice means; an older release stored its sentence."""
    meaning, code = notice["meaning"], f"check.notice.{notice['name']}"
    if isinstance(meaning, Mapping):
        return Message.from_dict(meaning)
    names_no_figure = "{" not in catalogue("check", "en").get(code, "{")
    return Message(code) if names_no_figure else str(meaning)
