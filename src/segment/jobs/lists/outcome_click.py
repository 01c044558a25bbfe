"""One outcome said by a click, and taken back by the one who clicked, on the same day."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Mapping
from typing import Final

import polars as pl

from segment.exceptions import InputFileError
from segment.jobs.lists.take_outcomes import merge_strictest
from segment.messages import Message
from segment.settings import current_user
from segment.store.erasure_register import keep_outside
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record
from segment.store.row_store import delete_rows, read_rows, upsert_rows
from segment.store.stored_tables import LIST_ROWS, OUTCOME_CLICKS, OUTCOMES
from segment.store.tombstones import subject_key
from segment.store.transactions import after_commit, transaction
from segment.warehouse.workspace_clock import workspace_clock
from segment.workspace import Workspace

DO_NOT_CONTACT: Final = "do_not_contact"
CLICKS: Final = ("moved", "interested", "declined", "no_answer", DO_NOT_CONTACT)


def click_outcome(workspace: Workspace, list_id: str, customer_id: str, click: str) -> str:
    """Keep what came of a contact today, as a file of outcomes would.

    Parameters
    ----------
    workspace : Workspace
        Keeps it.
    list_id, customer_id : str
        A row of a list, of its contact arm.
    click : str
        One of `CLICKS`; `do_not_contact` declines, and keeps the customer off lists for good.

    Returns
    -------
    str
        By which it can be taken back.

    Raises
    ------
    InputFileError
        Where there is no such row or no such outcome.
    """
    today = workspace_clock(workspace).today
    own = pl.col("customer_id") == customer_id
    with transaction(workspace):
        after_commit(workspace, lambda: keep_outside(workspace))
        listed = read_rows(workspace, LIST_ROWS, "list_id", [list_id]).filter(own & (pl.col("arm") == "contact"))
        if click not in CLICKS or listed.is_empty():
            raise InputFileError.of("errors.unknown_outcome", clicks=CLICKS)
        before = read_rows(workspace, OUTCOMES, "list_id", [list_id]).filter(own)
        given = _row(list_id, customer_id, click, today).select(before.columns)
        after = merge_strictest(before, given)
        upsert_rows(workspace, OUTCOMES, after)
        click_id = secrets.token_hex(16)
        kept = {"click_id": click_id, "list_id": list_id, "customer_id": customer_id, "clicked_by": current_user()}
        rows = {"before": _text(before), "after": _text(after), "clicked_on": today}
        upsert_rows(workspace, OUTCOME_CLICKS, pl.DataFrame([{**kept, **rows}], schema=OUTCOME_CLICKS.schema))
        content = _content(list_id, subject_key(workspace, customer_id), click)
        append_record(workspace, RecordKind.OUTCOMES_TAKEN, by=current_user(), why="said on the page", content=content)
    return click_id


def undo_outcome(workspace: Workspace, click_id: str) -> None:
    """Take a click back: what stood before stands again.

    Parameters
    ----------
    workspace : Workspace
        Keeps it.
    click_id : str
        What `click_outcome` returned.

    Raises
    ------
    InputFileError
        Where it is another person's click or another day's, or the outcome was changed since.
    """
    today = workspace_clock(workspace).today
    with transaction(workspace):
        after_commit(workspace, lambda: keep_outside(workspace))
        clicks = read_rows(workspace, OUTCOME_CLICKS, "click_id", [click_id])
        mine = clicks.filter((pl.col("clicked_by") == current_user()) & (pl.col("clicked_on") == today))
        if mine.is_empty():
            raise _cannot(Message("errors.outcome_of_other"))
        click = mine.row(0, named=True)
        own = pl.col("customer_id") == click["customer_id"]
        now = read_rows(workspace, OUTCOMES, "list_id", [click["list_id"]]).filter(own)
        if _text(now) != click["after"]:
            raise _cannot(Message("errors.outcome_changed"))
        delete_rows(workspace, OUTCOMES, now)
        upsert_rows(workspace, OUTCOMES, _rows(click["before"]))
        delete_rows(workspace, OUTCOME_CLICKS, mine)
        content = _content(click["list_id"], subject_key(workspace, click["customer_id"]), "taken back")
        append_record(
            workspace, RecordKind.OUTCOME_WITHDRAWN, by=current_user(), why="a click was taken back", content=content
        )


def _row(list_id: str, customer_id: str, click: str, today: dt.date) -> pl.DataFrame:
    response = "declined" if click == DO_NOT_CONTACT else click
    row = {
        "list_id": list_id,
        "customer_id": customer_id,
        "contacted_on": today,
        "response": response,
        "responded_on": None if response == "no_answer" else today,
        "do_not_contact": click == DO_NOT_CONTACT,
        "wallet_feedback": None,
    }
    return pl.DataFrame([row], schema=OUTCOMES.schema)


def _content(list_id: str, subject: str, click: str) -> Mapping[str, object]:
    """What the record says: never who, but for whoever can ask about an id."""
    return {"list_id": list_id, "subject": subject, "outcome": click}


def _text(rows: pl.DataFrame) -> str:
    return json.dumps(rows.sort(OUTCOMES.key).rows(), default=str)


def _rows(text: str) -> pl.DataFrame:
    texts = pl.DataFrame(json.loads(text), schema=dict.fromkeys(OUTCOMES.schema), orient="row")
    return texts.cast(OUTCOMES.schema)  # type: ignore[arg-type]


def _cannot(what: Message) -> InputFileError:
    return InputFileError.of("errors.outcome_stays", what=what)
