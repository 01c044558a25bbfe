"""What commands do less for want of something in the ledger: all of it for `check`, a line for each that is limited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from segment.cli.show import say
from segment.settings import Settings
from segment.workspace import Workspace


def say_switched_off(codes: Iterable[str]) -> None:
    """List everything that is off."""
    from segment.sentences import Sentences

    t = Sentences(Settings().language)
    lines = [f"  {code:<36}{t('limits.off.' + code)}" for code in codes]
    if lines:
        say("\n".join(["", t("limits.off_heading"), *lines]))


def say_limits(command: str, workspace: Workspace, as_of: dt.date) -> None:
    """Say in a line, beside a result, for want of what a command does less."""
    from segment.jobs.build.extract import what_is_off
    from segment.ledger.switched_off import limited
    from segment.messages import Message
    from segment.sentences import Sentences

    parts = [Message(f"limits.off.{code}") for code in limited(command, what_is_off(workspace, as_of))]
    if parts:
        say(Sentences(Settings().language)("limits.off_of_command", parts=parts), err=True)
