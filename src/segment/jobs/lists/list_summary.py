"""What a list says of itself: its worth, what was left out and why, and what its arms can show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from segment.jobs.lists.moves import CampaignWindow
from segment.messages import Message
from segment.policy import Policy
from segment.upgrade.chances import LearnedChances, PolicyAsked
from segment.upgrade.list_worth import ListWorth, months_until_shown
from segment.upgrade.power import detectable_difference

ALL = "all programmes"
"""Of the row that pools them: who is control of one programme is contacted in none."""


def worth_messages(worth: ListWorth, months: int, gain_12m: float) -> Iterator[Message]:
    """Say what a list is worth, what its hours buy, what was left out, and what one adviser more would bring."""
    figures = vars(worth)
    yield Message("upgrade.gain", {**figures, "months": months, "gain": gain_12m})
    if not worth.pays:
        yield Message("upgrade.not_worth_its_work", figures)
    if worth.hours:
        yield Message("upgrade.hours", {**figures, "each": worth.value_of_hours / worth.hours})
    if worth.left_out:
        yield Message("upgrade.left_out", {"parts": [_left_out(*part) for part in worth.left_out.items()]})
    branch = worth.adviser_more_branch
    more = {"worth": worth.adviser_more, "branch": branch, "months": months}
    yield Message("upgrade.adviser_more", more) if branch else Message("upgrade.adviser_more_nothing")


def _left_out(cause: str, sums: tuple[int, float]) -> Message:
    limit, _, name = cause.partition(" ")
    known = {"channel": "by_channel", "programme": "by_programme"}
    code = known.get(limit, cause.replace(" ", "_"))
    return Message(f"upgrade.left.{code}", {"customers": sums[0], "value": sums[1], "name": name})


def chance_messages(chances: LearnedChances) -> Iterator[Message]:
    """Say by programme what a contact is taken to add, what of it is the policy's word, and what outcomes refute."""
    if not chances.programmes:
        yield Message("chances.of_the_policy")
    for programme in chances.programmes:
        yield Message("chances.learned", {**vars(programme), "prior_weight": 1.0 - programme.own_weight})
    for asked in chances.asked:
        yield Message(_answer(asked), vars(asked))


def _answer(asked: PolicyAsked) -> str:
    if not asked.refuted:
        return "chances.not_refuted" if asked.after else "chances.never_refuted"
    return "chances.too_high" if asked.promised > (asked.low + asked.high) / 2.0 else "chances.too_low"


def launch_table(whole: pl.DataFrame, campaigns: Sequence[CampaignWindow], policy: Policy) -> pl.DataFrame:
    """What each programme of a list can show, and all of them together with the lists of the months before."""
    # odds as assumed before any outcome of this list is known; a household counts once
    order = {code: programme.priority for code, programme in policy.programmes.items()}
    past = (
        pl.concat([window.listed.select("household", "arm", "programme") for window in campaigns])
        if campaigns
        else None
    )
    parts = sorted(whole["programme"].unique(), key=lambda code: order[code])
    rows = [_power(code, whole.filter(pl.col("programme") == code), _of(past, code)) for code in parts]
    if len(rows) > 1:
        rows.append(_power(ALL, whole, past))
    return pl.DataFrame(rows)


def _of(past: pl.DataFrame | None, code: str) -> pl.DataFrame | None:
    return None if past is None else past.filter(pl.col("programme") == code)


def _power(name: str, rows: pl.DataFrame, past: pl.DataFrame | None) -> dict[str, object]:
    arms, before = _households(rows), (0, 0) if past is None else _households(past)
    rate = float(rows["conversion_probability"].mean() or 0.0)  # type: ignore[arg-type]
    uplift = float(rows["uplift"].mean() or 0.0)  # type: ignore[arg-type]
    return {
        "programme": name,
        "contact": arms[0],
        "control": arms[1],
        "expected": rate,
        "detectable": detectable_difference(rate, *arms),
        "uplift": uplift,
        "months": months_until_shown(rate, uplift, arms, before),
    }


def _households(rows: pl.DataFrame) -> tuple[int, int]:
    contacted, control = (rows.filter(pl.col("arm") == arm)["household"].n_unique() for arm in ("contact", "control"))
    return contacted, control


def launch_messages(launch: pl.DataFrame) -> Iterable[Message]:
    """Say what each programme can show now, and after how many lists the effect that is expected."""
    return [_launch_message(row) for row in launch.to_dicts()]


def _launch_message(row: Mapping[str, Any]) -> Message:
    name = Message("upgrade.all_programmes") if row["programme"] == ALL else row["programme"]
    arms = Message("upgrade.arms", {**row, "programme": name})
    if not row["contact"] or not row["control"]:
        return Message("results.no_effect", {**row, "arms": arms})
    code = "upgrade.launch" if row["months"] else "upgrade.launch_never"
    return Message(code, {**row, "arms": arms})
