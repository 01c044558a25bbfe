"""What a bank begins with: a folder with settings, a policy to fill in, an example of each table, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from segment.exceptions import UsageError
from segment.files import make_folder, write_text
from segment.ledger.contract import TABLES
from segment.ledger.examples import EXAMPLES
from segment.messages import Message
from segment.model_folder import find_model_file
from segment.pages.message_result import MessageResult
from segment.pages.render import render
from segment.pages.tables_page import tables_page
from segment.policy.marked_figures import marked_figures
from segment.sentences import Language
from segment.settings import PROJECT_FILE

_SETTINGS = """\
# What every command in this folder, and in any below, goes by. The environment and options come before it.
ledger = "ledger"               # a folder of tables, or the URL of a database
policy = "policy.toml"
workspace = "workspace"         # everything that is built; names customers, so it is closed to others
jurisdiction = "{jurisdiction}"
language = "{language}"
# tracking = "http://mlflow.example:5000"   # the MLflow server of a team; in the workspace unless given
# store = "postgresql://…"                  # records and rows handed in; in the workspace unless given
{encoding}
"""
_ENCODINGS = {"cn": 'encoding = "gb18030"            # of texts that are not UTF-8: what Excel in Chinese writes'}
_NO_ENCODING = '# encoding = "cp1252"           # of texts that are not UTF-8: what Excel in the West writes'
_MAPPING = """
# ---------------------------------------------------------------- the bank's own words
# Where the ledger's files have names, codes and ways of writing of their own; tables.md has those of the contract.
# Take the marks away and put in yours; `segment check` names what is still unknown.
# [mapping]
# day_format = "%Y%m%d"          # of days that are not written 2025-12-31
# decimal = ","                  # what stands before the decimals
# thousands = "."                # what stands between the thousands
# reversed = ["balances.closing_balance"]   # columns that the bank signs from its own side
# [mapping.columns.customers]    # a table, and the bank's name of a column = the contract's
# "KUNDEN_NR" = "customer_id"
# [mapping.codes.product]        # a column of codes, and the bank's code = a product of this policy
# "GIRO" = "current"
# [mapping.codes.kind]           # or = a word of the contract
# "GEHALT" = "salary"
# [mapping.sides."transactions.amount"]     # amounts without a sign: the column that says debit or credit, its words
# column = "借贷标志"
# debit = ["借", "D"]
# credit = ["贷", "C"]
"""


@dataclass(frozen=True)
class NewProject(MessageResult):
    """A project that was made."""

    folder: str
    jurisdiction: str
    to_fill_in: int  # Figures of its policy that are marked [K]

    def messages(self) -> list[Message]:
        """Say what was made and what comes next."""
        figures = {"folder": self.folder, "figures": self.to_fill_in}
        return [Message("start.made", figures), Message("next.init", {"folder": self.folder})]


def new_project(folder: Path, jurisdiction: Literal["cn", "eu", "uk", "us"], language: Language) -> NewProject:
    """Make a project in an empty or new folder.

    Parameters
    ----------
    folder : Path
        Must not hold a project yet.
    jurisdiction : {"cn", "eu", "uk", "us"}
        Whose law holds, and whose levels of rates and costs the policy begins with.
    language : {"en", "zh"}
        Of its README, and of what commands say in it.

    Returns
    -------
    NewProject

    Raises
    ------
    UsageError
        Where the folder holds a file that would be written.
    """
    policy = find_model_file(f"{jurisdiction}.toml").read_text(encoding="utf-8")
    marked = marked_figures(policy)
    optional = [name for name, table in TABLES.items() if table.optional]
    content = {"required": [name for name in TABLES if name not in optional], "optional": optional, "marked": marked}
    files = {
        PROJECT_FILE: _SETTINGS.format(
            jurisdiction=jurisdiction, language=language, encoding=_ENCODINGS.get(jurisdiction, _NO_ENCODING)
        ),
        "policy.toml": policy + _MAPPING,
        "tables.md": tables_page(),
        "README.md": render("project_readme.jinja", "md", language, **content),
        **{f"examples/{name}.csv": rows for name, rows in EXAMPLES.items()},
        ".gitignore": "/ledger/\n/workspace/\n",
    }
    there = sorted(name for name in files if (folder / name).exists())
    if there:
        raise UsageError.of("errors.project_there", count=len(there), there=there[:3])
    make_folder(folder / "ledger")
    for name, text in files.items():
        write_text(text, folder / name)
    return NewProject(str(folder), jurisdiction, len(marked))
