"""An employer whose staff begin to be paid elsewhere is seen in the extract, in what was published, and on its page."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest

from segment.jobs.build.extract import extract, extracted
from segment.jobs.publish.publication_report import Publication
from segment.messages import Message
from segment.policy import load_policy
from segment.sentences import Sentences
from segment.warehouse.published_tiers import published_tiers
from segment.workspace import Workspace
from tests.conftest import AS_OF, RETAIL, Bank

LEFT = dt.date(2025, 11, 30)
ALARM = Message("gates.alarm.employer", {"people": 22, "stopped": 6, "last_on": "2025-09-30"})


@pytest.mark.slow
def test_an_extract_raises_one_alarm_for_an_employers_staff_and_names_nobody(small_bank: Path, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    made = extract(str(small_bank), LEFT, workspace, load_policy(RETAIL), n_jobs=1)
    (alarm,) = made.alarms
    assert (alarm.code, alarm.figures["people"], alarm.figures["stopped"]) == ("gates.alarm.employer", 22, 6)
    assert alarm.figures.keys() == {"people", "stopped", "last_on"}
    assert extracted(workspace, LEFT) == made
    assert "Alarm: Of 22 people who were paid" in str(made)
    assert json.loads((workspace.runs / f"extract-{LEFT}.json").read_text(encoding="utf-8"))["alarms"]


def test_a_publication_shows_it_with_its_other_alarms(bank: Bank) -> None:
    source, tiers = extracted(bank.workspace, AS_OF), published_tiers(bank.workspace, AS_OF, None)
    made = Publication.of(tiers, 1, replace(source, alarms=(ALARM,)), (), bank.policy, [])
    assert made.alarms[0] == ALARM
    assert made.to_dict()["alarm_codes"][0] == ALARM.to_dict()
    assert "6 have not been paid here since" in str(made)
    assert "代发工资" in Sentences("zh").of(ALARM)


def test_an_extract_of_an_older_release_has_no_alarms(bank: Bank) -> None:
    path = bank.workspace.runs / f"extract-{AS_OF}.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content.pop("alarms", None)
    path.write_text(json.dumps(content), encoding="utf-8")
    assert extracted(bank.workspace, AS_OF).alarms == ()
