"""What the page keeps is given again while nothing changed, and made by one for all who ask at once."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

from segment.store.record_kinds import LOOKS, RecordKind
from segment.store.records import append_record, last_act
from segment.web.kept_answers import KeptAnswers
from segment.workspace import Workspace


def test_an_answer_is_made_anew_when_what_it_was_made_of_changes() -> None:
    kept, made = KeptAnswers(), []

    def answer(made_of: int) -> int:
        return kept.of("effects", made_of, lambda: made.append(made_of) or made_of)

    assert [answer(1), answer(1), answer(2), answer(1)] == [1, 1, 2, 1]
    assert made == [1, 2, 1]
    assert kept.of("another", 1, lambda: "own") == "own"


def test_who_asks_meanwhile_waits_for_the_same_answer() -> None:
    kept, made, begun, go_on, given = KeptAnswers(), [], Event(), Event(), []

    def slowly() -> str:
        made.append(1)
        begun.set()
        go_on.wait(10)
        return "once"

    people = [Thread(target=lambda: given.append(kept.of("effects", 1, slowly))) for _ in range(3)]
    for person in people:
        person.start()
    begun.wait(10)
    go_on.set()
    for person in people:
        person.join()
    assert (made, given) == ([1], ["once"] * 3)


def test_a_look_is_no_act(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    append_record(workspace, RecordKind.OUTCOMES_TAKEN, by="a", why="b", content={"rows": 1})
    number = last_act(workspace)
    for kind in LOOKS:
        append_record(workspace, kind, by="a", why="b", content={"rows": 1})
    assert last_act(workspace) == number > 0
    append_record(workspace, RecordKind.OBJECTION_MADE, by="a", why="b", content={"rows": 1})
    assert last_act(workspace) == number + len(LOOKS) + 1
