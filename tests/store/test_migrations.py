"""The tables that migrations make are those that the code works with."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import segment.store.migrations as migrations
from segment.service.service_trial import ENROLLED
from segment.store.migrate import NEWEST
from segment.store.record_kinds import RecordKind
from segment.store.records import append_record
from segment.store.stored_tables import ENROLMENTS, LIST_ROWS, METADATA
from segment.upgrade.ranking import LIST_COLUMNS
from segment.workspace import Workspace


def test_a_new_store_has_every_table_and_column(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    append_record(workspace, RecordKind.GATE_ACCEPTED, by="Ann", why="because", content={})
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(workspace.store)))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_the_newest_revision_is_the_last_of_the_folder() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [NEWEST]


def test_lists_and_enrolments_have_a_column_for_each_of_theirs() -> None:
    assert set(LIST_COLUMNS) | {"household", "stratum", "list_on", "movable_probability", "trigger_evidence"} == set(
        LIST_ROWS.schema
    )
    assert ENROLMENTS.schema == ENROLLED
