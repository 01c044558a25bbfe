"""The answer to a customer, as a page in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from segment.contribution import LINES
from segment.exceptions import PublishError
from segment.jobs.access import chinese, english
from segment.jobs.access.explain import Explained
from segment.jobs.card.blocks import Block, Heading, Points, Table, Text, as_html, as_markdown
from segment.warehouse import write_whole

LANGUAGES: Final[dict[str, ModuleType]] = {"en": english, "zh": chinese}
ENDINGS = (".md", ".html")


def as_page(explained: Explained, language: str) -> str:
    """Write the page as Markdown.

    Parameters
    ----------
    explained : Explained
        What is held.
    language : {"en", "zh"}
        Of the sentences.

    Returns
    -------
    str
    """
    return as_markdown(_blocks(explained.facts, words_of(language)))


def write_page(explained: Explained, path: Path, language: str) -> None:
    """Write the page to a file that its owner alone can read.

    Parameters
    ----------
    explained : Explained
        What is held.
    path : Path
        Ending in ``.md`` or ``.html``.
    language : {"en", "zh"}
        Of the sentences.
    """
    words = words_of(language)
    check_ending(path)
    text = as_page(explained, language)
    if path.suffix == ".html":
        text = as_html(words.SAID["title"], _blocks(explained.facts, words), language)
    write_whole(path, lambda beside: beside.write_text(text, encoding="utf-8"))


def check_ending(path: Path) -> None:
    """Refuse a file of another kind, before any work is done.

    Parameters
    ----------
    path : Path
        Where the page shall be written.

    Raises
    ------
    PublishError
        For any ending but those of `ENDINGS`.
    """
    if path.suffix not in ENDINGS:
        raise PublishError.with_hint(f"The page's file must end in {' or '.join(ENDINGS)}.", "change the ending")


def words_of(language: str) -> ModuleType:
    """Find a language's sentences.

    Parameters
    ----------
    language : str
        Two letters.

    Returns
    -------
    module

    Raises
    ------
    PublishError
        Where there are none.
    """
    if language not in LANGUAGES:
        raise PublishError.with_hint(
            f"The language must be one of {', '.join(LANGUAGES)}. Got {language}.", "--language en"
        )
    return LANGUAGES[language]


def _blocks(facts: dict[str, Any], words: ModuleType) -> Iterator[Block]:
    said = words.SAID
    yield Heading(said["title"], 1)
    yield Text(said["as_of"].format(**facts))
    yield Heading(said["tier_heading"])
    since = f" {said['since'].format(day=facts['tier_since'])}" if facts["tier_since"] else ""
    yield Text(said["tier"].format(tier=words.TIERS[facts["tier"]]) + since)
    yield Text(said["use"])
    yield Heading(said["reasons_heading"])
    yield Points([words.REASONS[code] for code in facts["reasons"]])
    yield Heading(said["service_heading"])
    yield from _service(facts, said)
    yield Heading(said["figures_heading"])
    yield from _figures(facts, words)
    yield Heading(said["levers_heading"])
    yield from _levers(facts, said)
    yield from _data(facts, words)
    yield from _uses(facts, words)
    yield from _rights(facts, words)


def _service(facts: dict[str, Any], said: dict[str, str]) -> Iterator[Block]:
    plan = facts["service"]
    if facts["generic"]:
        yield Text(said["generic"])
    if plan is None:
        yield Text(said["no_plan"])
        return
    lines = [
        said["counter"].format(
            minutes=plan["counter_wait_minutes"], decision=plan["decision_days"], complaint=plan["complaint_days"]
        )
    ]
    lines += [said["fast_lane"]] if plan["fast_lane"] else []
    lines += [said["contact"].format(days=plan["contact_every_days"])] if plan["contact_every_days"] else []
    lines.append(said["tracked"].format(who=plan["tracked_by"]))
    lines += [
        said["waiver"].format(item=item, low=low, high=high) for item, (low, high) in plan["waivers"].items() if high
    ]
    lines += [said["offers"].format(offers=", ".join(plan["offers"]))] if plan["offers"] else []
    yield Points(lines)


def _figures(facts: dict[str, Any], words: ModuleType) -> Iterator[Block]:
    said, figures = words.SAID, facts["figures"]
    sums = {name: f"{figures[f'{name}_12m']:,.0f}" for name in ("income", "cost", "contribution")}
    yield Text(said["sums"].format(months=min(12, figures["months_observed"]), **sums))
    sides = {line.name: said[line.side] for line in LINES}
    rows = [
        (words.LINES[name], sides[name], round(amount)) for name, amount in figures["lines"].items() if round(amount)
    ]
    yield Table((said["line"], "", said["amount"]), rows) if figures["lines"] else Text(said["no_lines"])
    yield Text(said["forecast"].format(**{name: f"{value:,}" for name, value in facts["forecast"].items()}))
    if facts["main_bank_elsewhere"] and facts["wallet_elsewhere_12m"] is not None:
        yield Text(said["elsewhere"].format(wallet=f"{facts['wallet_elsewhere_12m']:,}"))


def _levers(facts: dict[str, Any], said: dict[str, str]) -> Iterator[Block]:
    levers = facts["levers"]
    if not levers:
        yield Text(said["no_levers"])
        return
    yield Points([said["lever"].format(name=one["name"], gain=f"{one['gain_12m']:,}") for one in levers])
    yield Text(said["lifts" if levers[0]["lifts"] else "no_lift"])


def _data(facts: dict[str, Any], words: ModuleType) -> Iterator[Block]:
    said = words.SAID
    yield Heading(said["data_heading"])
    rows = [
        (words.TABLES[one["table"]], one["rows"], " – ".join(day[:7] for day in one["months"]) if one["months"] else "")
        for one in facts["data"]
    ]
    yield Table((said["data"], said["rows"], said["period"]), rows)
    yield Text(said["features"].format(**facts) + " " + said["kept"].format(months=facts["kept_months"]))
    yield Heading(said["not_used_heading"])
    yield Points([words.NOT_USED[name] for name in facts["not_used"]])


def _uses(facts: dict[str, Any], words: ModuleType) -> Iterator[Block]:
    said = words.SAID
    yield Heading(said["lists_heading"])
    lines = [
        said["list"].format(on=one["list_on"], purpose=one["purpose"], arm=words.ARMS[one["arm"]])
        for one in facts["lists"]
    ]
    lines += [said["released"].format(on=one["released_on"], purpose=one["purpose"]) for one in facts["released"]]
    yield Points(lines) if lines else Text(said["no_lists"])
    yield Heading(said["decisions_heading"])
    decided = [*_overrides(facts, words), *_reviews(facts, said)]
    decided += [
        said["objection"].format(against=said[one["against"]], on=one["made_on"]) for one in facts["objections"]
    ]
    yield Points(decided) if decided else Text(said["no_decisions"])


def _overrides(facts: dict[str, Any], words: ModuleType) -> list[str]:
    return [
        words.SAID["override"].format(
            role=one["role"],
            tier=words.TIERS[one["tier"]],
            start=one["starts_on"],
            end=one["expires_on"],
            why=one["why"],
        )
        for one in facts["overrides"]
    ]


def _reviews(facts: dict[str, Any], said: dict[str, str]) -> list[str]:
    return [
        said["review_done" if one["decision"] else "review_open"].format(
            on=one["proposed_on"],
            action=one["action"],
            decided=one["decided_on"],
            decision=one["decision"],
            why=one["why"] or "",
        )
        for one in facts["reviews"]
    ]


def _rights(facts: dict[str, Any], words: ModuleType) -> Iterator[Block]:
    said = words.SAID
    yield Heading(said["rights_heading"])
    yield Points(
        [
            said["human"].format(review=facts["review"]),
            said["object"],
            said["correct"],
            said["erase"],
            said["whom"].format(contact=facts["contact"]),
            said["law"].format(law=words.LAW[facts["jurisdiction"]]),
            said["versions"].format(policy=facts["policy_version"], model=facts["model_version"]),
        ]
    )
